// What the installed app takes from its host: a whole version with the hashes its worker names, when it is told to.
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BUILD, expect, test } from './fixtures.ts';
import { launchChromium } from './network/chromium.ts';
import { createLan } from './network/lan.ts';
import { startRelayProcess, type RelayProcess } from './network/relay-process.ts';
import { Person } from './person.ts';

const MANIFEST = '_app/manifest-hashes.json';
const OLD_WORDS = 'Welcome back';
const NEW_WORDS = 'Welcome anew';
const READY = 'A new version of Understory is ready.';

/** The built app as its host may change it. */
class HostedApp {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'understory-app-'));
  readonly chunk: string;

  constructor() {
    cpSync(BUILD, this.folder, { recursive: true });
    const scripts = readdirSync(this.folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.js'),
    );
    const found = scripts.find((file) => this.read(file).includes(OLD_WORDS));
    if (found === undefined) throw new Error('no file of the app holds these words');
    this.chunk = found;
  }

  read(file: string): string {
    return readFileSync(path.join(this.folder, file), 'utf8');
  }

  write(file: string, text: string): void {
    writeFileSync(path.join(this.folder, file), text);
    for (const packed of ['.br', '.gz']) rmSync(path.join(this.folder, file + packed), { force: true });
  }

  changeWords(): void {
    this.write(this.chunk, this.read(this.chunk).replace(OLD_WORDS, NEW_WORDS));
  }

  /** A worker that browsers take for a new one. */
  newWorker(name: string): void {
    const { version } = JSON.parse(this.read('_app/version.json')) as { version: string };
    const worker = this.read('service-worker.js');
    if (!worker.includes(version)) throw new Error('the worker names no version');
    this.write('service-worker.js', worker.replaceAll(version, `${version}-${name}`));
  }

  /** The hashes of what is there now, and a worker that names them. */
  signAnew(): void {
    const before = this.read(MANIFEST);
    const hashes = JSON.parse(before) as Record<string, string>;
    hashes[this.chunk] = sha256(this.read(this.chunk));
    const after = JSON.stringify(hashes);
    this.write(MANIFEST, after);
    this.write('service-worker.js', this.read('service-worker.js').replaceAll(sha256(before), sha256(after)));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

async function restarted(relay: RelayProcess): Promise<void> {
  await relay.kill();
  await relay.restart();
}

async function isInstalled(person: Person): Promise<void> {
  await expect
    .poll(() => person.page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.state))
    .toBe('activated');
}

/** What became of the last version the browser was offered. */
function offered(person: Person): Promise<string> {
  return person.page.evaluate(async () => {
    const registration = (await navigator.serviceWorker.getRegistration())!;
    const found = new Promise<ServiceWorker | null>((resolve) => {
      registration.onupdatefound = () => resolve(registration.installing);
    });
    await registration.update().catch(() => undefined);
    const worker = await found;
    if (worker === null) return 'none';
    while (!['installed', 'redundant'].includes(worker.state)) {
      await new Promise((changed) => worker.addEventListener('statechange', changed, { once: true }));
    }
    return worker.state;
  });
}

test('T24 the installed app refuses a version with a changed file, and takes a new one only when told', async ({
  browser,
}) => {
  const app = new HostedApp();
  const relay = await startRelayProcess({ appFolder: app.folder });
  const alice = await Person.arrive(browser, relay.web);
  try {
    await alice.start();
    await isInstalled(alice);

    // One file changed, and nothing else: it is not even asked for.
    app.changeWords();
    await restarted(relay);
    await alice.page.reload();
    await expect(alice.page.getByRole('heading', { name: OLD_WORDS })).toBeVisible();
    // A new worker that brings the changed file along, under the hashes of before: refused whole.
    app.newWorker('forged');
    await restarted(relay);
    expect(await offered(alice)).toBe('redundant');
    await alice.page.reload();
    await expect(alice.page.getByRole('heading', { name: OLD_WORDS })).toBeVisible();
    await alice.unlock();
    await expect(alice.page.getByText(READY)).toBeHidden();

    // A new version in good order.
    app.signAnew();
    await restarted(relay);
    expect(await offered(alice)).toBe('installed');
    await expect(alice.page.getByText(READY)).toBeVisible();
    await alice.page.reload();
    await expect(alice.page.getByRole('heading', { name: OLD_WORDS })).toBeVisible();
    await alice.unlock();
    await expect(alice.page.getByText(READY)).toBeVisible();
    await alice.button('Lock and use it').click();
    await expect(alice.page.getByRole('heading', { name: NEW_WORDS })).toBeVisible({ timeout: 60_000 });
    await alice.unlock();
    await expect(alice.page.getByText(READY)).toBeHidden();
  } finally {
    await alice.page.context().close();
    await relay.close();
    app.remove();
  }
});

test('opened over plain http from another computer, the page says what is missing and what to do', async () => {
  const lan = createLan(['alice', 'relay']);
  const relay = await startRelayProcess({ appFolder: BUILD, host: lan.hosts.relay });
  const browser = await launchChromium({ host: lan.hosts.alice });
  try {
    const alice = await Person.arrive(browser, relay.web);
    await expect(alice.page.getByRole('heading', { name: 'Something is missing here' })).toBeVisible();
    await expect(alice.page.getByText('This page was opened at an address that starts with http://')).toBeVisible();
    await expect(alice.page.getByText('Ask whoever runs this Understory for an address')).toBeVisible();
    await alice.page.getByRole('link', { name: /How it works/ }).click();
    await expect(alice.page.getByRole('heading', { level: 1 })).toBeVisible();
  } finally {
    await browser.close();
    await relay.close();
    lan.close();
  }
});
