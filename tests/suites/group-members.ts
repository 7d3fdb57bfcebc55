// People of groups over a relay node in memory, for tests of the session's groups.

import type { PlainRight, RoleId } from '#core/charter/rules.ts';
import { TEMPLATES, type Template, type TemplateId } from '#core/charter/templates.ts';
import type {
  ChannelTalk,
  Group,
  GroupEntry,
  GroupId,
  Groups,
  Invitation,
  JoinResult,
  Person,
} from '#app/groups/group-api.ts';
import type { Message } from '#app/talk/talk-api.ts';
import type { SessionWorld, TestPerson } from './session-world.ts';

/** What a group begins with. */
type Founding = Pick<Template, 'rules' | 'founderRoles'>;

export class Member {
  readonly person: TestPerson;
  readonly #in: SessionWorld;

  constructor(world: SessionWorld, person: TestPerson) {
    this.#in = world;
    this.person = person;
  }

  get groups(): Groups {
    return this.person.session.groups;
  }

  get entry(): GroupEntry {
    return this.groups.list.current[0]!;
  }

  get group(): Group {
    return this.groups.open(this.entry.id);
  }

  async found(template: TemplateId | Founding, channels = ['plaza']): Promise<GroupId> {
    const { rules, founderRoles } = typeof template === 'string' ? TEMPLATES[template] : template;
    const founding = { name: 'the garden', myName: this.person.name, rules, myRoles: founderRoles, channels };
    const found = await this.#in.during(this.groups.found(founding));
    if (found.is !== 'group') throw new Error(found.problem);
    return found.group;
  }

  async invite(uses = 1): Promise<Invitation> {
    const invitation = await this.#in.during(this.group.invite({ role: undefined, uses }));
    if (typeof invitation === 'string') throw new Error(invitation);
    return invitation;
  }

  join(code: string): Promise<JoinResult> {
    return this.#in.during(this.groups.join(code, this.person.name));
  }

  talk(name = 'plaza'): ChannelTalk {
    const channel = this.group.channels.current.find((candidate) => candidate.name === name);
    if (channel === undefined) throw new Error(`${this.person.name} knows no ${name}`);
    return this.group.channel(channel.id);
  }

  say(text: string, channel?: string): Promise<string> {
    return this.#in.during(this.talk(channel).send(text));
  }

  messages(channel?: string): readonly Message[] {
    return this.talk(channel).timeline.current.filter((entry) => entry.is === 'message');
  }

  texts(channel?: string): readonly string[] {
    return this.messages(channel).map(({ text }) => text);
  }

  names(): readonly string[] {
    const { people } = this.group.state.current;
    return people.flatMap(({ name, isIn }) => (isIn ? [name] : []));
  }
}

export async function members(world: SessionWorld, ...names: string[]): Promise<Member[]> {
  const all: Member[] = [];
  for (const name of names) all.push(new Member(world, await world.person(name).start()));
  await world.pass(500);
  return all;
}

/** The founder's template, with messages that disappear after so many days; 0: never. */
export function keeping(retainDays: number): Founding {
  const { rules, founderRoles } = TEMPLATES['founder-led'];
  return { rules: { ...rules, history: { ...rules.history, retainDays } }, founderRoles };
}

/** The founder's template with a role below all others, which the founder has and gives; only who has it may do `work`. */
export function withRole(role: RoleId, work: readonly PlainRight[] = []): Founding {
  const { rules, founderRoles } = TEMPLATES['founder-led'];
  const others = <Right extends string>(can: readonly Right[]): readonly Right[] =>
    can.filter((right) => !work.some((one) => one === right));
  const [lead, ...rest] = rules.roles.map(({ can, level, ...kept }) => ({
    ...kept,
    level: level + 1,
    can: others(can),
  }));
  const roles = [
    { ...lead!, can: [...lead!.can, `grant:${role}` as const] },
    ...rest,
    { id: role, label: role, can: work, level: 1 },
  ];
  return { rules: { ...rules, roles, members: others(rules.members) }, founderRoles: [...founderRoles, role] };
}

/** Their apps are closed for a while: days with them open take the machine long. */
export async function asleep(world: SessionWorld, all: readonly Member[], time: number): Promise<void> {
  for (const { person } of all) await person.stop();
  await world.pass(time);
  for (const { person } of all) await person.start();
}

/** The first of them founded it; the others came by their invitation. */
export async function gathered<const Names extends readonly string[]>(
  world: SessionWorld,
  template: TemplateId | Founding,
  ...names: Names
): Promise<{ -readonly [At in keyof Names]: Member }> {
  const all = await members(world, ...names);
  await all[0]!.found(template);
  const { code } = await all[0]!.invite(names.length);
  await world.pass(2_000);
  for (const member of all.slice(1)) await member.join(code!);
  await world.pass(90_000);
  return all as { -readonly [At in keyof Names]: Member };
}

export function personIn(member: Member, name: string): Person {
  const found = member.group.state.current.people.find((person) => person.name === name);
  if (found === undefined) throw new Error(`nobody is called ${name}`);
  return found;
}
