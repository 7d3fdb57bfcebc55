// What towns take for channels that nobody has, and for words that count for nobody, is what the apps take for them, and no
// more (chain/SPEC.md §8, §8.1).

import { describe, expect, test } from 'vitest';
import { EVERYONE, type GrantId, type MessageId } from '#core/charter/ids.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { encodeChannelBody, type ChannelId } from '#core/chat/channel.ts';
import { encodeDocUpdate, type DocumentId } from '#core/docs/doc-update.ts';
import { HOUR } from '#core/ports.ts';
import { hadRight } from '#app/groups/group-rights.ts';
import { revokeBody, rulesBody } from '#app/space/revoking.ts';
import { KITCHEN, Town, townRules, type Member } from '#tests/suites/group-replicas.ts';
import { lostRights } from './lost-rights.ts';

const [stewards, kitchen] = townRules.roles;
/** Channels and documents are made by the kitchen; everybody talks. */
const RULES = {
  ...townRules,
  roles: [stewards!, { ...kitchen!, can: ['channels', 'documents'] as const }],
  members: ['invite', 'post'] as const,
};
const HALL = 'a1'.repeat(16) as ChannelId;

interface Cast {
  readonly town: Town;
  readonly all: readonly Member[];
  readonly alice: Member;
  readonly carol: Member;
  /** In the kitchen. */
  readonly dave: Member;
}

async function cast(): Promise<Cast> {
  const town = new Town();
  const alice = await town.found('alice', RULES);
  const [carol, dave] = [await town.join('carol', alice), await town.join('dave', alice)];
  await town.deliver();
  await alice.act({ type: 'grant', act: 'role', on: dave.principal, role: KITCHEN as string as RoleId });
  await town.live(HOUR);
  return { town, alice, carol, dave, all: [alice, carol, dave] };
}

async function makeHall(by: Member): Promise<void> {
  expect(await by.sayBytes(encodeChannelBody({ id: HALL, name: 'hall' }), 'channel', EVERYONE)).toBeUndefined();
}

/** Dave is out of reach and loses his role. */
async function takeRole({ alice, dave }: Cast): Promise<void> {
  dave.isOn = false;
  await alice.act(revokeBody(alice.replica, dave.roleGrant(KITCHEN) as string as GrantId));
}

async function expectLost({ town, all, dave }: Cast, lost: readonly ChannelId[]): Promise<void> {
  dave.isOn = true;
  await town.live(HOUR);
  for (const { replica } of all) {
    const made = replica.log.entries.filter(({ message }) => message.header.kind === 'channel');
    expect(made.map(({ message }) => hadRight(replica, message, 'channels'))).toEqual([lost.length === 0]);
  }
  expect([...lostRights(all.map(({ replica }) => replica)).channels]).toEqual(lost);
}

describe('a channel whose maker lost the role they made it by', () => {
  test('is nobody’s, where they had not heard of it and nobody had seen the channel', async () => {
    const people = await cast();
    await takeRole(people);
    await makeHall(people.dave);
    await people.dave.say('here I am');
    await expectLost(people, [HALL]);
  });

  test('is everybody’s, where whoever took the role had seen it', async () => {
    const people = await cast();
    await makeHall(people.dave);
    await people.town.deliver();
    await takeRole(people);
    await expectLost(people, []);
  });

  test('is everybody’s, where others built on it before they had heard', async () => {
    const people = await cast();
    const { town, carol, dave } = people;
    await takeRole(people);
    await makeHall(dave);
    await carol.take(town.tape.at(-1)!.written.parcel);
    await carol.say('a fine hall, dave');
    await expectLost(people, []);
  });

  test('is everybody’s, where it was there before rules took the right from the role', async () => {
    const people = await cast();
    const { town, alice, dave } = people;
    await makeHall(dave);
    await town.deliver();
    const roles = RULES.roles.map((role) => ({ ...role, can: role.can.filter((right) => right !== 'channels') }));
    await alice.act(rulesBody(alice.replica, { ...RULES, roles }));
    await expectLost(people, []);
  });

  test('is everybody’s, where they gave the role up themselves', async () => {
    const people = await cast();
    const { dave } = people;
    dave.isOn = false;
    await makeHall(dave);
    await dave.act({ type: 'leave', role: dave.roleGrant(KITCHEN) as string as GrantId });
    await expectLost(people, []);
  });
});

describe('a channel whose maker was removed', () => {
  async function removeDave({ alice, dave }: Cast): Promise<void> {
    dave.isOn = false;
    await alice.act(revokeBody(alice.replica, dave.principal));
  }

  async function expectVoid({ town, alice, carol }: Cast, isVoid: boolean): Promise<void> {
    await town.live(HOUR);
    for (const { replica } of [alice, carol]) {
      const made = replica.log.entries.filter(({ message }) => message.header.kind === 'channel');
      expect(made.map((entry) => replica.mayShow(entry))).toEqual([!isVoid]);
    }
    expect([...lostRights([alice, carol].map(({ replica }) => replica)).channels]).toEqual(isVoid ? [HALL] : []);
  }

  test('is nobody’s, where who spoke in it had not got what it rests on, and then heard of the removal', async () => {
    const people = await cast();
    const { town, alice, carol, dave } = people;
    await removeDave(people);
    await dave.say('something before');
    const before = town.tape.at(-1)!.written.parcel;
    await makeHall(dave);
    const hall = town.tape.at(-1)!.written.parcel;
    await carol.take(hall);
    expect([...carol.replica.pending.values()].map(({ message }) => message.header.kind)).toEqual(['channel']);
    await carol.say('a fine hall, dave');
    await town.deliver();
    for (const member of [carol, alice]) for (const parcel of [before, hall]) await member.take(parcel);
    await expectVoid(people, true);
  });

  test('is everybody’s, where others built on it before they had heard', async () => {
    const people = await cast();
    const { town, carol, dave } = people;
    await removeDave(people);
    await makeHall(dave);
    await carol.take(town.tape.at(-1)!.written.parcel);
    await carol.say('a fine hall, dave');
    await expectVoid(people, false);
  });

  test('is everybody’s, where whoever removed them had seen it', async () => {
    const people = await cast();
    await makeHall(people.dave);
    await people.town.deliver();
    await removeDave(people);
    await expectVoid(people, false);
  });
});

describe('a change of a document by who lost the role they made it by', () => {
  /** The message, which all apps must take for what it is. */
  async function change({ dave }: Cast): Promise<MessageId> {
    const body = encodeDocUpdate({ document: 'd0'.repeat(16) as DocumentId, schema: 1, update: Uint8Array.of(0, 0) });
    expect(await dave.sayBytes(body, 'doc.update', EVERYONE)).toBeUndefined();
    return dave.replica.log.entries.at(-1)!.message.id;
  }

  async function expectVoid({ town, all, dave }: Cast, id: MessageId, isVoid: boolean): Promise<void> {
    dave.isOn = true;
    await town.live(HOUR);
    for (const { replica } of all) expect(hadRight(replica, replica.log.get(id)!.message, 'documents')).toBe(!isVoid);
    expect(lostRights(all.map(({ replica }) => replica)).lacks(id, 'documents')).toBe(isVoid);
  }

  test('is void, where they had not heard of it and nobody had seen the change', async () => {
    const people = await cast();
    await takeRole(people);
    await expectVoid(people, await change(people), true);
  });

  test('stands, where whoever took the role had seen it', async () => {
    const people = await cast();
    const id = await change(people);
    await people.town.deliver();
    await takeRole(people);
    await expectVoid(people, id, false);
  });

  test('is asked of nobody by another right', async () => {
    const people = await cast();
    await takeRole(people);
    const id = await change(people);
    people.dave.isOn = true;
    await people.town.live(HOUR);
    expect(lostRights(people.all.map(({ replica }) => replica)).lacks(id, 'post')).toBe(false);
  });
});
