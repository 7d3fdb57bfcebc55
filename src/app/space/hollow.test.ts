// What is held without its body for no reason that still holds comes again from whoever has it (sync/SPEC.md §6), and
// nothing comes back that its author took back or the rules let disappear.

import { describe, expect, test } from 'vitest';
import { utf8 } from '#core/bytes/bytes.ts';
import { EVERYONE, type MessageId } from '#core/charter/ids.ts';
import { encodeChatBody, type ChatBody } from '#core/chat/body.ts';
import { DAY, HOUR, MINUTE, SECOND } from '#core/ports.ts';
import { decodeOpenRun, encodeOpenRun, type OpenMessage } from '#core/sync/open-run.ts';
import { emptyParcel, type Parcel } from '#core/sync/parcel.ts';
import { gathered, personIn, type Member as Person } from '#tests/suites/group-members.ts';
import { Town, townRules, type Member } from '#tests/suites/group-replicas.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { Refills } from './refills.ts';
import { GroupLasting } from './lasting.ts';
import { heldNow, serve } from './offer.ts';
import { revokeBody } from './revoking.ts';

const VANISHING = { ...townRules, history: { ...townRules.history, retainDays: 30 } };

interface Cast {
  readonly town: Town;
  readonly alice: Member;
  readonly bob: Member;
  readonly carol: Member;
  readonly dave: Member;
}

async function cast(rules = townRules): Promise<Cast> {
  const town = new Town();
  const alice = await town.found('alice', rules);
  const bob = await town.join('bob', alice);
  const carol = await town.join('carol', alice);
  const dave = await town.join('dave', alice);
  await town.live(HOUR);
  for (const member of town.members) lasting(member);
  return { town, alice, bob, carol, dave };
}

function lasting({ replica }: Member): void {
  replica.lasting = new GroupLasting(replica, () => true);
}

const chat = ({ clock }: Town, text: string) => encodeChatBody({ kind: 'chat', at: clock.now(), text } as ChatBody);
const last = ({ replica }: Member): MessageId => replica.log.entries.at(-1)!.message.id;
const takeBack = (by: Member, target: MessageId) => by.sayBytes(encodeChatBody({ kind: 'delete', target }), 'delete');
const chainOf = (of: Member) => `${of.device}/${EVERYONE}/${of.replica.incarnation}`;
const holds = ({ replica }: Member, id: MessageId): boolean => replica.log.get(id)?.open !== undefined;

/** Everything that a member has, whole, also where others asked for nothing. */
function allOf(from: Member, to: Member): readonly Parcel[] {
  const { chains, records } = heldNow(from.replica);
  return [
    ...serve(from.replica, { request: 1, ops: true, heads: to.replica.charter.heads, records, chains }, to.device),
  ];
}

/** Dave takes back what he said, not having heard that he was removed; Bob hears that first, and Carol nothing of it. */
async function takenBackTooLate(): Promise<Cast & { readonly id: MessageId }> {
  const people = await cast();
  const { town, alice, bob, carol, dave } = people;
  await dave.sayBytes(chat(town, 'said'), 'chat');
  await town.deliver();
  const id = last(dave);
  [carol, dave].forEach((member) => (member.isOn = false));
  await alice.act(revokeBody(alice.replica, dave.principal));
  await takeBack(dave, id);
  await town.deliver(bob);
  bob.replica.shred(id);
  return { ...people, id };
}

test('what was destroyed for a word that does not stand comes again from whoever still has it', async () => {
  const { town, bob, carol, dave, id } = await takenBackTooLate();
  expect(bob.replica.standing.stands(last(dave))).toBe(false);
  expect(bob.replica.lasting.hollowIn!(chainOf(dave)).map((place) => place.id)).toEqual([id]);
  await town.link(carol, bob);
  expect(holds(bob, id)).toBe(true);
  expect(bob.replica.lasting.hollowIn!(chainOf(dave))).toEqual([]);
  await bob.restart();
  expect(holds(bob, id)).toBe(true);
});

test('what its author took back does not come again, whoever brings it', async () => {
  const { town, bob, carol, dave } = await cast();
  await dave.sayBytes(chat(town, 'said'), 'chat');
  await town.deliver();
  const id = last(dave);
  await takeBack(dave, id);
  await town.deliver(bob);
  bob.replica.shred(id);
  expect(bob.replica.lasting.hollowIn!(chainOf(dave))).toEqual([]);
  await town.link(carol, bob);
  expect(holds(carol, id)).toBe(true);
  expect(holds(bob, id)).toBe(false);
});

test('what was said before somebody came does not come to them afterwards', async () => {
  const { town, alice, bob, carol } = await cast();
  await alice.sayBytes(chat(town, 'before erin'), 'chat');
  const id = last(alice);
  await town.deliver();
  await alice.rotate(EVERYONE);
  await town.live(HOUR);
  const erin = await town.join('erin', alice);
  await town.live(HOUR);
  lasting(erin);
  await town.link(bob, erin);
  expect(erin.replica.log.get(id)).toMatchObject({ open: undefined });
  expect(erin.replica.lasting.hollowIn!(chainOf(alice))).toEqual([]);
  // Somebody with another app gives it all the same.
  const chain = { device: alice.device, scope: EVERYONE, incarnation: alice.replica.incarnation };
  const upTo = { request: 1, ops: false, heads: [], records: [], chains: [{ chain, spans: [{ from: 0, to: 99 }] }] };
  const runs = [...serve(bob.replica, upTo, carol.device)].flatMap((piece) => piece.runs);
  const given = runs.flatMap((run) => decodeOpenRun(run)).find(({ message }) => message.id === id);
  expect(given?.open).toBeDefined();
  await erin.take({ ...emptyParcel, runs }, bob.device);
  expect(holds(erin, id)).toBe(false);
});

describe('what somebody said who was removed since, and of which a newcomer knows without its body', () => {
  /** Dave talks while Alice is away, who removes him; Erin comes, and talks on top of what she may not read. */
  async function talkOnTop(): Promise<
    Cast & { readonly erin: Member; readonly id: MessageId; readonly onTop: MessageId }
  > {
    const people = await cast();
    const { town, alice, bob, carol, dave } = people;
    alice.isOn = false;
    await dave.sayBytes(chat(town, 'before erin'), 'chat');
    const id = last(dave);
    await town.deliver(bob, carol);
    await bob.rotate(EVERYONE);
    const erin = await town.join('erin', bob);
    lasting(erin);
    await town.deliver(bob, carol, erin);
    await town.link(bob, erin);
    expect(erin.replica.log.get(id)).toMatchObject({ open: undefined });
    await erin.sayBytes(chat(town, 'on top'), 'chat');
    return { ...people, erin, id, onTop: last(erin) };
  }

  test('is held so by who has more right to it, who waits for nobody and gets it from the next who has it', async () => {
    const { town, carol, alice, dave, erin, id, onTop } = await talkOnTop();
    await alice.act(revokeBody(alice.replica, dave.principal));
    await town.link(alice, erin);
    await town.link(erin, alice);
    expect(holds(alice, onTop)).toBe(true);
    expect(alice.replica.log.get(id)).toMatchObject({ open: undefined });
    await town.link(carol, alice);
    expect(holds(alice, id)).toBe(true);
  });

  test('is waited for as long as its author may bring it', async () => {
    const { town, alice, dave, erin, id, onTop } = await talkOnTop();
    await town.link(erin, alice);
    expect([holds(alice, onTop), alice.replica.hasMessage(dave.replica.log.get(id)!.message)]).toEqual([false, false]);
    await town.link(dave, alice);
    await town.link(erin, alice);
    expect([holds(alice, onTop), holds(alice, id)]).toEqual([true, true]);
  });

  test('is not held so because somebody left it out who was there', async () => {
    const { town, bob, alice, dave, erin, id, onTop } = await talkOnTop();
    await town.deliver(bob);
    await alice.act(revokeBody(alice.replica, dave.principal));
    const bare = allOf(bob, alice).map((parcel) => ({
      ...parcel,
      runs: parcel.runs.map((run) =>
        encodeOpenRun(decodeOpenRun(run).map((said) => (said.message.id === id ? { ...said, open: undefined } : said))),
      ),
    }));
    for (const parcel of bare) await alice.take(parcel, bob.device);
    expect(alice.replica.hasMessage(dave.replica.log.get(id)!.message)).toBe(false);
    await town.link(alice, erin);
    await town.link(erin, alice);
    expect(holds(alice, onTop)).toBe(true);
  });
});

describe('an edit that was left out where it may have gone with what it changed', () => {
  async function edited(
    rules = townRules,
  ): Promise<Cast & { readonly ids: readonly MessageId[]; readonly edit: MessageId }> {
    const people = await cast(rules);
    const { town, alice, bob, carol } = people;
    carol.isOn = false;
    const ids: MessageId[] = [];
    for (const text of ['one', 'two']) {
      await alice.sayBytes(chat(town, text), 'chat');
      ids.push(last(alice));
    }
    const body = { kind: 'edit', at: town.clock.now(), target: ids[0]!, text: 'ONE' } as ChatBody;
    await alice.sayBytes(encodeChatBody(body), 'edit');
    const edit = last(alice);
    await takeBack(alice, ids[1]!);
    await town.deliver(bob);
    for (const { replica } of [alice, bob]) replica.shred(ids[1]!);
    return { ...people, ids, edit };
  }

  const without = (parcels: readonly Parcel[], omitted: MessageId): readonly Parcel[] =>
    parcels.map((parcel) => ({
      ...parcel,
      runs: parcel.runs.map((run) => encodeOpenRun(decodeOpenRun(run).map((said) => bare(said, omitted)))),
    }));
  const bare = (said: OpenMessage, omitted: MessageId): OpenMessage =>
    said.message.id === omitted ? { ...said, open: undefined } : said;

  test('is held, is asked for once on each link, and comes from the next who has it', async () => {
    const { town, alice, bob, carol, edit } = await edited();
    for (const parcel of without(allOf(bob, carol), edit)) await carol.take(parcel, bob.device);
    expect(carol.replica.log.get(edit)).toMatchObject({ open: undefined });
    const place = carol.replica.log.get(edit)!.message.header.seq;
    const refills = new Refills(carol.replica);
    const asked = (): boolean => !refills.spans(chainOf(alice), [{ from: 0, to: 9 }]).some(({ to }) => to > place);
    const [first] = refills.spans(chainOf(alice), [{ from: 0, to: place + 1 }]);
    expect(first).toEqual({ from: 0, to: place });
    await town.pass(DAY);
    expect(asked()).toBe(false);
    await town.link(alice, carol);
    expect(holds(carol, edit)).toBe(true);
  });

  test('comes from the next also where it could have disappeared by the rules', async () => {
    const { town, alice, bob, carol, edit } = await edited(VANISHING);
    for (const parcel of without(allOf(bob, carol), edit)) await carol.take(parcel, bob.device);
    expect(carol.replica.log.get(edit)).toMatchObject({ open: undefined });
    expect(carol.replica.lasting.hollowIn!(chainOf(alice))).toMatchObject([{ id: edit, isLikely: true }]);
    await town.link(alice, carol);
    expect(holds(carol, edit)).toBe(true);
  });

  test('stays away if what it changed was taken back', async () => {
    const { town, alice, bob, carol, ids, edit } = await edited();
    for (const parcel of without(allOf(bob, carol), edit)) await carol.take(parcel, bob.device);
    await takeBack(alice, ids[0]!);
    await carol.take(town.tape.at(-1)!.written.parcel);
    carol.replica.shred(ids[0]!);
    await town.link(bob, carol);
    expect(holds(bob, edit)).toBe(true);
    expect(holds(carol, edit)).toBe(false);
  });
});

test('what nobody has is asked for a few times on a link, at growing distances, and then no more', async () => {
  const { town, bob, dave, id } = await takenBackTooLate();
  const refills = new Refills(bob.replica);
  const { seq } = bob.replica.log.get(id)!.message.header;
  const times: number[] = [];
  for (let minutes = 0; minutes < 24 * 60; minutes++) {
    const spans = refills.spans(chainOf(dave), [{ from: 0, to: seq + 1 }]);
    if (!spans.some(({ to }) => to > seq)) times.push(minutes);
    await town.pass(MINUTE);
  }
  expect(times).toEqual([0, 1, 3, 11, 43]);
});

test('a body whose time is over does not come back', async () => {
  const { town, alice, bob, carol } = await cast(VANISHING);
  await alice.sayBytes(chat(town, 'for a month'), 'chat');
  const id = last(alice);
  await town.deliver();
  await town.pass(31 * DAY);
  bob.replica.shred(id);
  for (const parcel of allOf(carol, bob)) await bob.take(parcel, carol.device);
  expect(holds(carol, id)).toBe(true);
  expect(holds(bob, id)).toBe(false);
  expect(bob.replica.lasting.hollowIn!(chainOf(alice))).toEqual([]);
});

test('a body that is not the message’s is not taken', async () => {
  const { town, bob, carol, id } = await takenBackTooLate();
  for (const parcel of allOf(carol, bob)) {
    const runs = parcel.runs.map((run) =>
      encodeOpenRun(
        decodeOpenRun(run).map((said) =>
          said.message.id === id ? { ...said, open: { salt: new Uint8Array(32), body: utf8('something else') } } : said,
        ),
      ),
    );
    await bob.take({ ...parcel, runs }, carol.device);
  }
  expect(holds(bob, id)).toBe(false);
  await town.link(carol, bob);
  expect(holds(bob, id)).toBe(true);
});

test('P16 words that somebody took back after their removal are seen by all again, or by nobody', async () => {
  const world = await SessionWorld.start();
  const all = (await gathered(world, 'founder-led', 'alice', 'bob', 'carol')) as [Person, Person, Person];
  const [alice, bob, carol] = all;
  await bob.say('on the record');
  await world.pass(5_000);
  // Alice removes Bob and reaches nobody; Bob takes his words back, and Carol destroys them.
  const mend = world.roads.part(['alice'], ['bob', 'carol', 'relay0']);
  expect(await world.during(alice.group.remove(personIn(alice, 'bob').id))).toBe('done');
  await world.during(bob.talk().deleteForAll(bob.messages()[0]!.id));
  await world.pass(5_000);
  expect(carol.messages()).toMatchObject([{ deleted: true, text: '' }]);
  await bob.person.stop();
  mend();
  await world.pass(60 * SECOND);
  expect(carol.names()).toEqual(['alice', 'carol']);
  for (const member of [alice, carol])
    expect(member.messages()).toMatchObject([{ deleted: false, text: 'on the record' }]);
  await carol.person.stop();
  await carol.person.start();
  expect(carol.texts()).toEqual(['on the record']);
});
