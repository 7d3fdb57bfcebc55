// Tasks between groups in real sessions over relay nodes in memory (P39, P40): cards, orders, and word of how they go.

import { describe, expect, it, vi } from 'vitest';
import { hex } from '#core/bytes/bytes.ts';
import type { DeviceId } from '#core/charter/ids.ts';
import { cardBytes } from '#core/charter/proofs.ts';
import { signLetter } from '#core/neighbours/order.ts';
import { encodeOutsideCard } from '#core/neighbours/outside-card.ts';
import { DAY, HOUR, type Millis } from '#core/ports.ts';
import { gathered, personIn, type Member } from '#tests/suites/group-members.ts';
import { MAX_REFUSED_FILED } from './neighbour-inbox.ts';
import {
  acquaint,
  acquainted,
  cardIn,
  forgedOrder,
  HELPER,
  LEAD,
  leaveLetter,
  MEALS,
  room,
  seen,
  sendMeals,
  withCard,
} from '#tests/suites/neighbour-groups.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { FORGER } from '#tests/sim/stray-letter.ts';

vi.setConfig({ testTimeout: 120_000 });

/** How often the order for meals stands in somebody's messages on disk. */
function timesFiled({ person }: Member): number {
  const rows = person.disk.rows.filter(({ collection }) => collection.startsWith('log:'));
  const texts = rows.map(({ value }) => Buffer.from(value!).toString('latin1'));
  return texts.reduce((sum, text) => sum + text.split(MEALS.title).length - 1, 0);
}

describe('a task from another group', () => {
  it('comes with proof, is accepted, and word of how it goes comes back by itself (P39, P40)', async () => {
    const [world, [alice, bob], [carol, dave]] = await acquainted(['alice', 'bob'], ['carol', 'dave']);
    expect(seen(alice!).known.map(({ name }) => name)).toEqual(['Night Shift']);
    expect(seen(alice!).known[0]!.safetyNumber).toBe(seen(carol!).known[0]!.safetyNumber);
    await sendMeals(world, alice!);
    await world.pass(20_000);
    expect(seen(alice!).sent).toMatchObject([{ title: MEALS.title, state: 'sent' }]);
    for (const member of [carol!, dave!]) {
      expect(seen(member).received).toMatchObject([
        { title: MEALS.title, text: MEALS.text, due: 20_003, fromName: 'Harbour Kitchen', state: undefined },
      ]);
      expect(seen(member).refused).toEqual([]);
    }
    const [came] = seen(carol!).received;
    const parts = [{ title: 'Cook' }, { title: 'Carry' }];
    expect(await world.during(room(carol!).accept(came!.id, parts))).toBe('done');
    await world.pass(60_000);
    for (const member of [alice!, bob!]) {
      expect(seen(member).sent).toMatchObject([{ state: 'split', parts: { all: 2, done: 0 } }]);
    }
    for (const { id: task } of seen(dave!).received[0]!.tasks) {
      await world.during(dave!.group.tasks!.act(task, { do: 'move', to: 'done' }));
    }
    await world.pass(60_000);
    expect(seen(bob!).sent).toMatchObject([{ state: 'done', parts: { all: 2, done: 2 } }]);
    expect(seen(alice!).refused).toEqual([]);
  });

  it('goes back with a word of why', async () => {
    const [world, [alice], [carol]] = await acquainted(['alice'], ['carol']);
    await sendMeals(world, alice!);
    await world.pass(20_000);
    const { id } = seen(carol!).received[0]!;
    expect(await world.during(room(carol!).giveBack(id, 'our oven is broken'))).toBe('done');
    await world.pass(20_000);
    expect(seen(carol!).received).toMatchObject([{ state: 'returned' }]);
    expect(seen(alice!).sent).toMatchObject([{ state: 'returned', note: 'our oven is broken' }]);
  });

  it('gets through while at each moment one of the two groups is away', async () => {
    const [world, [alice], [carol]] = await acquainted(['alice'], ['carol']);
    await carol!.person.stop();
    await sendMeals(world, alice!);
    await world.pass(20_000);
    expect(seen(alice!).sent[0]!.state).toBe('sent');
    await alice!.person.stop();
    await world.pass(2 * DAY);
    await carol!.person.start();
    await world.pass(30_000);
    const [came] = seen(carol!).received;
    expect(came?.title).toBe(MEALS.title);
    await world.during(room(carol!).accept(came!.id, [{ title: came!.title }]));
    await world.pass(30_000);
    await carol!.person.stop();
    await world.pass(HOUR);
    await alice!.person.start();
    await world.pass(30_000);
    expect(seen(alice!).sent).toMatchObject([{ state: 'accepted', parts: { all: 1, done: 0 } }]);
  });

  it('is not lost when the app dies between collecting it and filing it', async () => {
    const [world, [alice], [carol]] = await acquainted(['alice'], ['carol']);
    await sendMeals(world, alice!);
    const waits = () => carol!.person.disk.rows.some(({ collection }) => collection.startsWith('letter:'));
    for (let i = 0; i < 500 && !waits(); i++) await world.pass(10);
    expect(waits()).toBe(true);
    expect(seen(carol!).received).toEqual([]);
    carol!.person.vanish();
    await world.pass(1_000);
    await carol!.person.start();
    // Nothing comes from the relay node any more.
    for (const relay of world.relays) relay.crash();
    await world.pass(20_000);
    expect(seen(carol!).received.map(({ title }) => title)).toEqual([MEALS.title]);
    expect(waits()).toBe(false);
  });

  it('that nobody approved is shown and not taken, and taken once somebody does approve it', async () => {
    const [world, [alice], [carol, dave]] = await acquainted(['alice'], ['carol', 'dave'], []);
    await sendMeals(world, alice!);
    await world.pass(30_000);
    expect(seen(dave!).received).toEqual([]);
    expect(seen(dave!).refused).toMatchObject([{ why: 'not-approved', title: MEALS.title, isOpen: true }]);
    const { from } = seen(carol!).refused[0]!;
    expect(await world.during(room(carol!).trust(from, { name: 'Harbour', roles: [LEAD] }))).toBe('done');
    await world.pass(10_000);
    expect(seen(dave!).received.map(({ title }) => title)).toEqual([MEALS.title]);
    expect(seen(dave!).refused).toEqual([]);
  });
});

describe('what other groups send', () => {
  it('is read only by the role that takes it, and by who gets that role later (P39)', async () => {
    const world = await SessionWorld.start();
    const [alice] = await withCard(world, 'alice');
    const [carol, dave, erin] = await gathered(world, 'founder-led', 'carol', 'dave', 'erin');
    const give = (name: string) => world.during(carol!.group.giveRole(personIn(carol!, name).id, HELPER));
    expect(await Promise.all([await give('carol'), await give('dave')])).toEqual(['done', 'done']);
    await world.pass(15 * 60_000);
    const making = { roles: [LEAD], readers: HELPER };
    expect(await world.during(room(carol!).publishCard(making))).toBe('done');
    await acquaint(world, alice!, carol!);
    await sendMeals(world, alice!);
    await world.pass(60_000);
    for (const member of [carol!, dave!]) {
      expect(seen(member)).toMatchObject({ home: 'here', readers: HELPER });
      expect(seen(member).received.map(({ title }) => title)).toEqual([MEALS.title]);
    }
    const words = (member: Member) =>
      member.person.disk.rows.some(({ value }) => value !== null && Buffer.from(value).includes(MEALS.title));
    expect([words(dave!), words(erin!)]).toEqual([true, false]);
    expect(seen(erin!)).toMatchObject({ home: 'elsewhere', received: [], known: [], mayPublish: false });
    expect(await world.during(room(erin!).approve(seen(alice!).card!.code!, { name: 'x', roles: [] }))).toBe('no-card');

    expect(await give('erin')).toBe('done');
    await world.pass(15 * 60_000);
    expect(seen(erin!)).toMatchObject({ home: 'here', readers: HELPER });
    expect(seen(erin!).received.map(({ title }) => title)).toEqual([MEALS.title]);
  });

  it('is filed once, though all devices of the group collect it', async () => {
    const [world, [alice], [carol, dave, erin]] = await acquainted(['alice'], ['carol', 'dave', 'erin']);
    await sendMeals(world, alice!);
    await world.pass(120_000);
    for (const member of [carol!, dave!, erin!]) expect(seen(member).received).toHaveLength(1);
    expect(timesFiled(carol!)).toBe(1);
  });
});

describe('two who do not see each other', () => {
  it('both file what came; it counts once and is told once', async () => {
    const [world, [alice], [carol, dave]] = await acquainted(['alice'], ['carol', 'dave']);
    for (const [from, to] of [
      ['carol', 'dave'],
      ['dave', 'carol'],
    ] as const)
      world.roads.cut(from, to);
    await world.pass(60_000);
    const [ours, theirs] = [cardIn(seen(alice!).card!.code), cardIn(seen(carol!).card!.code)];
    const { letter } = await forgedOrder(world, { from: ours, to: theirs }, 1_000);
    await leaveLetter(world, theirs, letter);
    await sendMeals(world, alice!);
    await world.pass(120_000);
    expect(timesFiled(carol!)).toBe(2);
    for (const member of [carol!, dave!]) {
      expect(seen(member).received.map(({ title }) => title)).toEqual([MEALS.title]);
      expect(seen(member).refused.map(({ why }) => why)).toEqual(['forged']);
    }
  });
});

describe('a letter that is refused', () => {
  it('is shown to all, though who filed it has a clock that is ten years slow', async () => {
    const [world, [alice], [carol, dave]] = await acquainted(['alice'], ['carol', 'dave']);
    carol!.person.clockOffset = -3_650 * DAY;
    // Only Carol collects what comes; Dave has it of her.
    const back = world.relays.flatMap(({ place }) => {
      const { name } = dave!.person;
      return [world.roads.cut(name, place), world.roads.cut(place, name)];
    });
    const [ours, theirs] = [cardIn(seen(alice!).card!.code), cardIn(seen(carol!).card!.code)];
    await leaveLetter(world, theirs, (await forgedOrder(world, { from: ours, to: theirs }, 1_000)).letter);
    await world.pass(60_000);
    back.forEach((end) => end());
    await world.pass(60_000);
    for (const member of [carol!, dave!]) expect(seen(member).refused.map(({ why }) => why)).toEqual(['forged']);
  });
});

describe('a forged twin', () => {
  it('of an order is refused by every member, and shown; the true one is taken (P40)', async () => {
    const [world, [alice], [carol, dave]] = await acquainted(['alice'], ['carol', 'dave']);
    const [ours, theirs] = [cardIn(seen(alice!).card!.code), cardIn(seen(carol!).card!.code)];
    const seed = FORGER;
    // Mallory has both cards: they are no secret. What the lead's key signs he has not.
    const { order, letter } = await forgedOrder(world, { from: ours, to: theirs }, 1_000);
    await leaveLetter(world, theirs, letter);
    // Nor does a card of his own help that says it is the other group's.
    const card = { ...ours.card, roles: [{ id: LEAD, label: 'lead', key: await world.suite.signingKeyOf(seed) }] };
    const bytes = encodeOutsideCard(card);
    const [number, expires] = [ours.number + 9, ours.expires];
    const signature = await world.suite.sign('groupCard', cardBytes({ number, expires, card: bytes }), seed);
    const posing = { card, bytes, number, expires, key: ours.key, signature };
    await leaveLetter(
      world,
      theirs,
      await signLetter(world.suite, { ...order, at: 2_000 as Millis }, { card: posing, seed }),
    );
    // As himself he is somebody nobody approved.
    const key = hex.encode(await world.suite.signingKeyOf(seed)) as DeviceId;
    const himself = { ...order, from: key, at: 3_000 as Millis };
    await leaveLetter(world, theirs, await signLetter(world.suite, himself, { card: { ...posing, key }, seed }));
    await sendMeals(world, alice!);
    await world.pass(60_000);
    for (const member of [carol!, dave!]) {
      expect(seen(member).received.map(({ title }) => title)).toEqual([MEALS.title]);
      expect(
        seen(member)
          .refused.map(({ why }) => why)
          .sort(),
      ).toEqual(['forged', 'forged', 'not-approved']);
    }
  });

  it('sent without end fills nobody’s disk', async () => {
    const [world, [alice], [carol]] = await acquainted(['alice'], ['carol']);
    const [ours, theirs] = [cardIn(seen(alice!).card!.code), cardIn(seen(carol!).card!.code)];
    for (let i = 0; i < 60; i++) {
      await leaveLetter(world, theirs, (await forgedOrder(world, { from: ours, to: theirs }, i)).letter);
    }
    await sendMeals(world, alice!);
    await world.pass(120_000);
    expect(seen(carol!).received.map(({ title }) => title)).toEqual([MEALS.title]);
    expect(seen(carol!).refused.length).toBe(MAX_REFUSED_FILED);
  });
});
