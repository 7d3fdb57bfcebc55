// A contact who must not learn one's address is reached through relays only.
import { aliceAndBob, expect, test, WITHOUT_WORKER } from './fixtures.ts';
import type { Person } from './person.ts';

test.use(WITHOUT_WORKER);

declare global {
  interface Window {
    constructed: number;
  }
}

/** Counts every RTCPeerConnection that the page makes, from its next load on. */
async function countConnections(person: Person): Promise<void> {
  await person.page.addInitScript(() => {
    window.constructed = 0;
    const Real = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Real {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        window.constructed += 1;
      }
    };
  });
}

const constructed = (person: Person): Promise<number> => person.page.evaluate(() => window.constructed);

test('P03 W08 who chose relays to hide the address makes no direct connection any more, and messages flow', async ({
  arrive,
}) => {
  const people: Person[] = [];
  const { alice, bob } = await aliceAndBob(async () => {
    const person = await arrive();
    await countConnections(person);
    await person.page.reload();
    people.push(person);
    return person;
  });
  expect(await constructed(alice)).toBeGreaterThan(0);

  await alice.aboutContact();
  await alice.page.getByRole('radio', { name: /Through relays: hides my address/ }).check();
  await expect(alice.page.getByRole('definition').getByText('Connected through a relay')).toBeVisible({
    timeout: 60_000,
  });
  await alice.talkTo('Bob');
  const before = await constructed(alice);
  for (const one of [alice, bob]) {
    await expect(one.presence).toContainText('Connected through a relay', { timeout: 60_000 });
    await expect(one.connection).not.toContainText('Direct with');
  }
  await alice.say('now through the relay');
  await bob.hears('now through the relay');
  await bob.say('I hear you all the same');
  await alice.hears('I hear you all the same');
  await alice.delivery('now through the relay', 'delivered');
  expect(await constructed(alice)).toBe(before);

  await alice.reload();
  await alice.talkTo('Bob');
  await expect(alice.presence).toContainText('Connected through a relay', { timeout: 60_000 });
  await alice.say('also after a new start');
  await bob.hears('also after a new start');
  await alice.delivery('also after a new start', 'delivered');
  expect(await constructed(alice)).toBe(0);
});
