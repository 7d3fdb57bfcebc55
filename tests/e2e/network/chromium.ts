// Chromium for network stories: the machine's own, quiet, alone or inside a host.

import { chromium } from 'playwright/test';
import type { Browser } from 'playwright/test';
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
  const secure = (options.secureOrigins ?? []).join(',');
  return chromium.launch({
    executablePath: options.host?.wrapper('/usr/bin/chromium') ?? '/usr/bin/chromium',
    args: [
      ...QUIET,
      ...(secure === '' ? [] : [`--unsafely-treat-insecure-origin-as-secure=${secure}`]),
      ...(options.args ?? []),
    ],
  });
}
