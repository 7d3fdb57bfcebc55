// The screens over a device in memory: `vite dev --mode screens`. Stands in for app/start.ts there and nowhere else;
// `?state=locked|open|elsewhere|gone|new` in the address chooses where it begins, `?many` fills a conversation.

import type { Device } from '#app/api.ts';
import { MemoryDevice } from './memory-device.ts';

export function startDevice(): Device {
  const wish = new URLSearchParams(location.search);
  return new MemoryDevice(wish.get('state') ?? 'new', wish.has('many') ? 10_000 : 40);
}
