// What a browser's profile tells whoever holds the disk: nothing of what was written, named or chosen.
import { randomInt } from 'node:crypto';
import path from 'node:path';
import type { BrowserContext } from 'playwright/test';
import { BUILD, expect, test } from './fixtures.ts';
import { PASSPHRASE, Person } from './person.ts';
import { Profile, searchFor } from './profile.ts';

/** Words that stand nowhere else: what is found of them was written down by the browser. */
class Canaries {
  readonly all: Record<string, string> = {};

  word(name: string): string {
    const word = Array.from({ length: 14 }, () => 'abcdefghijklmnopqrstuvwxyz'[randomInt(26)]).join('');
    this.all[name] = word;
    return word;
  }
}

test('W09 the search finds what a page leaves in a profile, so that finding nothing says something', async ({
  relay,
  launchOptions,
}) => {
  const profile = new Profile(launchOptions);
  try {
    const page = await (await profile.open()).newPage();
    await page.goto(relay.web);
    const canaries = new Canaries();
    const kept = canaries.word('kept in localStorage');
    const stored = canaries.word('kept in a database');
    const titled = canaries.word('title of the page');
    const addressed = canaries.word('in the address');
    await page.evaluate(
      async ([a, b, c, d]) => {
        localStorage.setItem('note', a!);
        document.title = c!;
        history.replaceState(null, '', `#/${d}`);
        const opening = indexedDB.open('plain', 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore('notes');
        await new Promise((opened) => (opening.onsuccess = opened));
        const writing = opening.result.transaction('notes', 'readwrite');
        writing.objectStore('notes').put({ text: b }, 1);
        await new Promise((done) => (writing.oncomplete = done));
      },
      [kept, stored, titled, addressed],
    );
    await page.goto('about:blank');
    await profile.close();
    const found = new Set(searchFor(profile.folder, canaries.all).map(({ canary }) => canary));
    expect([...found].sort()).toEqual(Object.keys(canaries.all).sort());
  } finally {
    await profile.remove();
  }
});

test('W09 T32 after create, use, lock and close, the profiles of both people hold none of 40 canaries', async ({
  relay,
  launchOptions,
}) => {
  const canaries = new Canaries();
  const profiles = [new Profile(launchOptions), new Profile(launchOptions)] as const;
  try {
    const [contextA, contextB] = [await profiles[0].open(), await profiles[1].open()];
    const keys = await listenForKeys([contextA, contextB]);
    const [alice, bob] = [await Person.arrive(contextA, relay.web), await Person.arrive(contextB, relay.web)];
    const secret = `${canaries.word('passphrase')} of herons ${canaries.word('end of the passphrase')}`;
    await alice.start(secret);
    const link = await alice.makeCard(canaries.word('own name of Alice'));
    await bob.answerFresh(link, canaries.word('own name of Bob'));
    await talk({ alice, bob }, canaries);
    await writeTogether({ alice, bob }, canaries);
    await typeAndLeave(alice, canaries);
    await backUp(alice, { folder: profiles[0].folder, passphrase: `words of ${canaries.word('backup passphrase')}` });

    await alice.lock();
    await alice.page.getByLabel('Passphrase', { exact: true }).fill(`${canaries.word('wrong passphrase')} no`);
    await alice.button('Unlock').click();
    await expect(alice.page.getByText('This is not the passphrase.')).toBeVisible({ timeout: 60_000 });
    await bob.lock();
    const code = link.split('#/card/')[1]!;
    const passphraseOfBob = PASSPHRASE;
    await Promise.all(profiles.map((profile) => profile.close()));

    expect(Object.keys(canaries.all).length).toBeGreaterThanOrEqual(30);
    // The known keys that the app tries its browser's cryptography with are part of its code, and no secret.
    for (const { canary } of searchFor(BUILD, Object.fromEntries(keys))) keys.delete(canary);
    expect(keys.size).toBeGreaterThanOrEqual(10);
    const secrets: Record<string, string | Uint8Array> = {
      ...canaries.all,
      ...Object.fromEntries(keys),
      'passphrase of Bob': passphraseOfBob,
    };
    expect(searchFor(profiles[0].folder, { ...secrets, 'code of the card': code })).toEqual([]);
    // The one thing a browser cannot be kept from: an address that was opened stays in its history, and so does the
    // secret of the card in it. The story below shows what is left of it once the card is used.
    const ofTheCard = [...keys].filter(([, key]) => isPartOf(code, key)).map(([name]) => name);
    for (const name of ofTheCard) delete secrets[name];
    expect(searchFor(profiles[1].folder, secrets)).toEqual([]);
    const inHistory = searchFor(profiles[1].folder, { code }).map(({ file }) => path.basename(file));
    expect(inHistory).toContain('History');
    expect(ofTheCard.length).toBeLessThan(keys.size / 4);
  } finally {
    await Promise.all(profiles.map((profile) => profile.remove()));
  }
});

test('W09 a used link out of the history opens nothing of what was said, and both are told', async ({ arrive }) => {
  const [alice, bob] = [await arrive(), await arrive()];
  await alice.start();
  const link = await alice.makeCard('Alice');
  await bob.answerFresh(link, 'Bob');
  await bob.say('the herons are back');
  await alice.talkTo('Bob');
  await alice.hears('the herons are back');
  await bob.delivery('the herons are back', 'delivered');
  // In the browser that answered it, it leads to the conversation and no second contact.
  await bob.page.goto(link);
  await expect(bob.page.getByText('You answered this card before')).toBeVisible();

  const thief = await arrive();
  await thief.tryFresh(link, 'Somebody');
  await expect(alice.page.getByText('Two people answered this card').first()).toBeVisible({ timeout: 60_000 });
  await expect(thief.page.getByText('Two people answered this card').first()).toBeVisible({ timeout: 60_000 });
  await expect(thief.page.locator('body')).not.toContainText('the herons are back');
  await expect(thief.composer).toBeHidden();
});

/** Every secret the pages give to WebCrypto or draw, as they do it. */
async function listenForKeys(contexts: readonly BrowserContext[]): Promise<Map<string, Uint8Array>> {
  const keys = new Map<string, Uint8Array>();
  for (const context of contexts) {
    await context.exposeBinding('heardKey', (_source, how: string, bytes: number[]) => {
      keys.set(`${how} key ${keys.size}`, Uint8Array.from(bytes));
    });
    await context.addInitScript(() => {
      const heard = (globalThis as unknown as { heardKey(how: string, bytes: number[]): void }).heardKey;
      const original = crypto.subtle.importKey.bind(crypto.subtle) as (...args: unknown[]) => Promise<CryptoKey>;
      Object.defineProperty(crypto.subtle, 'importKey', {
        value: (format: string, key: unknown, ...rest: [{ name: string }, boolean, string[]]) => {
          const isPrivate = rest[2].some((usage) => ['sign', 'decrypt', 'deriveBits', 'deriveKey'].includes(usage));
          if (isPrivate && (key instanceof ArrayBuffer || ArrayBuffer.isView(key))) {
            const bytes =
              key instanceof ArrayBuffer
                ? new Uint8Array(key)
                : new Uint8Array(key.buffer, key.byteOffset, key.byteLength);
            // A private key in PKCS 8 is its own last 32 bytes; what is shorter, or all noughts, is none.
            if (new Set(bytes.slice(-32)).size > 16)
              heard(`${rest[0].name ?? String(rest[0])} ${format}`, [...bytes.slice(-32)]);
          }
          return original(format, key, ...rest);
        },
      });
    });
  }
  return keys;
}

function isPartOf(code: string, key: Uint8Array): boolean {
  return Buffer.from(code, 'base64url').includes(Buffer.from(key));
}

interface Two {
  readonly alice: Person;
  readonly bob: Person;
}

async function talk({ alice, bob }: Two, canaries: Canaries): Promise<void> {
  const first = `hello ${canaries.word('first message')}`;
  await bob.say(first);
  await alice.talkTo(canaries.all['own name of Bob']!);
  await alice.hears(first);
  await alice.say(`a line\nand ${canaries.word('message of Alice')}`.split('\n').join(' '));
  await bob.hears(canaries.all['message of Alice']!);
  await alice.say(`wrong ${canaries.word('message before its change')}`);
  await alice.composer.press('ArrowUp');
  await alice.composer.fill(`right ${canaries.word('message after its change')}`);
  await alice.composer.press('Enter');
  await bob.hears(canaries.all['message after its change']!);
  await alice.page.getByRole('link', { name: 'About this contact' }).click();
  await alice.page.getByLabel('Your name for them').fill(canaries.word('nickname'));
  await alice.button('Save').click();
  const digits = await alice.page.locator('[dir=ltr].font-mono span').allInnerTexts();
  expect(digits).toHaveLength(12);
  canaries.all['safety number'] = digits.join(' ');
  canaries.all['safety number without spaces'] = digits.join('');
  await alice.talkTo(canaries.all['nickname']!);
  await alice.composer.fill(`not yet ${canaries.word('draft')}`);
  await bob.composer.fill(canaries.word('draft of Bob'));
}

async function writeTogether({ alice, bob }: Two, canaries: Canaries): Promise<void> {
  await alice.newDocument(`Plan ${canaries.word('title')}`, canaries.all['nickname']!);
  await alice.write(`${canaries.word('first word of the document')} and ${canaries.word('second word')} `);
  await bob.openDocument(canaries.all['title']!);
  await bob.reads(canaries.all['second word']!);
  await bob.write(`${canaries.word('word of Bob in the document')} `);
  await alice.reads(canaries.all['word of Bob in the document']!);
  await alice.page.getByLabel('Title').fill(`Plan ${canaries.word('title after its change')}`);
  await alice.page.getByLabel('Title').press('Enter');
  await expect(bob.page.getByLabel('Title')).toHaveValue(`Plan ${canaries.all['title after its change']}`);
  await alice.write(canaries.word('struck word'));
  for (let letter = 0; letter < 14; letter += 1) await alice.page.keyboard.press('Backspace');
  await expect(alice.page.locator('[data-saved=saved]')).toBeVisible();
}

/** What is typed into every other field, and left there. */
async function typeAndLeave(alice: Person, canaries: Canaries): Promise<void> {
  const leave = async (label: string, name: string): Promise<void> => {
    await alice.page.getByLabel(label).fill(canaries.word(name));
  };
  const fields = [
    ['#/documents/new', 'Title', 'title never used'],
    ['#/cards', 'Your name for this person', 'own name never used'],
    ['#/code', 'Paste a link or code', 'pasted and left'],
    ['#/settings', 'Address of another relay', 'relay address left'],
    ['#/keeping', 'Passphrase for the backup', 'backup passphrase left'],
    ['#/keeping', 'The passphrase again', 'backup passphrase left again'],
  ] as const;
  for (const [place, label, name] of fields) {
    await alice.visit(place);
    await leave(label, name);
  }
  await alice.visit('#/settings');
  await alice.page.getByLabel('Address of another relay').fill(`relay-${canaries.word('relay address')}.example`);
  await alice.button('Add').click();
  await alice.visit('#/code');
  await alice.page.getByLabel('Paste a link or code').fill(`foreign ${canaries.word('foreign code')}`);
  await alice.button('Use this code').click();
  await expect(alice.page.getByText('This is not an Understory card')).toBeVisible();
  for (const extra of ['third', 'fourth', 'fifth']) {
    await alice.talkTo(canaries.all['nickname']!);
    await alice.say(`${canaries.word(`${extra} message`)} so`);
  }
}

async function backUp(alice: Person, to: { folder: string; passphrase: string }): Promise<void> {
  await alice.go('Keep safe');
  await alice.page.getByLabel('Passphrase for the backup').fill(to.passphrase);
  await alice.page.getByLabel('The passphrase again').fill(to.passphrase);
  const saving = alice.page.waitForEvent('download', { timeout: 60_000 });
  await alice.button('Save the backup').click();
  await (await saving).saveAs(path.join(to.folder, 'backup.age'));
}
