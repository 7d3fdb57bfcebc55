// Stock Firefox ESR for stories, driven over BiDi; Playwright can only drive a Firefox of its own.

import { launch } from 'puppeteer-core';
import type { Browser } from 'puppeteer-core';
import type { Host } from './namespaces.ts';

const FIREFOX = '/usr/bin/firefox-esr';

export function launchFirefox(options: { readonly host?: Host } = {}): Promise<Browser> {
  return launch({
    browser: 'firefox',
    executablePath: options.host?.wrapper(FIREFOX) ?? FIREFOX,
    headless: true,
    extraPrefsFirefox: {
      // Its maker's services: looked up at every start, refused on closed networks, and none of a story's business.
      'browser.safebrowsing.downloads.remote.enabled': false,
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
      'services.settings.server': 'http://127.0.0.1:9/',
    },
  });
}
