// Whoever passes on what others said can leave a body out: it is missing then, for everybody to see, and comes from the
// next one who is asked (sync/SPEC.md §6).

import { describe, expect, test } from 'vitest';
import { EVERYONE, type MessageId } from '#core/charter/ids.ts';
import type { Rules } from '#core/charter/rules.ts';
import { encodeChatBody, type ChatBody } from '#core/chat/body.ts';
import { DAY, HOUR, MINUTE } from '#core/ports.ts';
import { decodeOpenRun, encodeOpenRun } from '#core/sync/open-run.ts';
import { emptyParcel, type Parcel } from '#core/sync/parcel.ts';
import { Town, townRules, type Member } from '#tests/suites/group-replicas.ts';
import { GroupLasting } from './lasting.ts';
import { heldNow, serve } from './offer.ts';

interface Cast {
  readonly town: Town;
  readonly alice: Member;
  readonly bob: Member;
  readonly carol: Member;
  /** What Alice said while Carol was away. */
  readonly ids: readonly MessageId[];
}

async function cast(rules = townRules): Promise<Cast> {
  const town = new Town();
  const alice = await town.found('alice', rules);
  const [bob, carol] = [await town.join('bob', alice), await town.join('carol', alice)];
  await town.live(HOUR);
  for (const { replica } of town.members) replica.lasting = new GroupLasting(replica, () => true);
  carol.isOn = false;
  const from = alice.replica.log.entries.length;
  for (const text of ['one', 'two', 'three']) await alice.say(text);
  await town.deliver();
  const ids = alice.replica.log.entries.slice(from).map(({ message }) => message.id);
  return { town, alice, bob, carol, ids };
}

/** What a member serves another who has nothing of what was said meanwhile, as it left them. */
function served(from: Member, to: Member): readonly Parcel[] {
  const { chains, records } = heldNow(from.replica);
  return [
    ...serve(from.replica, { request: 1, ops: true, heads: to.replica.charter.heads, records, chains }, to.device),
  ];
}

/** The same without the body of one message. */
function without(parcels: readonly Parcel[], omitted: MessageId): readonly Parcel[] {
  return parcels.map((parcel) => {
    const runs = parcel.runs.map((bytes) => {
      const run = decodeOpenRun(bytes);
      return encodeOpenRun(run.map((said) => (said.message.id === omitted ? { ...said, open: undefined } : said)));
    });
    return { ...parcel, runs };
  });
}

async function takeAll(to: Member, parcels: readonly Parcel[], from?: Member): Promise<void> {
  for (const parcel of parcels) await to.take(parcel, from?.device ?? true);
}

/** Alice takes something back, and her device destroys it. */
async function takeBack(by: Member, target: MessageId): Promise<void> {
  const said = encodeChatBody({ kind: 'delete', target });
  await by.sayBytes(said, 'delete');
  by.replica.shred(target);
}

test('what somebody left out is missing and shows, and comes from the next who has it', async () => {
  const { alice, bob, carol, ids, town } = await cast();
  await takeAll(carol, without(served(bob, carol), ids[1]!));
  expect(carol.texts()).toEqual(['one']);
  const { chains } = carol.replica;
  expect(chains.gaps()).toMatchObject([{ device: alice.device, from: 1, to: 2 }]);
  expect(
    carol.replica.spans({ device: alice.device, incarnation: alice.replica.incarnation, scope: EVERYONE }),
  ).toEqual([
    { from: 0, to: 1 },
    { from: 2, to: 3 },
  ]);
  // Again and again makes it no truer, also after a restart.
  await carol.restart();
  carol.replica.lasting = new GroupLasting(carol.replica, () => true);
  await takeAll(carol, without(served(bob, carol), ids[1]!));
  expect(carol.texts()).toEqual(['one']);
  await town.link(alice, carol);
  expect(carol.texts()).toEqual(['one', 'two', 'three']);
  expect(carol.replica.chains.gaps()).toEqual([]);
});

test('what its author took back is held as gone, wherever in what came their word stands', async () => {
  const { alice, bob, carol, ids, town } = await cast();
  await takeBack(alice, ids[1]!);
  await town.deliver(bob);
  bob.replica.shred(ids[1]!);
  // What takes it back comes last, by itself.
  const chain = { device: alice.device, incarnation: alice.replica.incarnation, scope: EVERYONE };
  for (const span of [
    { from: 0, to: 3 },
    { from: 3, to: 4 },
  ]) {
    const want = { request: 1, ops: true, heads: [], records: [], chains: [{ chain, spans: [span] }] };
    expect(carol.replica.log.get(ids[1]!)).toBeUndefined();
    await takeAll(carol, [...serve(bob.replica, want, carol.device)]);
  }
  expect(carol.texts().slice(0, 2)).toEqual(['one', 'three']);
  expect(carol.replica.chains.gaps()).toEqual([]);
  expect(carol.replica.log.get(ids[1]!)).toMatchObject({ open: undefined, stands: true });
});

test('nobody else’s word takes a body away', async () => {
  const { bob, carol, ids, town, alice } = await cast();
  await bob.sayBytes(encodeChatBody({ kind: 'delete', target: ids[1]! }), 'delete');
  await takeAll(carol, without(served(bob, carol), ids[1]!));
  expect(carol.texts()).not.toContain('two');
  expect(carol.replica.chains.gaps()).toHaveLength(1);
  await town.link(alice, carol);
  expect(carol.texts()).toContain('two');
});

/** Alice speaks under a new key; Bob got her words, and not yet the acts on top of which they were said. */
async function ahead(): Promise<Cast> {
  const people = await cast();
  const { town, alice, bob } = people;
  await alice.rotate(EVERYONE);
  await alice.say('four');
  await town.deliver(alice);
  await takeAll(bob, wordsOnly(served(alice, bob)));
  const { id } = alice.replica.log.entries.at(-1)!.message;
  expect(bob.replica.pending.get(id)?.open).toBeDefined();
  return { ...people, ids: [id] };
}

function wordsOnly(parcels: readonly Parcel[]): readonly Parcel[] {
  return parcels.map(({ runs }) => ({ ...emptyParcel, runs }));
}

test('who does not know yet after what something was said keeps its body from nobody who was there', async () => {
  const { town, alice, bob, carol, ids } = await ahead();
  const given = served(bob, carol).flatMap(({ runs }) => runs.flatMap((bytes) => decodeOpenRun(bytes)));
  expect(given.some(({ open }) => open !== undefined)).toBe(true);
  expect(given.filter(({ message, open }) => ids.includes(message.id) && open === undefined)).toEqual([]);
  await takeAll(carol, served(bob, carol), bob);
  await town.link(alice, carol);
  expect(carol.texts()).toEqual(['one', 'two', 'three', 'four']);
});

test('what came without its body before the acts after which it was said is missing, and comes from the next who has it', async () => {
  const { town, alice, bob, carol, ids } = await ahead();
  await takeAll(carol, wordsOnly(without(served(alice, carol), ids[0]!)), bob);
  expect(carol.replica.hasMessage(alice.replica.log.get(ids[0]!)!.message)).toBe(false);
  await town.link(alice, carol);
  expect(carol.texts()).toEqual(['one', 'two', 'three', 'four']);
});

describe('where the rules let things disappear', () => {
  const vanishing: Rules = { ...townRules, history: { ...townRules.history, retainDays: 30 } };

  /** As `cast`, with words that say when they were said. */
  async function talking(): Promise<Cast> {
    const people = await cast(vanishing);
    const { town, alice, carol } = people;
    const from = alice.replica.log.entries.length;
    for (const text of ['four', 'five', 'six']) {
      await town.pass(MINUTE);
      await alice.sayBytes(chatAt(town, text), 'chat');
    }
    await town.deliver(people.bob);
    expect(carol.texts()).toEqual([]);
    return { ...people, ids: alice.replica.log.entries.slice(from).map(({ message }) => message.id) };
  }

  const chatAt = ({ clock }: Town, text: string) => encodeChatBody({ kind: 'chat', at: clock.now(), text } as ChatBody);
  const isMissing = (member: Member, id: MessageId): boolean => member.replica.log.get(id) === undefined;

  test('what cannot be over yet is missing, and comes from the next who has it', async () => {
    const { alice, bob, carol, ids } = await talking();
    for (let again = 0; again < 3; again++) await takeAll(carol, without(served(bob, carol), ids[1]!), bob);
    expect(isMissing(carol, ids[1]!)).toBe(true);
    expect(carol.replica.chains.gaps()).toHaveLength(1);
    await takeAll(carol, served(alice, carol), alice);
    expect(carol.replica.log.get(ids[1]!)?.open).toBeDefined();
    expect(carol.replica.chains.gaps()).toEqual([]);
  });

  test('what two people give without a body is over', async () => {
    const { alice, bob, carol, ids } = await talking();
    await takeAll(carol, without(served(bob, carol), ids[1]!), bob);
    expect(isMissing(carol, ids[1]!)).toBe(true);
    await takeAll(carol, without(served(alice, carol), ids[1]!), alice);
    expect(carol.replica.log.get(ids[1]!)).toMatchObject({ open: undefined, stands: true });
    expect(carol.replica.chains.gaps()).toEqual([]);
  });

  test('what is over when its time came is asked for no more', async () => {
    const { town, bob, carol, ids } = await talking();
    await takeAll(carol, without(served(bob, carol), ids[1]!), bob);
    await town.pass(30 * DAY);
    await carol.take(emptyParcel, bob.device);
    expect(carol.replica.log.get(ids[1]!)).toMatchObject({ open: undefined, stands: true });
    expect(carol.replica.chains.gaps()).toEqual([]);
  });

  test('who was away for so long takes one person’s word that all of it is over', async () => {
    const { town, bob, carol, ids } = await talking();
    await town.pass(31 * DAY);
    bob.replica.shred(...bob.replica.log.entries.map(({ message }) => message.id));
    await takeAll(carol, served(bob, carol), bob);
    expect(ids.every((id) => !isMissing(carol, id))).toBe(true);
    expect(carol.replica.chains.gaps()).toEqual([]);
  });

  test('an edit goes with what it changed, and that only its body said', async () => {
    const { town, alice, bob, carol, ids } = await talking();
    const edit = { kind: 'edit', at: town.clock.now(), target: ids[0]!, text: 'FOUR' } as ChatBody;
    await alice.sayBytes(encodeChatBody(edit), 'edit');
    await town.deliver(bob);
    const { id } = alice.replica.log.entries.at(-1)!.message;
    await takeAll(carol, without(served(bob, carol), id), bob);
    expect(isMissing(carol, id)).toBe(false);
  });
});
