// Chromium for network stories: the machine's own, quiet, alone or inside a host.

import { chromium } from 'playwright/test';
import type { Browser, BrowserContext, LaunchOptions } from 'playwright/test';
import type { Host } from './namespaces.ts';

/** Without these it looks up its maker's hosts at every start, which some machines refuse and some stories count. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface ChromiumOptions {
  /** Runs in this host's network instead of the machine's. */
  readonly host?: Host;
  /** Origins to treat as secure contexts, as https would be: pages from another host have no `crypto.subtle` else. */
  readonly secureOrigins?: readonly string[];
  readonly args?: readonly string[];
}

export function launchChromium(options: ChromiumOptions = {}): Promise<Browser> {
  return chromium.launch(launchOptions(options));
}

/** A browser whose profile stays in `folder`: closed and launched again, it is the same person's. */
export function launchProfile(folder: string, options: ChromiumOptions = {}): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { ...launchOptions(options), locale: 'en-GB' });
}

function launchOptions(options: ChromiumOptions): LaunchOptions {
  const secure = (options.secureOrigins ?? []).join(',');
  return {
    executablePath: options.host?.wrapper('/usr/bin/chromium') ?? '/usr/bin/chromium',
    args: [
      ...QUIET,
      ...(secure === '' ? [] : [`--unsafely-treat-insecure-origin-as-secure=${secure}`]),
      ...(options.args ?? []),
    ],
  };
}
