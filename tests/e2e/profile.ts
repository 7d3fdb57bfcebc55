// A browser profile on disk that a story can close, kill, open again and search.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext, type LaunchOptions } from 'playwright/test';

export class Profile {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'understory-profile-'));
  readonly #options: LaunchOptions;
  #context: BrowserContext | undefined;

  constructor(options: LaunchOptions) {
    this.#options = options;
  }

  /** The whole browser, with what it kept of earlier times. */
  async open(): Promise<BrowserContext> {
    this.#context = await chromium.launchPersistentContext(this.folder, { ...this.#options, locale: 'en-GB' });
    this.#context.setDefaultTimeout(30_000);
    return this.#context;
  }

  async close(): Promise<void> {
    await this.#context?.close();
    this.#context = undefined;
  }

  /** SIGKILL for every process of the browser: nothing is written or said any more. */
  async kill(): Promise<void> {
    const context = this.#context;
    if (context === undefined) return;
    const gone = new Promise<void>((resolve) => context.once('close', () => resolve()));
    // Playwright starts a browser as leader of a process group of its own.
    for (const leader of this.#leaders()) process.kill(-leader, 'SIGKILL');
    await gone;
    this.#context = undefined;
  }

  async remove(): Promise<void> {
    await this.close().catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  #leaders(): readonly number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        const words = commandOf(pid);
        return words.includes(`--user-data-dir=${this.folder}`) && !words.some((word) => word.startsWith('--type='));
      });
  }
}

function commandOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // It ended while we looked.
  }
}

interface Find {
  readonly canary: string;
  readonly file: string;
  readonly as: string;
}

/** Every place below a folder that holds one of the secrets, as it is or in a usual spelling. */
export function searchFor(folder: string, canaries: Readonly<Record<string, string | Uint8Array>>): readonly Find[] {
  const wanted = Object.entries(canaries).map(([canary, secret]) => ({ canary, spellings: spellingsOf(secret) }));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    const bytes = readFileSync(file);
    return wanted.flatMap(({ canary, spellings }) =>
      spellings
        .filter(({ needle }) => bytes.includes(needle))
        .map(({ as }) => ({ canary, file: path.relative(folder, file), as })),
    );
  });
}

function spellingsOf(secret: string | Uint8Array): readonly { as: string; needle: Buffer }[] {
  const plain = Buffer.from(secret);
  const hex = plain.toString('hex');
  return [
    { as: 'plain', needle: plain },
    { as: 'hex', needle: Buffer.from(hex) },
    { as: 'HEX', needle: Buffer.from(hex.toUpperCase()) },
    ...(typeof secret === 'string' ? [{ as: 'utf-16', needle: Buffer.from(secret, 'utf16le') }] : []),
    ...[0, 1, 2].flatMap((shift) => [
      { as: `base64+${shift}`, needle: Buffer.from(base64At(plain, shift)) },
      {
        as: `base64url+${shift}`,
        needle: Buffer.from(base64At(plain, shift).replaceAll('+', '-').replaceAll('/', '_')),
      },
    ]),
  ];
}

/** What of a longer text's base64 depends on these bytes alone, when `shift` bytes stand before them. */
function base64At(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const end = (bytes.length + shift) % 3 === 0 ? text.length : text.length - 1;
  return text.slice(shift === 0 ? 0 : shift + 1, end);
}
