// What is written stands behind what could be read then, for everybody, whatever becomes of that (SPEC.md §2, §6).

import { describe, expect, it } from 'vitest';
import type { MessageId } from '#core/charter/ids.ts';
import { Writer } from '#tests/suites/chain-kit.ts';
import { makePair } from '#tests/suites/space-kit.ts';
import { MAX_LEAP } from './lamport.ts';

async function three() {
  const pair = await makePair();
  const { alice, bob, replica } = pair;
  return { alice: new Writer(alice, replica), bob: new Writer(bob, replica, 2), carol: new Writer(bob, replica, 3) };
}

/** Nobody has it, nor ever will. */
const NOWHERE = 'fe'.repeat(32) as MessageId;

describe('an answer', () => {
  it('stands behind what still waits for its past, cites what settled alone, and settles with whoever has that', async () => {
    const { alice, bob, carol } = await three();
    const said = await alice.sayMany(6);
    bob.hear(said[0]!);
    expect(bob.hear(said[5]!).outcomes).toEqual(['waiting']);
    const answer = await bob.say('answer');
    expect(answer.header).toMatchObject({ seen: [said[0]!.id], lamport: said[5]!.header.lamport + 1 });
    expect(bob.chains.isSettled(answer.id)).toBe(true);
    expect(carol.hear(said[0]!, answer).settled).toEqual([said[0]!.id, answer.id]);
    expect(alice.hear(answer).outcomes).toEqual(['settled']);
    expect((await alice.say('yes')).header.lamport).toBe(answer.header.lamport + 1);
    expect(bob.hear(...said.slice(1, 5)).settled).toContain(said[5]!.id);
  });

  it('loses nothing by what never gets its past, or turns out false', async () => {
    const { alice, bob, carol } = await three();
    const first = await alice.say('first');
    const lost = await alice.make('lost', { seen: [NOWHERE], lamport: 40 });
    const bad = await alice.make('bad', { seq: 2, own: lost.id, seen: [], lamport: 50 });
    bob.hear(first, lost, bad);
    const answer = await bob.say('answer');
    expect(answer.header).toMatchObject({ seen: [first.id], lamport: 51 });
    expect(carol.hear(first, answer).outcomes).toEqual(['settled', 'settled']);
  });

  it('stands behind what a forger said second, which it does not cite', async () => {
    const { alice, bob } = await three();
    const first = await alice.say('first');
    const others = [await alice.make('one', { lamport: 2 }), await alice.make('other', { lamport: 7 })];
    bob.hear(first, ...others);
    const answer = await bob.say('answer');
    expect(answer.header).toMatchObject({ seen: [others[0]!.id], lamport: 8 });
  });
});

describe('nobody moves the others on', () => {
  it('by more than a leap with one message', async () => {
    const { alice, bob } = await three();
    const first = await alice.say('first');
    const far = await alice.make('far', { lamport: 3 + MAX_LEAP });
    expect(bob.hear(first, far).outcomes).toEqual(['settled', 'bad']);
    const { alice: carol, bob: dave } = await three();
    const again = await carol.say('first');
    const furthest = await carol.make('furthest', { lamport: 2 + MAX_LEAP });
    expect(dave.hear(again, furthest).outcomes).toEqual(['settled', 'settled']);
  });

  it('by what waits further off, and that is not shown before its past is here', async () => {
    const { alice, bob, carol } = await three();
    const first = await alice.say('first');
    bob.hear(first);
    const lamports = [2 ** 53 - 1, 2 + MAX_LEAP, 1 + MAX_LEAP];
    const said = await Promise.all(lamports.map((lamport) => alice.make(`${lamport}`, { seen: [NOWHERE], lamport })));
    expect(said.map((message) => (bob.hear(message), bob.chains.mayShow(message.id)))).toEqual([false, false, true]);
    const answer = await bob.say('answer');
    expect(answer.header.lamport).toBe(2 + MAX_LEAP);
    expect(carol.hear(first, answer).outcomes).toEqual(['settled', 'settled']);
  });

  it('where a newcomer knows by a welcome how far the others are', async () => {
    const { alice, bob } = await three();
    const far = 3 * MAX_LEAP;
    const last = await alice.make('last', { seq: 9, own: NOWHERE, lamport: far + 1 });
    bob.hear(last);
    expect(bob.chains.mayShow(last.id)).toBe(false);
    bob.chains.anchor([{ id: NOWHERE, lamport: far }]);
    expect(bob.chains.mayShow(last.id)).toBe(true);
    expect((await bob.say('hello')).header).toMatchObject({ seen: [NOWHERE], lamport: far + 2 });
  });
});
