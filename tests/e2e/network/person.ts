// Someone with the probe page open: what stories of the network do, in their words.

import type { Browser } from 'playwright/test';

/** What Playwright's and Puppeteer's pages have in common. */
export interface ProbePage {
  goto(url: string): Promise<unknown>;
  evaluate<A, R>(run: (argument: A) => R | Promise<R>, argument: A): Promise<R>;
}

export interface Person {
  readonly page: ProbePage;
  readonly peer: string;
  /** The relay node's address as cards carry it. */
  readonly relay: string;
  /** Closes the tab, as people do: nobody is told first. */
  leave(): Promise<void>;
}

/** A browser context of its own, with the network started and a mailbox open (its link 0). */
export async function openPerson(browser: Browser, web: string, stun?: 'without-stun'): Promise<Person> {
  const context = await browser.newContext();
  const page = (await context.newPage()) as unknown as ProbePage;
  return startPerson(page, web, { leave: () => context.close(), stun });
}

export interface PersonOptions {
  readonly leave: () => Promise<void>;
  readonly stun?: 'without-stun' | undefined;
}

export async function startPerson(page: ProbePage, web: string, options: PersonOptions): Promise<Person> {
  const { leave, stun } = options;
  await page.goto(`${web}/`);
  const peer = await page.evaluate(() => window.probe.start(), undefined);
  const found = await page.evaluate((address) => window.probe.find(address), web);
  const relay = stun === 'without-stun' ? found.replace(/\?stun=\d+$/, '') : found;
  await page.evaluate((address) => window.probe.mailbox(address), relay);
  return { page, peer, relay, leave };
}

/** Opens a link from one person to another; its number on the page of who asked. */
export function meet(from: Person, to: Person, policy: 'direct' | 'relays'): Promise<number> {
  return from.page.evaluate(([peer, relay, how]) => window.probe.meet(peer, [relay], how), [
    to.peer,
    to.relay,
    policy,
  ] as const);
}

/** Looks for the direct road from a relayed link; the new link's number, or `undefined`. */
export function upgrade(from: Person, link: number): Promise<number | undefined> {
  return from.page.evaluate((index) => window.probe.upgrade(index), link);
}

export interface BothWays {
  readonly alice: number;
  readonly bob: number;
  readonly roads: readonly string[];
}

/** Both have heard of each other and try at once, as after two beats. */
export async function meetBothWays(alice: Person, bob: Person): Promise<BothWays> {
  const [mine, theirs] = await Promise.all([meet(alice, bob, 'direct'), meet(bob, alice, 'direct')]);
  return { alice: mine, bob: theirs, roads: [await roadOf(alice, mine), await roadOf(bob, theirs)] };
}

export function roadOf(person: Person, link: number): Promise<string> {
  return person.page.evaluate((at) => window.probe.links()[at]?.road ?? 'none', link);
}

export function isOpen(person: Person, link: number): Promise<boolean> {
  return person.page.evaluate((at) => window.probe.links()[at]?.isOpen ?? false, link);
}

/** Within this an answer comes over a link that stands, on a busy machine as well. */
export const PROMPT_MS = 10_000;

/** Milliseconds to the other page and back. */
export function roundTrip(person: Person, link: number, limitMs = PROMPT_MS): Promise<number> {
  return person.page.evaluate(([at, limit]) => window.probe.roundTrip(at, limit), [link, limitMs] as const);
}

/** How the first data channel of each connected call of the page stands. */
export function firstChannels(person: Person): Promise<readonly string[]> {
  return person.page.evaluate(() => window.probe.firstChannelStates(), undefined);
}

/** The lists of ICE servers that the page's `RTCPeerConnection`s were constructed with. */
export function constructions(person: Person): Promise<readonly (readonly string[])[]> {
  return person.page.evaluate(() => window.probe.constructions, undefined);
}
