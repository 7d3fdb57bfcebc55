// A group in a simulated world: who founds it, who comes in, and what they do to each other while a storm goes on. What
// each was promised is written down, to be looked for afterwards.

import { TEMPLATE_IDS, TEMPLATES } from '#core/charter/templates.ts';
import type { RoleId } from '#core/charter/rules.ts';
import type { ChannelTalk, Group, GroupId, PersonId } from '#app/group-api.ts';
import type { Message } from '#app/talk-api.ts';
import { makeCheapSuite } from './cheap-suite.ts';
import { Dice } from './dice.ts';
import { Ledger, markIn } from './ledger.ts';
import { Person } from './person.ts';
import { makeRealSuite } from './real-suite.ts';
import { Roads } from './sim-network.ts';
import { SimRelay } from './sim-relay.ts';
import { World } from './world.ts';

export const TOWNSPEOPLE = 6;
/** The last so many come in while the storm goes on. */
const LATE = 2;
const REAL_EVERY = 10;
const PLAZA = 'plaza';

/** One message, by whom, and who was a member by the author's knowledge when it was written. */
export interface Said {
  readonly mark: string;
  readonly author: string;
  readonly readers: ReadonlySet<string>;
  isAcknowledged: boolean;
  wasDeleted: boolean;
}

export interface Town {
  readonly world: World;
  readonly roads: Roads;
  readonly relays: readonly SimRelay[];
  readonly people: readonly Person[];
  /** Those of them who come in while the storm goes on. */
  readonly late: readonly Person[];
  readonly dice: Dice;
  readonly said: Map<string, Said>;
  /** Invitations that are about. */
  readonly codes: string[];
  group: GroupId | undefined;
  operations: number;
}

export function makeTown(seed: number): Town {
  const world = new World(seed);
  const roads = new Roads(world, new Dice(seed, 'roads'));
  const suite = seed % REAL_EVERY === 0 ? makeRealSuite(world) : makeCheapSuite();
  const relays = ['oak', 'elm'].map((name) => new SimRelay({ world, roads, suite }, name));
  const parts = { world, roads, suite, ledger: new Ledger(), relays: relays.map(({ address }) => address) };
  const people = Array.from({ length: TOWNSPEOPLE }, (_, i) => new Person(`t${i}`, parts));
  const dice = new Dice(seed, 'town');
  const late = people.slice(-LATE);
  return { world, roads, relays, people, late, dice, said: new Map(), codes: [], group: undefined, operations: 0 };
}

/** Somebody founds the group, and all but the late ones come in, in fair weather. */
export async function settle(town: Town): Promise<void> {
  const { world, people, relays } = town;
  for (const relay of relays) await relay.start();
  for (const person of people) void person.start();
  while (people.some(({ session }) => session === undefined)) await world.pass(100);
  const [founder, ...others] = people;
  void found(town, founder!);
  while (town.codes.length === 0) await world.pass(500);
  for (const person of others.slice(0, -LATE)) void join(town, person);
  const isIn = (person: Person): boolean => groupOf(person)?.state.current.standing === 'in';
  while (!people.slice(0, -LATE).every(isIn)) await world.pass(500);
  await world.pass(20_000);
}

async function found(town: Town, founder: Person): Promise<void> {
  const template = TEMPLATES[town.dice.pick(TEMPLATE_IDS)];
  const { rules, founderRoles } = template;
  const founding = { name: 'town', myName: founder.name, rules, myRoles: founderRoles, channels: [PLAZA] };
  const answer = await founder.session!.groups.found(founding);
  if (answer.is !== 'group') throw new Error(answer.problem);
  town.group = answer.group;
  await invite(town, founder);
}

export function groupOf(person: Person): Group | undefined {
  const groups = person.session?.groups;
  const entry = groups?.list.current[0];
  return entry === undefined ? undefined : groups?.open(entry.id);
}

async function join(town: Town, person: Person): Promise<void> {
  if (groupOf(person) !== undefined || town.codes.length === 0) return;
  await person.session?.groups.join(town.dice.pick(town.codes), person.name);
}

async function invite(town: Town, person: Person): Promise<void> {
  const made = await groupOf(person)?.invite({ role: undefined, uses: TOWNSPEOPLE });
  if (typeof made === 'object' && made.code !== undefined) town.codes.push(made.code);
}

type Deed = (town: Town, person: Person, group: Group) => Promise<unknown> | void;

const DEEDS: readonly (readonly [number, Deed])[] = [
  [40, say],
  [3, edit],
  [2, unsay],
  [2, (town, person) => invite(town, person)],
  [3, giveRole],
  [2, takeRole],
  [1, removeSomebody],
  [2, proposeSomething],
  [4, endorse],
  [1, makeChannel],
];
const WEIGHT = DEEDS.reduce((sum, [weight]) => sum + weight, 0);

/** One thing that somebody does. What the app refuses, or a crash ends, is part of life. */
export function live(town: Town, person: Person): void {
  town.operations++;
  const group = groupOf(person);
  let roll = person.dice.roll(WEIGHT);
  const [, deed] = DEEDS.find(([weight]) => (roll -= weight) < 0)!;
  town.world.note('live', person.name, deed.name);
  void Promise.resolve()
    .then(() => (group === undefined ? join(town, person) : deed(town, person, group)))
    .catch((cause: unknown) => {
      const name = cause instanceof Error ? `${cause.name} ${cause.message}` : 'unknown';
      town.world.logger().count('deeds', `${deed.name}: ${name}`);
    });
}

function plaza(group: Group): ChannelTalk | undefined {
  const channel = group.channels.current.find(({ name }) => name === PLAZA);
  return channel === undefined ? undefined : group.channel(channel.id);
}

export function messagesIn(group: Group): readonly Message[] {
  return plaza(group)?.timeline.current.filter((entry) => entry.is === 'message') ?? [];
}

async function say(town: Town, person: Person, group: Group): Promise<void> {
  const talk = plaza(group);
  if (talk === undefined || group.state.current.standing !== 'in') return;
  const mark = `<${person.name}.${person.written++}>`;
  const readers = new Set(group.state.current.people.filter(({ isIn }) => isIn).map(({ name }) => name));
  const said: Said = { mark, author: person.name, readers, isAcknowledged: false, wasDeleted: false };
  town.said.set(mark, said);
  if ((await talk.send(`${mark} in town`)) === 'saved') said.isAcknowledged = true;
}

function ownOf(person: Person, group: Group): Message | undefined {
  const own = messagesIn(group).filter(({ mine, deleted, delivery }) => mine && !deleted && delivery !== 'sending');
  return own.length === 0 ? undefined : person.dice.pick(own);
}

async function edit(_: Town, person: Person, group: Group): Promise<void> {
  const message = ownOf(person, group);
  const mark = message === undefined ? undefined : markIn(message.text);
  if (message !== undefined && mark !== undefined) await plaza(group)?.edit(message.id, `${mark} again`);
}

async function unsay(town: Town, person: Person, group: Group): Promise<void> {
  const message = ownOf(person, group);
  const said = town.said.get(markIn(message?.text ?? '') ?? '');
  if (message === undefined || said === undefined) return;
  said.wasDeleted = true;
  await plaza(group)?.deleteForAll(message.id);
}

function somebody(person: Person, group: Group): PersonId | undefined {
  const others = group.state.current.people.filter(({ isIn, isMe }) => isIn && !isMe);
  return others.length === 0 ? undefined : person.dice.pick(others).id;
}

function anyRole(person: Person, group: Group): RoleId | undefined {
  const { roles } = group.state.current.rules;
  return roles.length === 0 ? undefined : person.dice.pick(roles).id;
}

function giveRole(_: Town, person: Person, group: Group): Promise<unknown> | void {
  const [to, role] = [somebody(person, group), anyRole(person, group)];
  if (to !== undefined && role !== undefined) return group.giveRole(to, role);
}

function takeRole(_: Town, person: Person, group: Group): Promise<unknown> | void {
  const [from, role] = [somebody(person, group), anyRole(person, group)];
  if (from !== undefined && role !== undefined) return group.takeRole(from, role);
}

/** Somebody has to be left to look at afterwards. */
async function removeSomebody(town: Town, person: Person, group: Group): Promise<void> {
  const present = group.state.current.people.filter(({ isIn }) => isIn).length;
  const whom = somebody(person, group);
  if (present < TOWNSPEOPLE - 1 || whom === undefined) return;
  if ((await group.remove(whom)) === 'done') town.world.note('removed', person.name);
}

function proposeSomething(_: Town, person: Person, group: Group): Promise<unknown> | void {
  const [to, role] = [somebody(person, group), anyRole(person, group)];
  if (to === undefined || role === undefined) return;
  return group.propose({ do: person.dice.chance(0.7) ? 'give-role' : 'take-role', person: to, role });
}

function endorse(_: Town, person: Person, group: Group): Promise<unknown> | void {
  const open = group.proposals.current.filter(({ mayEndorse }) => mayEndorse);
  if (open.length > 0) return group.endorse(person.dice.pick(open).id);
}

function makeChannel(_: Town, person: Person, group: Group): Promise<unknown> | void {
  if (group.channels.current.length < 5)
    return group.createChannel({ name: `hall ${person.name}`, readers: 'everyone' });
}
