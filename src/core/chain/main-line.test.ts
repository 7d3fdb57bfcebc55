// Of what a device said twice in one place that counts which most other people went on from, in whatever order it came
// (SPEC.md §7.1).

import { describe, expect, it, vi } from 'vitest';
import type { Header } from '#core/charter/header.ts';
import type { DeviceId, Incarnation, MessageId } from '#core/charter/ids.ts';
import { Dice } from '#tests/sim/dice.ts';
import { newChain, NO_GAINS, type Chain, type Link } from './link.ts';
import { ForkedPasts } from './forked-pasts.ts';
import { MainLine } from './main-line.ts';

/** Settled messages; each names what it rests on. */
class Said {
  readonly links = new Map<string, Link>();
  readonly #chains = new Map<string, Chain>();

  /** `by` is a person, or one of their devices: `mallory/2`. */
  say(name: string, by: string, after: { readonly own?: string; readonly seen?: readonly string[] } = {}): Link {
    const own = after.own === undefined ? undefined : this.links.get(after.own)!;
    const seen = (after.seen ?? []).map((one) => this.links.get(one)!);
    const lamport = 1 + Math.max(0, ...[own, ...seen].map((link) => link?.header.lamport ?? 0));
    const auth = [by.split('/')[0]!, 'binding'];
    const header = { seq: own === undefined ? 0 : own.header.seq + 1, lamport, auth } as unknown as Header;
    const rest = { signature: undefined, isBranch: false, isGroundless: false, gains: NO_GAINS };
    const id = name as MessageId;
    const link: Link = { id, chain: this.chain(by), header, state: 'settled', own, seen, ...rest };
    this.links.set(name, link);
    return link;
  }

  chain(by: string): Chain {
    const known = this.#chains.get(by) ?? newChain(by, by as DeviceId, '1' as Incarnation);
    this.#chains.set(by, known);
    return known;
  }

  line(isVoid: readonly string[] = [], order: readonly Link[] = [...this.links.values()]): MainLine {
    const pasts = new ForkedPasts([this.chain('mallory')]);
    for (const link of order) pasts.take(link, !isVoid.includes(link.id));
    pasts.settle();
    return pasts.line(this.chain('mallory'))!;
  }

  on(line: MainLine): string {
    const own = [...this.links.values()].filter(({ chain }) => chain.key === 'mallory');
    return own
      .filter((link) => line.has(link))
      .map(({ id }) => id)
      .sort()
      .join(' ');
  }
}

/** m0, and then a1 and a2, and b1 and b2. */
function twice(): Said {
  const said = new Said();
  said.say('m0', 'mallory');
  for (const branch of ['b', 'a']) {
    said.say(`${branch}1`, 'mallory', { own: 'm0' });
    said.say(`${branch}2`, 'mallory', { own: `${branch}1` });
  }
  return said;
}

describe('of two branches', () => {
  it('neither counts before somebody else went on from one', () => {
    const said = twice();
    expect(said.on(said.line())).toBe('m0');
    said.say('k0', 'mallory/2', { seen: ['a2'] });
    expect(said.on(said.line())).toBe('m0');
    said.say('c0', 'carol', { seen: ['b1'] });
    expect(said.on(said.line())).toBe('b1 b2 m0');
  });

  it('that counts which most people went on from, and of as many the first in content order', () => {
    const said = twice();
    said.say('c0', 'carol', { seen: ['b1'] });
    said.say('c1', 'carol', { own: 'c0', seen: ['b2'] });
    said.say('d0', 'dora', { seen: ['a2'] });
    expect(said.on(said.line())).toBe('a1 a2 m0');
    said.say('d1', 'dora/2', { seen: ['a1'] });
    said.say('e0', 'erin', { seen: ['c0'] });
    expect(said.on(said.line())).toBe('b1 b2 m0');
  });

  it('whoever had heard of both speaks for neither, and who speaks again does not count twice', () => {
    const said = twice();
    said.say('c0', 'carol', { seen: ['b1'] });
    said.say('d0', 'dora', { seen: ['c0', 'a1'] });
    said.say('d1', 'dora', { own: 'd0', seen: ['a2'] });
    said.say('e0', 'erin', { seen: ['d1'] });
    expect(said.on(said.line())).toBe('b1 b2 m0');
  });

  it('one that does not stand is no other one, and void words speak for nothing', () => {
    const said = twice();
    expect(said.on(said.line(['a1', 'a2']))).toBe('b1 b2 m0');
    for (const [name, by] of [
      ['c0', 'carol'],
      ['d0', 'dora'],
    ] as const)
      said.say(name, by, { seen: ['a1'] });
    said.say('e0', 'erin', { seen: ['b1'] });
    expect(said.on(said.line())).toBe('a1 a2 m0');
    expect(said.on(said.line(['c0', 'd0']))).toBe('b1 b2 m0');
  });

  it('a past reaches as far as it goes on the line, and may hold something beside it', () => {
    const said = twice();
    said.say('c0', 'carol', { seen: ['a2'] });
    const beside = said.say('d0', 'dora', { seen: ['b2'] });
    const both = said.say('e0', 'erin', { seen: ['c0', 'd0'] });
    said.say('f0', 'frank', { seen: ['a1'] });
    const line = said.line();
    expect(said.on(line)).toBe('a1 a2 m0');
    const [a2, b2] = [said.links.get('a2')!, said.links.get('b2')!];
    expect([a2, beside, both].map((link) => line.reach(link))).toEqual([3, 1, 3]);
    expect([a2, beside, both].map((link) => line.isBeside(link))).toEqual([false, true, true]);
    expect([beside, both].map((link) => line.sawOther(link, a2))).toEqual([true, false]);
    expect(line.sawOther(said.links.get('c0')!, b2)).toBe(true);
    expect([0, 1, 2, 3].map((seq) => line.at(seq)?.id)).toEqual(['m0', 'a1', 'a2', undefined]);
  });

  it('the first words of all may be said twice too', () => {
    const said = new Said();
    for (const name of ['a', 'b']) said.say(name, 'mallory');
    expect(said.on(said.line())).toBe('');
    said.say('c0', 'carol', { seen: ['b'] });
    expect(said.on(said.line())).toBe('b');
  });
});

/** Forks of forks, and people who heard of some of them. */
function random(dice: Dice): Said {
  const said = new Said();
  const own: string[] = [];
  const last = new Map<string, string>();
  for (let i = 0; i < 40; i++) {
    const name = `${dice.roll(1_000)}-${i}`;
    const any = (): string => dice.pick([...said.links.keys()]);
    if (own.length === 0 || dice.chance(0.4)) {
      const before = own.length === 0 || dice.chance(0.1) ? undefined : dice.chance(0.7) ? own.at(-1) : dice.pick(own);
      said.say(name, 'mallory', before === undefined ? {} : { own: before });
      own.push(name);
      continue;
    }
    const by = dice.pick(['carol', 'dora', 'erin', 'frank', 'mallory/2']);
    const before = last.get(by);
    said.say(name, by, { ...(before === undefined ? {} : { own: before }), seen: [any(), any()] });
    last.set(by, name);
  }
  return said;
}

function pastOf(link: Link): readonly Link[] {
  const past = new Set<Link>([link]);
  for (const one of past) for (const before of [one.own, ...one.seen]) if (before !== undefined) past.add(before);
  return [...past];
}

/** Another order in which each comes after what it rests on. */
function shuffled(said: Said, dice: Dice): readonly Link[] {
  const left = [...said.links.values()];
  const order: Link[] = [];
  while (left.length > 0) {
    const ready = left.filter(({ own, seen }) =>
      [own, ...seen].every((link) => link === undefined || !left.includes(link)),
    );
    order.push(...left.splice(left.indexOf(dice.pick(ready)), 1));
  }
  return order;
}

it('the line and all that depends on it are the same in every order, and when it is asked in between', () => {
  for (let seed = 0; seed < 300; seed++) {
    const dice = new Dice(seed, 'lines');
    const said = random(dice);
    const all = [...said.links.values()];
    const isVoid = all.filter(() => dice.chance(0.1)).map(({ id }) => id as string);
    const expected = said.line(isVoid);
    const pasts = new ForkedPasts([said.chain('mallory')]);
    for (const link of shuffled(said, dice)) {
      pasts.take(link, !isVoid.includes(link.id));
      if (dice.chance(0.5)) pasts.settle();
    }
    pasts.settle();
    const line = pasts.line(said.chain('mallory'))!;
    expect(said.on(line), `${seed}`).toBe(said.on(expected));
    for (const link of all) {
      expect([line.reach(link), line.isBeside(link)], `${seed}`).toEqual([
        expected.reach(link),
        expected.isBeside(link),
      ]);
    }
    // By looking through the whole past.
    for (const link of all.filter(({ chain }) => chain.key !== 'mallory')) {
      const past = pastOf(link).filter(({ chain }) => chain.key === 'mallory');
      expect(line.reach(link), `${seed}`).toBe(past.filter((one) => line.has(one)).length);
      expect(line.isBeside(link), `${seed}`).toBe(past.some((one) => !line.has(one)));
    }
    // One message in each place, each resting on the one before.
    const on = all.filter((link) => line.has(link)).sort((a, b) => a.header.seq - b.header.seq);
    on.forEach((link, seq) => {
      expect(link.header.seq).toBe(seq);
      expect(link.own).toBe(on[seq - 1]);
      expect(line.at(seq)).toBe(link);
      expect(line.reach(link)).toBe(seq + 1);
    });
  }
});

it('who forks hundreds of chains costs others nothing for each of their own messages', () => {
  const said = new Said();
  const FORKS = 300;
  const devices = Array.from({ length: FORKS }, (_, i) => `mallory/${i}`);
  for (const by of devices) for (const branch of ['a', 'b']) said.say(`${by} ${branch}`, by);
  const forked = [...said.links.values()];
  const hear = vi.spyOn(MainLine.prototype, 'hear');
  const pasts = new ForkedPasts(devices.map((by) => said.chain(by)));
  for (const link of forked) pasts.take(link, true);
  const people = ['carol', 'dora', 'erin'];
  const last = new Map<string, string>();
  for (let i = 0; i < 900; i++) {
    const by = people[i % people.length]!;
    const own = last.get(by);
    const heard = people.flatMap((other) => (other === by ? [] : (last.get(other) ?? [])));
    const seen = i < people.length ? devices.map((one) => `${one} a`) : heard;
    pasts.take(said.say(`${by} ${i}`, by, { ...(own === undefined ? {} : { own }), seen }), true);
    last.set(by, `${by} ${i}`);
  }
  pasts.settle();
  expect(hear.mock.calls.length).toBeLessThanOrEqual(FORKS * people.length);
  hear.mockRestore();
  for (const by of devices) {
    const line = pasts.line(said.chain(by))!;
    expect(line.at(0)?.id).toBe(`${by} a`);
    expect(line.reach(said.links.get(last.get('erin')!)!)).toBe(1);
  }
});
