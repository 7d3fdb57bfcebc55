// What every story starts from: the real relay node serving the built app, and people with browsers of their own.
import path from 'node:path';
import { test as base } from 'playwright/test';
import { startRelayProcess, type RelayProcess } from './network/relay-process.ts';
import { Person } from './person.ts';

export { expect } from 'playwright/test';

/** The built app; another folder while somebody builds into that one. */
export const BUILD = process.env['UNDERSTORY_BUILD'] ?? path.resolve(import.meta.dirname, '../../build');

/**
 * For stories in which the relay node stays and nobody goes offline: the worker that takes in the whole app for later costs
 * a fifth of all that a person's browser does, and is part of all other stories.
 */
export const WITHOUT_WORKER = { serviceWorkers: 'block' } as const;

interface Fixtures {
  readonly relay: RelayProcess;
  /** A person with a fresh browser at the first screen, served by `relay`. */
  readonly arrive: () => Promise<Person>;
}

export const test = base.extend<Fixtures>({
  // Playwright reads the names of the fixtures from the pattern.
  relay: async ({}, use) => {
    const relay = await startRelayProcess({ appFolder: BUILD });
    await use(relay);
    await relay.close();
  },
  arrive: async ({ browser, relay }, use) => {
    const people: Person[] = [];
    await use(async () => {
      const person = await Person.arrive(browser, relay.web);
      people.push(person);
      return person;
    });
    await Promise.all(people.map((person) => person.page.context().close()));
  },
});

/** Alice and Bob, who became contacts by a link and are directly connected. Both have the conversation open. */
export async function aliceAndBob(arrive: () => Promise<Person>): Promise<{ alice: Person; bob: Person }> {
  const [alice, bob] = [await arrive(), await arrive()];
  await alice.start();
  const link = await alice.makeCard('Alice');
  await bob.answerFresh(link, 'Bob');
  await bob.say('hello from Bob');
  await alice.talkTo('Bob');
  await alice.hears('hello from Bob');
  await Promise.all([alice.isDirect(), bob.isDirect()]);
  return { alice, bob };
}
