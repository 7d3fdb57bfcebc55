// A group in a simulated world: how many found it, who comes in, who is not what they seem, and what each was promised,
// to be looked for afterwards.

import type { ChannelId } from '#core/chat/channel.ts';
import { TEMPLATE_IDS, TEMPLATES, type Template } from '#core/charter/templates.ts';
import type { Group, GroupId, PersonId } from '#app/groups/group-api.ts';
import type { Message, MessageId } from '#app/talk/talk-api.ts';
import { Dice } from './dice.ts';
import { HostileMember } from './hostile-member.ts';
import { OldApp } from './old-app.ts';
import { makeNextDoor, type NextDoor } from './neighbouring.ts';
import { Person } from './person.ts';
import { makePlace, type Place } from './place.ts';

export const CITIZENS = 50;
export const PLAZA = 'plaza';
/** Every so many towns is a city. */
const CITY_EVERY = 100;
/** Not one of the seeds on the primitives that ship: with so many people they would take minutes. */
const CITY_AT = 75;

/** Larger ones, and those where not everybody keeps the rules or has today’s app, have enough to do with themselves. */
const MOST_BESIDE_OTHERS = 6;

/** One message, by whom, and who was a member, and had the role of its readers, by what the author knew. */
export interface Said {
  readonly mark: string;
  readonly author: PersonId;
  /** The app that sent it. */
  readonly by: Person;
  readonly readers: ReadonlySet<PersonId>;
  readonly scope: string;
  readonly channel: ChannelId;
  /** What it said, as it was first and as it was changed: of each for whom, by what the author knew then. */
  readonly texts: Map<string, ReadonlySet<PersonId>>;
  isAcknowledged: boolean;
  wasDeleted: boolean;
}

/** One act on a task. */
export interface Done {
  readonly task: MessageId;
  readonly act: MessageId;
  readonly author: PersonId;
  readonly by: Person;
  readonly readers: ReadonlySet<PersonId>;
}

export interface Town extends Place {
  readonly people: readonly Person[];
  /** Those of them who come in while the storm goes on. */
  readonly late: readonly Person[];
  /** Further devices: whose they are. */
  readonly second: ReadonlyMap<Person, Person>;
  /** A first device that its person loses, and the words to end it with from the second once they are on paper. */
  readonly lost: { readonly device: Person; readonly other: Person; words: string | undefined } | undefined;
  /** Devices that their persons ended. */
  readonly ended: Set<Person>;
  readonly hostile: readonly HostileMember[];
  readonly rare: readonly Person[];
  readonly dice: Dice;
  readonly template: Template;
  readonly said: Map<string, Said>;
  readonly done: Done[];
  /** Invitations that are about. */
  readonly codes: string[];
  /** Roles that somebody lost at some time: what was said there may or may not stand. */
  readonly shaken: Set<string>;
  /** Whoever came in while others spoke, at least once. */
  readonly newcomers: Set<Person>;
  readonly isCity: boolean;
  /** Another group, with which some towns have to do. */
  nextDoor: NextDoor | undefined;
  group: GroupId | undefined;
  operations: number;
}

export function isCity(seed: number): boolean {
  return seed % CITY_EVERY === CITY_AT;
}

export function makeTown(seed: number): Town {
  const place = makePlace(seed);
  const dice = new Dice(seed, 'town');
  const isLarge = isCity(seed);
  const size = isLarge ? CITIZENS : dice.pick([3, 4, 4, 5, 5, 6, 6, 7, 8, 12]);
  const hostileCount = isLarge ? 3 : size > 3 && dice.chance(0.6) ? 1 : 0;
  const { parts } = place;
  const hostile = Array.from({ length: hostileCount }, (_, i) => new HostileMember(`m${i}`, place.hostileParts));
  const old = !isLarge && dice.chance(0.4) ? [new OldApp('o0', parts)] : [];
  const plain = size - hostile.length - old.length;
  const honest = Array.from({ length: plain }, (_, i) => new Person(`t${i}`, parts));
  // Who founds it keeps the rules; the last of all come late.
  const people = [honest[0]!, ...hostile, ...old, ...honest.slice(1)];
  const late = people.slice(isLarge ? -4 : size > 4 ? -2 : -1);
  const hasSecond = !isLarge && dice.chance(0.4);
  const second = new Map(hasSecond ? [[new Person('b0', parts), honest[0]!]] : []);
  const [pair] = second;
  // Of its own, so that it does not shift all before it.
  const isLost = pair !== undefined && new Dice(seed, 'lost').chance(0.6);
  const lost = isLost ? { device: pair[1], other: pair[0], words: undefined } : undefined;
  for (const person of isLost ? pair : []) person.isAsked = true;
  const rare = isLarge ? people.slice(1).filter((_, i) => i % 3 === 0) : [];
  const newcomers = new Set(late);
  const template = TEMPLATES[dice.pick(TEMPLATE_IDS)];
  const town: Town = {
    ...place,
    ...{ people, late, second, lost, hostile, rare, dice, isCity: isLarge, template },
    ...{ said: new Map(), done: [], codes: [], shaken: new Set(), newcomers, ended: new Set() },
    ...{ group: undefined, operations: 0, nextDoor: undefined },
  };
  const isSmall = size <= MOST_BESIDE_OTHERS && hostileCount + old.length === 0;
  if (isSmall)
    town.nextDoor = makeNextDoor(seed, parts, { people: () => oldTimers(town), roles: template.founderRoles });
  return town;
}

/** Who keeps the rules, is in, and was from the beginning. */
function oldTimers(town: Town): readonly Person[] {
  return appsIn(town).filter((person) => {
    const isIn = groupOf(person)?.state.current.standing === 'in';
    return person.isHonest && isIn && !town.ended.has(person) && !town.newcomers.has(person);
  });
}

/** Everybody’s apps, those of second devices too. */
export function appsIn({ people, second }: Town): readonly Person[] {
  return [...people, ...second.keys()];
}

/** Somebody founds the group, and all but the late ones come in, in fair weather. */
export async function settle(town: Town): Promise<void> {
  const { world, people, relays, late } = town;
  for (const relay of relays) await relay.start();
  for (const person of people) void person.start();
  while (people.some(({ session }) => session === undefined)) await world.pass(100);
  const [founder, ...others] = people;
  void found(town, founder!);
  while (town.codes.length === 0) await world.pass(500);
  const early = others.filter((person) => !late.includes(person));
  await arriveAtNobody(town, founder!, early);
  for (const [i, person] of early.entries()) {
    void join(town, person);
    // A city fills slowly.
    if (town.isCity && i % 4 === 3) await world.pass(1_000);
  }
  while (!early.every((person) => groupOf(person)?.state.current.standing === 'in')) await world.pass(500);
  await world.pass(10_000);
  await takeFurtherDevices(town);
}

/** The first comes in while everybody is away. */
async function arriveAtNobody(town: Town, founder: Person, [first]: readonly Person[]): Promise<void> {
  if (first === undefined || town.dice.chance(0.5)) return;
  const { world } = town;
  await world.pass(3_000);
  const away = founder.lock();
  await world.pass(2_000);
  await away;
  void join(town, first);
  await world.pass(5_000);
  void founder.start();
  await world.pass(3_000);
}

/** Restored from a backup, while the first device goes on: both are the same person’s from now on. */
async function takeFurtherDevices(town: Town): Promise<void> {
  const { lost } = town;
  if (lost !== undefined) void lost.device.writeWords().then((words) => (lost.words = words));
  while (lost !== undefined && lost.words === undefined) await town.world.pass(500);
  for (const [device, owner] of town.second) {
    let isReady = false;
    void owner.copyTo(device).then(() => (isReady = true));
    while (!isReady) await town.world.pass(500);
    void device.start();
    while (device.session === undefined) await town.world.pass(500);
  }
  if (town.second.size > 0) await town.world.pass(10_000);
}

async function found(town: Town, founder: Person): Promise<void> {
  const { rules, founderRoles } = town.template;
  const founding = { name: 'simulated town', myName: nameOf(founder), rules, myRoles: founderRoles, channels: [PLAZA] };
  const answer = await founder.session!.groups.found(founding);
  if (answer.is !== 'group') throw new Error(answer.problem);
  town.group = answer.group;
  await invite(town, founder);
}

export function nameOf(person: Person): string {
  return `member ${person.name}`;
}

export function groupOf(person: Person): Group | undefined {
  const groups = person.session?.groups;
  const entry = groups?.list.current[0];
  return entry === undefined ? undefined : groups?.open(entry.id);
}

export async function join(town: Town, person: Person): Promise<void> {
  if (town.codes.length === 0) return;
  await person.session?.groups.join(town.dice.pick(town.codes), nameOf(person));
}

export async function invite(town: Town, person: Person): Promise<void> {
  const made = await groupOf(person)?.invite({ role: undefined, uses: town.people.length });
  if (typeof made === 'object' && made.code !== undefined) town.codes.push(made.code);
}

export function messagesIn(group: Group): readonly Message[] {
  return group.channels.current
    .flatMap(({ id }) => group.channel(id).timeline.current)
    .filter((entry) => entry.is === 'message');
}
