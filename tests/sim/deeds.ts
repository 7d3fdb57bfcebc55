// What members of a group do all day, one dice roll at a time.

import type { RoleId } from '#core/charter/rules.ts';
import { groupHome } from '#app/documents/document-homes.ts';
import type { ChannelTalk, Group, PersonId } from '#app/groups/group-api.ts';
import type { Message } from '#app/talk/talk-api.ts';
import { markIn } from './ledger.ts';
import { rename, shape, shut, type } from './operations.ts';
import type { Person } from './person.ts';
import { makeTask, undoTask, workOnTask } from './task-deeds.ts';
import { groupOf, invite, join, type Said, type Town } from './town.ts';

type Deed = (town: Town, person: Person, group: Group) => Promise<unknown> | void;

const DEEDS: readonly (readonly [number, Deed])[] = [
  [30, say],
  [3, edit],
  [2, unsay],
  [2, (town, person) => invite(town, person)],
  [1, withdraw],
  [4, giveRole],
  [2, takeRole],
  [1, resign],
  [1, removeSomebody],
  [1, leaveOrReturn],
  [2, proposeSomething],
  [5, endorse],
  [2, makeChannel],
  [1, makeDocument],
  [
    9,
    function writeDocument(_: Town, person) {
      return type(person);
    },
  ],
  [
    3,
    function shapeDocument(_: Town, person) {
      return shape(person);
    },
  ],
  [
    1,
    function nameDocument(_: Town, person) {
      return rename(person);
    },
  ],
  [
    2,
    function shutDocument(_: Town, person) {
      return shut(person);
    },
  ],
  [3, makeTask],
  [9, workOnTask],
  [1, undoTask],
];
const WEIGHT = DEEDS.reduce((sum, [weight]) => sum + weight, 0);
const MOST_DOCUMENTS = 3;
const MOST_CHANNELS = 5;

/** One thing that somebody does. What the app refuses, or a crash ends, is part of life. */
export function live(town: Town, person: Person): void {
  town.operations++;
  if (town.ended.has(person)) return;
  const group = groupOf(person);
  let roll = person.dice.roll(WEIGHT);
  const [, deed] = DEEDS.find(([weight]) => (roll -= weight) < 0)!;
  town.world.note('live', person.name, group === undefined ? 'join' : deed.name);
  void Promise.resolve()
    .then(() => (group === undefined ? join(town, person) : deed(town, person, group)))
    .catch((cause: unknown) => {
      const name = cause instanceof Error ? `${cause.name} ${cause.message}` : 'unknown';
      town.world.logger().count('deeds', `${deed.name}: ${name}`);
    });
}

/* ---------- talking ---------- */

function anyTalk(person: Person, group: Group): ChannelTalk | undefined {
  const channels = group.channels.current.filter(({ mayPost }) => mayPost);
  return channels.length === 0 ? undefined : group.channel(person.dice.pick(channels).id);
}

/** Who reads a scope, as far as somebody knows. */
export function readersOf(group: Group, scope: string): ReadonlySet<PersonId> {
  const { people, roles } = group.state.current;
  const holders = roles.find(({ id }) => (id as string) === scope)?.holders;
  return new Set(people.flatMap(({ id, isIn }) => (isIn && (holders?.includes(id) ?? true) ? [id] : [])));
}

async function say(town: Town, person: Person, group: Group): Promise<void> {
  const talk = anyTalk(person, group);
  const { me, standing } = group.state.current;
  if (talk === undefined || me === undefined || standing !== 'in') return;
  const mark = `<${person.name}.${person.written++}>`;
  const text = `${mark} in town`;
  const { id: channel, readers: scope } = talk.channel.current;
  const readers = readersOf(group, scope);
  const said: Said = {
    ...{ mark, author: me, by: person, readers, scope, channel },
    ...{ texts: new Map([[text, readers]]), isAcknowledged: false, wasDeleted: false },
  };
  town.said.set(mark, said);
  if ((await talk.send(text)) === 'saved') said.isAcknowledged = true;
}

function ownOf(person: Person, talk: ChannelTalk | undefined): Message | undefined {
  const messages = talk?.timeline.current.filter((entry) => entry.is === 'message') ?? [];
  const own = messages.filter(({ mine, deleted, delivery }) => mine && !deleted && delivery !== 'sending');
  return own.length === 0 ? undefined : person.dice.pick(own);
}

async function edit(town: Town, person: Person, group: Group): Promise<void> {
  const talk = anyTalk(person, group);
  const message = ownOf(person, talk);
  const said = town.said.get(markIn(message?.text ?? '') ?? '');
  if (message === undefined || said === undefined) return;
  const text = `${said.mark} again ${person.dice.roll(1_000)}`;
  said.texts.set(text, readersOf(group, said.scope));
  await talk?.edit(message.id, text);
}

async function unsay(town: Town, person: Person, group: Group): Promise<void> {
  const talk = anyTalk(person, group);
  const message = ownOf(person, talk);
  const said = town.said.get(markIn(message?.text ?? '') ?? '');
  if (message === undefined || said === undefined) return;
  said.wasDeleted = true;
  await talk?.deleteForAll(message.id);
}

function makeChannel(town: Town, person: Person, group: Group): Promise<unknown> | void {
  if (group.channels.current.length >= MOST_CHANNELS) return;
  const mine = group.state.current.roles.filter((role) => role.mine).map(({ id }) => id);
  const readers = mine.length > 0 && person.dice.chance(0.6) ? person.dice.pick(mine) : 'everyone';
  const name = `hall of ${person.name}`;
  town.taint.words('the name of a channel', name);
  return group.createChannel({ name, readers });
}

function makeDocument(_: Town, person: Person, group: Group): Promise<unknown> | void {
  const { documents } = person.session!;
  if (documents.list.current.length >= MOST_DOCUMENTS) return;
  const mine = group.state.current.roles.filter((role) => role.mine).map(({ id }) => id);
  const readers = mine.length > 0 && person.dice.chance(0.4) ? person.dice.pick(mine) : 'everyone';
  return documents.create({ title: `by ${person.name}`, with: groupHome(group.id, readers) });
}

/* ---------- who is in, and may what ---------- */

function somebody(person: Person, group: Group): PersonId | undefined {
  const others = group.state.current.people.filter(({ isIn, isMe }) => isIn && !isMe);
  return others.length === 0 ? undefined : person.dice.pick(others).id;
}

function anyRole(person: Person, group: Group): RoleId | undefined {
  const { roles } = group.state.current.rules;
  return roles.length === 0 ? undefined : person.dice.pick(roles).id;
}

function withdraw(_: Town, person: Person, group: Group): Promise<unknown> | void {
  const open = group.invitations.current.filter(({ state }) => state === 'open');
  // One way in is left for those who come late.
  if (open.length > 2) return group.withdrawInvitation(person.dice.pick(open).id);
}

function giveRole(_: Town, person: Person, group: Group): Promise<unknown> | void {
  const [to, role] = [somebody(person, group), anyRole(person, group)];
  if (to !== undefined && role !== undefined) return group.giveRole(to, role);
}

function takeRole(town: Town, person: Person, group: Group): Promise<unknown> | void {
  const [from, role] = [somebody(person, group), anyRole(person, group)];
  if (from === undefined || role === undefined) return;
  town.shaken.add(role);
  return group.takeRole(from, role);
}

function resign(town: Town, person: Person, group: Group): Promise<unknown> | void {
  const mine = group.state.current.roles.filter(({ mine: isMine }) => isMine);
  // The last one of a role takes it along.
  const spare = mine.filter(({ holders }) => holders.length > 1);
  if (spare.length === 0) return;
  const { id } = person.dice.pick(spare);
  town.shaken.add(id);
  return group.resignRole(id);
}

/** Enough have to be left to look at afterwards. */
export function maySpare(town: Town, group: Group): boolean {
  const present = group.state.current.people.filter(({ isIn }) => isIn).length;
  return present > 2 && present >= town.people.length - (town.isCity ? 8 : 2);
}

async function removeSomebody(town: Town, person: Person, group: Group): Promise<void> {
  const whom = somebody(person, group);
  if (!maySpare(town, group) || whom === undefined) return;
  if ((await group.remove(whom)) === 'done') town.world.note('removed', person.name);
}

async function leaveOrReturn(town: Town, person: Person, group: Group): Promise<void> {
  const { standing } = group.state.current;
  if (standing === 'in') {
    const isAlone = person !== town.people[0] && !town.second.has(person);
    if (isAlone && maySpare(town, group) && person.dice.chance(0.3)) await group.leave();
  } else if (standing === 'left' || standing === 'removed') {
    town.newcomers.add(person);
    await join(town, person);
  }
}

function proposeSomething(town: Town, person: Person, group: Group): Promise<unknown> | void {
  const [to, role] = [somebody(person, group), anyRole(person, group)];
  if (to === undefined || role === undefined) return;
  const roll = person.dice.roll(10);
  if (roll === 0 && maySpare(town, group)) return group.propose({ do: 'remove', person: to });
  if (roll < 7) return group.propose({ do: 'give-role', person: to, role });
  town.shaken.add(role);
  return group.propose({ do: 'take-role', person: to, role });
}

function endorse(_: Town, person: Person, group: Group): Promise<unknown> | void {
  const open = group.proposals.current.filter(({ mayEndorse }) => mayEndorse);
  if (open.length > 0) return group.endorse(person.dice.pick(open).id);
}
