// After a run: the screens that its workers shared are taken away.
import { forgetScreens } from './built-screens.ts';

export default function forget(): void {
  forgetScreens();
}
