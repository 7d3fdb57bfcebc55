// Words that were said in a channel stay in sight when what named it does not stand (chat/SPEC.md §3).

import { expect, test } from 'vitest';
import { hex } from '#core/bytes/bytes.ts';
import { encodeChannelBody, type ChannelId } from '#core/chat/channel.ts';
import { encodeChatBody } from '#core/chat/body.ts';
import type { Millis } from '#core/ports.ts';
import { Town, type Member, type Sent } from '#tests/suites/group-replicas.ts';
import { settle, showGroup, type ShownGroup } from '#tests/suites/shown-group.ts';

const channel = hex.encode(new Uint8Array(16).fill(5)) as ChannelId;

const say = (by: Member, text: string) =>
  by.sayBytes(encodeChatBody({ kind: 'chat', text, at: 0 as Millis, replyTo: undefined, channel }), 'chat');

const shownIn = ({ group }: ShownGroup) => group.channels.current.map(({ id, name }) => [id, name]);

const textsIn = ({ group }: ShownGroup) =>
  group.room(channel)!.timeline.current.map((entry) => (entry.is === 'message' ? entry.text : entry.is));

/** Mallory makes a channel that rests on something which Carol and Dave lack; Alice, who has neither, ends Mallory. */
async function made() {
  const town = new Town();
  const alice = await town.found('alice');
  const [mallory, carol, dave] = await town.joinThree(alice);
  await town.deliver();
  const before = town.tape.length;
  await mallory.sayBytes(new Uint8Array(3), 'chat');
  const [lacking] = town.tape.splice(before) as [Sent];
  await mallory.sayBytes(encodeChannelBody({ id: channel, name: 'Mallory’s' }), 'channel');
  await town.deliver(carol, dave);
  return { town, alice, mallory, carol, dave, lacking };
}

async function ended({ town, alice, mallory, lacking }: Awaited<ReturnType<typeof made>>): Promise<void> {
  await alice.act({ type: 'revoke', grant: mallory.principal, frontier: [], cascade: false });
  town.tape.push(lacking);
  await town.deliver();
}

test('what two said in a channel whose maker was gone stays in sight for all, without the name', async () => {
  const cast = await made();
  const { town, alice, carol, dave } = cast;
  const carols = await showGroup(carol);
  expect(shownIn(carols)).toEqual([[channel, 'Mallory’s']]);
  await say(carol, 'who else is here?');
  await town.deliver(dave);
  await say(dave, 'I am');
  await ended(cast);
  await settle(carols, town);
  expect(shownIn(carols)).toEqual([[channel, '']]);
  expect(textsIn(carols)).toEqual(['who else is here?', 'I am']);
  const alices = await showGroup(alice);
  await settle(alices, town);
  expect(shownIn(alices)).toEqual([[channel, '']]);
  expect(textsIn(alices)).toEqual(['who else is here?', 'I am']);

  await alice.sayBytes(encodeChannelBody({ id: channel, name: 'Ours' }), 'channel');
  await town.deliver();
  await settle(carols, town);
  expect(shownIn(carols)).toEqual([[channel, 'Ours']]);
  alices.group.close();
  carols.group.close();
});

test('what only one said stays in sight for them, and begins no channel for others', async () => {
  const cast = await made();
  const { town, carol, dave } = cast;
  const carols = await showGroup(carol);
  await say(carol, 'saved');
  await ended(cast);
  await settle(carols, town);
  expect(shownIn(carols)).toEqual([[channel, '']]);
  expect(textsIn(carols)).toEqual(['saved']);
  const daves = await showGroup(dave);
  await settle(daves, town);
  expect(shownIn(daves)).toEqual([]);
  carols.group.close();
  daves.group.close();
});

test('a channel without a name is told to nobody who comes, and stands last', async () => {
  const cast = await made();
  const { town, alice, carol } = cast;
  const named = hex.encode(new Uint8Array(16).fill(9)) as ChannelId;
  await carol.sayBytes(encodeChannelBody({ id: named, name: 'Zebras' }), 'channel');
  await say(carol, 'saved');
  await ended(cast);
  const carols = await showGroup(carol);
  await settle(carols, town);
  expect(shownIn(carols)).toEqual([
    [named, 'Zebras'],
    [channel, ''],
  ]);
  expect(carols.group.told().channels).toEqual([{ id: named, name: 'Zebras', scope: 'everyone' }]);
  expect(alice.replica.view!.group!.members.size).toBe(4);
  carols.group.close();
});

test('words that came before the message that names their channel are not shown without it', async () => {
  const town = new Town();
  const alice = await town.found('alice');
  const [bob, carol] = await town.joinThree(alice);
  await town.deliver();
  const before = town.tape.length;
  await bob.sayBytes(encodeChannelBody({ id: channel, name: 'Garden' }), 'channel');
  const [naming] = town.tape.splice(before) as [Sent];
  await say(bob, 'one');
  await town.deliver(carol);
  const carols = await showGroup(carol);
  await settle(carols, town);
  expect(shownIn(carols)).toEqual([]);
  town.tape.push(naming);
  await town.deliver(carol);
  await settle(carols, town);
  expect(shownIn(carols)).toEqual([[channel, 'Garden']]);
  carols.group.close();
});
