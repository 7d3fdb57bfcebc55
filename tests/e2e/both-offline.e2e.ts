// Two people whose networks are gone go on writing, and find each other's words when the networks are back.
import type { Browser } from 'playwright/test';
import { BUILD, expect, test } from './fixtures.ts';
import { launchChromium } from './network/chromium.ts';
import { createLan } from './network/lan.ts';
import { whatIsMissing } from './network/namespaces.ts';
import { arrives } from './network/probes.ts';
import { startRelayProcess } from './network/relay-process.ts';
import { Person } from './person.ts';

test('M02 X15 both are offline, both write in chat and in one document, and both end with all of it', async () => {
  expect(whatIsMissing()).toBeUndefined();
  const lan = createLan(['alice', 'bob', 'relay']);
  const { hosts } = lan;
  const relay = await startRelayProcess({ appFolder: BUILD, host: hosts.relay });
  const browsers: Browser[] = [];
  const comes = async (name: 'alice' | 'bob'): Promise<Person> => {
    const browser = await launchChromium({ host: hosts[name], secureOrigins: [relay.web] });
    browsers.push(browser);
    return Person.arrive(browser, relay.web);
  };
  try {
    const [alice, bob] = await Promise.all([comes('alice'), comes('bob')]);
    await alice.start();
    const link = await alice.makeCard('Alice');
    await bob.answerFresh(link, 'Bob');
    await bob.say('hello from Bob');
    await alice.talkTo('Bob');
    await alice.hears('hello from Bob');
    await Promise.all([alice.isDirect(), bob.isDirect()]);
    await alice.newDocument('Spring plan', 'Bob');
    await alice.write('Together. ');
    await bob.openDocument('Spring plan');
    await bob.reads('Together.');

    hosts.alice.cut();
    hosts.bob.cut();
    const { alice: a, bob: b, relay: r } = hosts;
    for (const [from, to] of [
      [a, b],
      [b, a],
      [a, r],
      [b, r],
    ] as const)
      expect(await arrives(from, to)).toBe(false);
    await expect(alice.connection).not.toContainText('Direct with');

    await Promise.all([alice.write('From Alice. '), bob.write('From Bob. ')]);
    await Promise.all([alice.talkTo('Bob'), bob.talkTo('Alice')]);
    const written = [1, 2, 3].flatMap((number) => [`alice ${number}.`, `bob ${number}.`]);
    for (const text of written) await (text.startsWith('alice') ? alice : bob).say(text);
    await alice.delivery('alice 3.', 'waiting');
    await bob.delivery('bob 3.', 'waiting');
    await expect(bob.message('alice 3.')).toHaveCount(0);
    await expect(alice.message('bob 3.')).toHaveCount(0);

    hosts.alice.restore();
    hosts.bob.restore();
    for (const text of written) await (text.startsWith('alice') ? bob : alice).hears(text, 60_000);
    await alice.delivery('alice 3.', 'delivered', 30_000);
    await bob.delivery('bob 3.', 'delivered', 30_000);
    expect((await alice.texts()).toSorted()).toEqual(['hello from Bob', ...written].toSorted());
    expect(await bob.texts()).toEqual(await alice.texts());
    await Promise.all([alice.hasNoGap(), bob.hasNoGap()]);

    await Promise.all([alice.openDocument('Spring plan'), bob.openDocument('Spring plan')]);
    for (const one of [alice, bob]) await one.reads(/^Together\. .*From Bob\. /);
    for (const one of [alice, bob]) await one.reads(/^Together\. .*From Alice\. /);
    expect(await alice.editor.locator('p').allTextContents()).toEqual(await bob.editor.locator('p').allTextContents());
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
    await relay.close();
    lan.close();
  }
});
