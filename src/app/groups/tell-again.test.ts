// Where what was said stands otherwise now, a group is told everything again in steps that let the page draw. Nobody sees
// it half told, and it comes to what telling it at once comes to (P33).

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hex } from '#core/bytes/bytes.ts';
import { encodeChannelBody, type ChannelId } from '#core/chat/channel.ts';
import { encodeChatBody, type ChatBody } from '#core/chat/body.ts';
import { encodePinBody } from '#core/chat/pin.ts';
import type { MessageId } from '#core/charter/ids.ts';
import type { Millis } from '#core/ports.ts';
import { Town, type Member } from '#tests/suites/group-replicas.ts';
import { settle, showGroup, type ShownGroup } from '#tests/suites/shown-group.ts';

const CHANNELS = [1, 2].map((n) => hex.encode(new Uint8Array(16).fill(n)) as ChannelId);

type Say = (by: Member, at: number) => Promise<unknown>;

const chat = (body: Extract<ChatBody, { kind: 'chat' | 'edit' | 'delete' | 'profile' }>) => encodeChatBody(body);

/** The last words of somebody, if they said any. */
function lastOf(by: Member, back: number): MessageId | undefined {
  const own = by.replica.log.entries.filter(({ message: { header } }) => header.kind === 'chat');
  return own.at(-1 - back)?.message.id;
}

const words = fc.oneof(
  fc.nat({ max: 1 }).map((n): Say => (by, at) => {
    const text = `${by.name} ${at}`;
    return by.sayBytes(
      chat({ kind: 'chat', text, at: at as Millis, replyTo: undefined, channel: CHANNELS[n]! }),
      'chat',
    );
  }),
  fc.nat({ max: 5 }).map((back): Say => async (by, at) => {
    const target = lastOf(by, back);
    if (target === undefined) return;
    await by.sayBytes(chat({ kind: 'edit', target, text: `edited ${at}`, at: at as Millis }), 'edit');
  }),
  fc.nat({ max: 5 }).map((back): Say => async (by) => {
    const target = lastOf(by, back);
    if (target !== undefined) await by.sayBytes(chat({ kind: 'delete', target }), 'delete');
  }),
  fc.nat({ max: 5 }).map((back): Say => async (by) => {
    const target = lastOf(by, back);
    if (target !== undefined) await by.sayBytes(encodePinBody({ target, pinned: back % 3 > 0 }), 'pin');
  }),
  fc.nat({ max: 1 }).map((n): Say => (by, at) => {
    return by.sayBytes(encodeChannelBody({ id: CHANNELS[n]!, name: `${by.name}’s ${at}` }), 'channel');
  }),
  fc.constant<Say>((by, at) => by.sayBytes(chat({ kind: 'profile', name: `${by.name} ${at}` }), 'profile')),
);

interface Looked extends ShownGroup {
  /** What it was told, however it is drawn. */
  readonly told: () => string;
  readonly shown: () => unknown;
}

async function look(member: Member): Promise<Looked> {
  const shownGroup = await showGroup(member);
  const { group } = shownGroup;
  // A channel that was heard of only by what is void stays, without a name: nobody sees it.
  const rooms = () =>
    CHANNELS.flatMap((id) => group.room(id) ?? []).filter(({ name, view }) => {
      return name !== undefined || view.timeline.entries.length > 0;
    });
  const names = () => [...member.replica.view!.group!.members.keys()].map((id) => group.nameOf(id));
  return {
    ...shownGroup,
    told: () => JSON.stringify([names(), rooms().map(({ view, name }) => [name, view.timeline.entries])]),
    shown: () =>
      rooms().map(({ timeline, pins, channel }) => [timeline.current, pins.current, channel.current, names()]),
  };
}

/** Everybody says something; Alice has heard all of it when she ends Bob. */
async function talked(first: readonly (readonly [number, Say])[], last: readonly Say[]) {
  const town = new Town();
  const alice = await town.found('alice');
  const [bob, carol] = [await town.join('bob', alice), await town.join('carol', alice)];
  await town.deliver();
  let at = 0;
  for (const [who, say] of first) {
    await say([alice, bob, carol][who]!, at++);
    if (at % 4 === 0) await town.deliver();
  }
  await town.deliver();
  for (const say of last) await say(bob, at++);
  await town.deliver(alice);
  const end = (): Promise<unknown> => alice.act({ type: 'revoke', grant: bob.principal, frontier: [], cascade: false });
  return { town, alice, carol, end };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('in steps, with words that come in between, it is what it is at once, and never half of it', async () => {
  let changes = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat({ max: 2 }), words), { minLength: 4, maxLength: 14 }),
      fc.array(words, { minLength: 1, maxLength: 6 }),
      words,
      async (first, last, between) => {
        const { town, alice, carol, end } = await talked(first, last);
        const group = await look(alice);
        await settle(group, town);
        const before = group.told();
        await between(carol, 900);
        const seen: string[] = [];
        let reached: string | undefined;
        group.breathe.each = async () => {
          if (reached !== undefined) return;
          if (seen.length === 0) {
            void group.queue.run(async () => {
              reached = group.told();
              await town.deliver(alice);
            });
          }
          seen.push(group.told());
          await turn();
        };
        await group.queue.run(end);
        await settle(group, town);
        for (const told of seen) expect([before, reached]).toContain(told);
        if (reached !== before) changes++;
        const [told, shown] = [group.told(), group.shown()];
        group.group.close();
        await alice.flush();
        const again = await look(alice);
        await settle(again, town);
        expect(told).toEqual(again.told());
        expect(shown).toEqual(again.shown());
        again.group.close();
      },
    ),
    { numRuns: 40 },
  );
  // Something was taken back in most of them.
  expect(changes).toBeGreaterThan(10);
});

test('a group that is closed in the midst shows what it showed', async () => {
  const say =
    (text: string): Say =>
    (by, at) =>
      by.sayBytes(
        encodeChatBody({ kind: 'chat', text, at: at as Millis, replyTo: undefined, channel: CHANNELS[0]! }),
        'chat',
      );
  const first = Array.from({ length: 12 }, (_, i) => [i % 2 === 0 ? 0 : 2, say(`kept ${i}`)] as const);
  const { town, alice, end } = await talked(first, [say('void')]);
  const group = await look(alice);
  await settle(group, town);
  const before = JSON.stringify(group.shown());
  expect(before).toContain('void');
  let breaths = 0;
  group.breathe.each = async () => {
    if (++breaths === 8) group.group.close();
    await turn();
  };
  await group.queue.run(end);
  await settle(group, town);
  expect(breaths).toBeGreaterThan(8);
  expect(JSON.stringify(group.shown())).toBe(before);
});
