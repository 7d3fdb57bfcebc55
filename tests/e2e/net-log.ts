// A browser of its own that writes down every look-up and connection it makes.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type LaunchOptions } from 'playwright/test';

export async function withNetLog(options: LaunchOptions, use: (browser: Browser) => Promise<void>): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'understory-netlog-'));
  const file = path.join(folder, 'net.json');
  try {
    const browser = await chromium.launch({ ...options, args: [...(options.args ?? []), `--log-net-log=${file}`] });
    try {
      await use(browser);
    } finally {
      await browser.close();
    }
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
