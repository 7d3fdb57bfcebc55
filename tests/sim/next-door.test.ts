// Two groups side by side in a storm: they ask each other for things and say the same of how it goes, believe nobody who may
// not ask, and hold nothing else of each other; and the judge can tell when that is not so.

import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { utf8 } from '#core/bytes/bytes.ts';
import type { PersonId } from '#app/groups/group-api.ts';
import { lookAcross, lookNextDoor } from './next-door-judge.ts';
import type { Asked } from './neighbouring.ts';
import { stateOf } from './next-door.ts';
import type { Person } from './person.ts';
import { runTown } from './run-town.ts';
import { noFindings, type Findings, type RunResult } from './run-world.ts';
import { groupOf, nameOf, type Town } from './town.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Another group is next door there. */
const SEED = 99;

describe('a town and the group next door', () => {
  let town: Town | undefined;
  let ran: RunResult | undefined;

  beforeAll(async () => {
    ran = await runTown(SEED, { looked: (looked) => (town = looked) });
  });

  it('agree on what they asked each other for, and took nothing from strangers (P39, P40)', async () => {
    const { findings, faults } = ran!;
    expect(findings).toEqual(noFindings());
    expect(faults['false neighbour']).toBeGreaterThan(0);
    const { asked, sides } = town!.nextDoor!;
    expect(new Set(asked.map(({ from }) => from))).toEqual(new Set(sides));
    const states = sides.map((side) => stateOf(side.people()[0]!)!);
    for (const { sent, received } of states)
      expect([sent, received].map(({ length }) => length > 0)).toEqual([true, true]);
    for (const { state } of states.flatMap(({ sent }) => sent)) expect(['waiting', 'sent']).not.toContain(state);
    const why = states.flatMap(({ refused }) => refused.map((letter) => letter.why));
    expect([...new Set(why)].sort()).toEqual(['expired', 'forged', 'revoked']);

    // The eye sees: a name of one group on a disk of the other is found.
    const [ours, theirs] = sides.map((side) => side.people()[0]!);
    const value = utf8(`somewhere ${nameOf(theirs!)} is named`);
    const written = ours!.disk.commit([{ collection: 'any', id: 'row', value }], 'strict');
    await town!.world.pass(1_000);
    await written;
    const found = noFindings();
    lookAcross(town!, found);
    expect(found.leaked.length).toBe(1);
  });

  it('miss what one of them asked for by a device that is theirs, and not what was asked for by one that was ended', () => {
    const { asked, people, sides } = town!.nextDoor!;
    const [lead, other] = people as [Person, Person];
    const author = groupOf(other)!.state.current.me!;
    const one = { title: 'title <d.999>', by: other, author, from: sides[1], to: sides[0], isFair: false };
    const lostOf = (unheard: Asked): readonly string[] => {
      const found = noFindings();
      asked.push(unheard);
      lookNextDoor(town!, found);
      asked.pop();
      return found.lost;
    };
    expect(lostOf(one)).toEqual([`${lead.name}: asked for title <d.999>`]);
    // Of who is out, or came again as somebody else, it depends on who had heard of it.
    expect(lostOf({ ...one, author: 'f0'.repeat(32) as PersonId })).toEqual([]);
    town!.ended.add(other);
    expect(lostOf(one)).toEqual([]);
    town!.ended.delete(other);
  });
});

describe('a mistake that is planted', () => {
  afterEach(() => {
    vi.doUnmock('#core/neighbours/order.ts');
    vi.doUnmock('#app/neighbours/neighbour-reports.ts');
    vi.resetModules();
  });

  async function findings(): Promise<Findings> {
    const again = await import('./run-town.ts');
    return (await again.runTown(SEED)).findings;
  }

  it('is caught: a letter believed without its proof', async () => {
    vi.resetModules();
    vi.doMock(import('#core/neighbours/order.ts'), async (original) => {
      return { ...(await original()), proofOf: () => Promise.resolve('genuine' as const) };
    });
    expect((await findings()).illegal.some((line) => line.includes('took what is forged'))).toBe(true);
  });

  it('is caught: no word of how it goes', async () => {
    vi.resetModules();
    vi.doMock(import('#app/neighbours/neighbour-reports.ts'), async (original) => {
      const real = await original();
      class Silent extends real.NeighbourReports {
        override consider(): void {
          return undefined;
        }
      }
      return { ...real, NeighbourReports: Silent };
    });
    expect((await findings()).diverged.some((line) => line.includes('there it is'))).toBe(true);
  });
});
