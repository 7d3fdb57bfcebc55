// People in groups of a small world in memory, and what they do there.

import { TEMPLATES, type TemplateId } from '#core/charter/templates.ts';
import type { ChannelTalk, Group, GroupId, Invitation } from '#app/group-api.ts';
import type { Message } from '#app/talk-api.ts';
import type { SessionWorld, TestPerson } from './session-world.ts';

export class Member {
  readonly person: TestPerson;
  readonly #in: SessionWorld;

  constructor(world: SessionWorld, person: TestPerson) {
    this.#in = world;
    this.person = person;
  }

  get groups() {
    return this.person.session.groups!;
  }

  get entry() {
    return this.groups.list.current[0]!;
  }

  get group(): Group {
    return this.groups.open(this.entry.id);
  }

  async found(template: TemplateId, channels = ['plaza']): Promise<GroupId> {
    const { rules, founderRoles } = TEMPLATES[template];
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

  join(code: string) {
    return this.#in.during(this.groups.join(code, this.person.name));
  }

  talk(name = 'plaza'): ChannelTalk {
    const channel = this.group.channels.current.find((candidate) => candidate.name === name);
    if (channel === undefined) throw new Error(`${this.person.name} knows no ${name}`);
    return this.group.channel(channel.id);
  }

  say(text: string, channel?: string) {
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
