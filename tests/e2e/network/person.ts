// Someone with the probe page open: what stories of the network do, in their words.

import type { Browser, Page } from 'playwright/test';
import type { RelayProcess } from './relay-process.ts';

export interface Person {
  readonly page: Page;
  readonly peer: string;
}

/** A browser context of its own, with the network started and a mailbox open (its link 0). */
export async function openPerson(browser: Browser, relay: RelayProcess): Promise<Person> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(relay.page);
  const peer = await page.evaluate(() => window.probe.start());
  await page.evaluate((address) => window.probe.mailbox(address), relay.address);
  return { page, peer };
}

/** Opens a link from one person to another; its number on the page of who asked. */
export function meet(from: Person, to: Person, relay: RelayProcess, policy: 'direct' | 'relays'): Promise<number> {
  return from.page.evaluate(([peer, address, policy]) => window.probe.meet(peer, [address], policy), [
    to.peer,
    relay.address,
    policy,
  ] as const);
}

/** Looks for the direct road from a relayed link; the new link's number, or `undefined`. */
export function upgrade(from: Person, link: number, to: Person, relay: RelayProcess): Promise<number | undefined> {
  return from.page.evaluate(([index, peer, address]) => window.probe.upgrade(index, peer, [address]), [
    link,
    to.peer,
    relay.address,
  ] as const);
}

export interface BothWays {
  readonly alice: number;
  readonly bob: number;
  readonly roads: readonly string[];
}

/** Both have heard of each other and try at once, as after two beats. */
export async function meetBothWays(alice: Person, bob: Person, relay: RelayProcess): Promise<BothWays> {
  const [mine, theirs] = await Promise.all([meet(alice, bob, relay, 'direct'), meet(bob, alice, relay, 'direct')]);
  return { alice: mine, bob: theirs, roads: [await roadOf(alice, mine), await roadOf(bob, theirs)] };
}

export function roadOf(person: Person, link: number): Promise<string> {
  return person.page.evaluate((at) => window.probe.links()[at]?.road ?? 'none', link);
}

export function isOpen(person: Person, link: number): Promise<boolean> {
  return person.page.evaluate((at) => window.probe.links()[at]?.isOpen ?? false, link);
}

/** Milliseconds to the other page and back. */
export function roundTrip(person: Person, link: number, limitMs = 5_000): Promise<number> {
  return person.page.evaluate(([at, limit]) => window.probe.roundTrip(at, limit), [link, limitMs] as const);
}

/** The lists of ICE servers that the page's `RTCPeerConnection`s were constructed with. */
export function constructions(person: Person): Promise<readonly (readonly string[])[]> {
  return person.page.evaluate(() => window.probe.constructions);
}
