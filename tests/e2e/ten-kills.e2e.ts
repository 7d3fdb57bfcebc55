// The whole browser killed ten times in the middle of writing: what the screen had called saved is there again.
import type { Page } from 'playwright/test';
import { expect, test } from './fixtures.ts';
import { Person } from './person.ts';
import { Profile } from './profile.ts';

const KILLS = 10;

/** What the screen promised, as the page told it before it was killed. */
class Promised {
  readonly messages = new Set<string>();
  text = '';

  async watch(page: Page): Promise<void> {
    await page.exposeBinding('promised', (_source, messages: string[], text: string) => {
      for (const message of messages) this.messages.add(message);
      if (text.length > this.text.length) this.text = text;
    });
    await page.addInitScript(() => {
      const tell = (globalThis as unknown as { promised(messages: string[], text: string): void }).promised;
      const look = (): void => {
        const messages = [...document.querySelectorAll('article[data-message]')]
          .filter((one) =>
            /waiting|at the relay|delivered/.test(one.querySelector('[data-delivery]')?.textContent ?? ''),
          )
          .map((one) => /note \d+-\d+;/.exec(one.textContent)?.[0] ?? '')
          .filter((note) => note !== '');
        const isSaved = document.querySelector('[data-saved=saved]') !== null;
        tell(messages, isSaved ? (document.querySelector('.ProseMirror')?.textContent ?? '') : '');
      };
      // After each painting: what a person could have seen.
      let isDue = false;
      new MutationObserver(() => {
        if (isDue) return;
        isDue = true;
        requestAnimationFrame(() => setTimeout(() => ((isDue = false), look())));
      }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    });
  }
}

async function open(profile: Profile, web: string, promised: Promised): Promise<Person> {
  const page = await (await profile.open()).newPage();
  // High enough for the whole conversation: lists show only what is in sight.
  await page.setViewportSize({ width: 1280, height: 5_000 });
  await promised.watch(page);
  await page.goto(web);
  return new Person(page);
}

/** Writes until the browser is gone. */
async function writeOn(alice: Person, round: number): Promise<void> {
  for (let count = 0; count < 40; count += 1) {
    if (round % 2 === 0) {
      await alice.composer.fill(`note ${round}-${count};`);
      await alice.composer.press('Enter');
    } else await alice.page.keyboard.type(`word${round}-${count} `);
  }
}

test('threats 20 and 22: ten kills of the whole browser lose nothing that was shown as saved', async ({
  relay,
  arrive,
  launchOptions,
}) => {
  test.setTimeout(360_000);
  const profile = new Profile(launchOptions);
  const promised = new Promised();
  try {
    const bob = await arrive();
    await bob.page.setViewportSize({ width: 1280, height: 5_000 });
    let alice = await open(profile, relay.web, promised);
    await alice.start();
    const link = await alice.makeCard('Alice');
    await bob.answerFresh(link, 'Bob');
    await bob.say('hello');
    await alice.talkTo('Bob');
    await alice.hears('hello');
    await alice.newDocument('Log', 'Bob');
    await alice.write('Begin. ');
    for (let round = 0; round < KILLS; round += 1) {
      if (round % 2 === 0) await alice.talkTo('Bob');
      else await alice.write('');
      const known = promised.messages.size + promised.text.length;
      const writing = writeOn(alice, round).catch(() => undefined);
      // Not before something was promised; then at ten different moments of the writing.
      await expect
        .poll(() => promised.messages.size + promised.text.length, { intervals: [20] })
        .toBeGreaterThan(known);
      await new Promise((moment) => setTimeout(moment, round * 37));
      await profile.kill();
      await writing;

      alice = await open(profile, relay.web, promised);
      await alice.unlock();
      await alice.talkTo('Bob');
      await expect.poll(() => missing(alice, [...promised.messages]), { intervals: [50] }).toEqual([]);
      await alice.openDocument('Log');
      await alice.reads(promised.text);
    }
    expect(promised.messages.size).toBeGreaterThanOrEqual(KILLS / 2);
    await expect.poll(() => missing(bob, [...promised.messages]), { timeout: 60_000 }).toEqual([]);
    await bob.openDocument('Log');
    await bob.reads(promised.text);
  } finally {
    await profile.remove();
  }
});

async function missing(person: Person, notes: readonly string[]): Promise<readonly string[]> {
  const shown = await person.page.locator('article[data-message]').allTextContents();
  return notes.filter((note) => shown.filter((text) => text.includes(note)).length !== 1);
}
