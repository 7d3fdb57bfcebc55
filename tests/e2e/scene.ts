// What a scene of the looks at screens is.
import type { Page } from 'playwright/test';

/** A screen, and how to get there over a device in memory. */
export interface Scene {
  readonly name: string;
  /** How the device in memory begins (start-in-memory.ts). */
  readonly state: 'new' | 'locked' | 'elsewhere' | 'gone' | 'open' | 'nobody';
  /** Where to go inside the app, then what to do there. Nothing in it depends on the language. */
  readonly place?: string;
  readonly act?: (page: Page) => Promise<void>;
}
