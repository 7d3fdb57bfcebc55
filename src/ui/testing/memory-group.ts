// One group in memory. It follows the rules in a simple form: rights from roles, votes counted, acts written down; no
// signatures, no crossing acts but those it begins with.

import type {
  Act,
  ActId,
  ActWords,
  Answer,
  Channel,
  ChannelId,
  ChannelTalk,
  Group,
  GroupId,
  GroupState,
  HeldRole,
  Invitation,
  InvitationId,
  Knock,
  May,
  Person,
  PersonId,
  Proposal,
  ProposalId,
  ProposedAct,
  Refusal,
} from '#app/groups/group-api.ts';
import { LiveValue } from '#app/live-value.ts';
import { isSound, type PlainRight, type Right, type RoleId, type Rules, type Threshold } from '#core/charter/rules.ts';
import type { Millis } from '#core/ports.ts';
import type { Questions } from '#app/questions/question-api.ts';
import type { Tasks } from '#app/tasks/task-api.ts';
import { MemoryChannel, type Said } from './memory-channel.ts';
import { MemoryNeighbours } from './memory-neighbours.ts';
import { memoryQuestions, type SeedVoice } from './memory-questions.ts';
import { memoryTasks, type SeedAct } from './memory-tasks.ts';

/** What a group begins with. */
export interface Seed {
  readonly id: GroupId;
  readonly state: Omit<GroupState, 'roles' | 'me'>;
  readonly channels: readonly {
    readonly channel: Channel;
    readonly said: readonly Said[];
    readonly quiet?: number;
  }[];
  readonly invitations?: readonly Invitation[];
  readonly proposals?: readonly Proposal[];
  readonly knocks?: readonly Knock[];
  readonly history: readonly Act[];
  readonly tasks?: (state: GroupState) => readonly SeedAct[];
  /** It deals with other groups. */
  readonly hasNeighbours?: true;
  readonly questions?: readonly SeedVoice[];
}

export class MemoryGroup implements Group {
  readonly id: GroupId;
  readonly state: LiveValue<GroupState>;
  readonly channels: LiveValue<readonly Channel[]>;
  readonly invitations: LiveValue<readonly Invitation[]>;
  readonly proposals: LiveValue<readonly Proposal[]>;
  readonly knocks: LiveValue<readonly Knock[]>;
  readonly history: LiveValue<readonly Act[]>;
  readonly tasks: Tasks;
  readonly neighbours: MemoryNeighbours | undefined;
  readonly questions: Questions;
  readonly doorCode = new LiveValue<string | undefined>(undefined);
  readonly #talks = new Map<ChannelId, MemoryChannel>();
  readonly #changed: (wiped: boolean) => void;
  #made = 0;

  constructor(seed: Seed, changed: (wiped: boolean) => void) {
    this.id = seed.id;
    this.#changed = changed;
    this.state = new LiveValue<GroupState>(withRoles({ ...seed.state, roles: [], me: undefined }));
    this.channels = new LiveValue<readonly Channel[]>([]);
    for (const { channel, said, quiet } of seed.channels) this.#open(channel, said, quiet);
    this.invitations = new LiveValue(seed.invitations ?? []);
    this.proposals = new LiveValue(seed.proposals ?? []);
    this.knocks = new LiveValue(seed.knocks ?? []);
    this.history = new LiveValue(seed.history);
    this.neighbours = seed.hasNeighbours ? new MemoryNeighbours() : undefined;
    this.questions = memoryQuestions(this.state, seed.questions ?? []);
    this.tasks = memoryTasks(this.state, seed.tasks?.(this.state.current) ?? []);
  }

  get #me(): Person | undefined {
    return this.state.current.people.find(({ isMe }) => isMe);
  }

  channel(channel: ChannelId): ChannelTalk {
    return this.#talks.get(channel)!;
  }

  get last(): { readonly text: string; readonly at: Millis; readonly by: string } | undefined {
    const last = [...this.#talks.values()]
      .flatMap((talk) => talk.last ?? [])
      .toSorted((a, b) => a.at - b.at)
      .at(-1);
    const by = this.state.current.people.find(({ id }) => id === last?.by);
    return last && { text: last.text, at: last.at, by: by?.name ?? '' };
  }

  createChannel(options: {
    readonly name: string;
    readonly readers: RoleId | 'everyone';
  }): Promise<ChannelId | Refusal> {
    if (this.may({ do: 'channels' }) !== 'yes') return Promise.resolve('not-allowed');
    if (options.name.trim() === '') return Promise.resolve('empty-name');
    const id = `channel ${this.id} ${options.name}` as ChannelId;
    this.#open({ ...options, id, unread: 0, mentions: 0, mayPost: true }, []);
    return Promise.resolve(id);
  }

  renameChannel(channel: ChannelId, name: string): Promise<Answer> {
    if (name.trim() === '') return Promise.resolve('empty-name');
    const talk = this.#talks.get(channel);
    if (talk === undefined) return Promise.resolve('gone');
    talk.channel.set({ ...talk.channel.current, name });
    this.#tellChannels();
    return Promise.resolve('done');
  }

  invite(options: { readonly role: RoleId | undefined; readonly uses: number }): Promise<Invitation | Refusal> {
    const me = this.#me;
    if (me === undefined || this.may({ do: 'invite' }) !== 'yes') return Promise.resolve('not-allowed');
    const code = `dXMg${'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(5)}${this.#made++}`;
    const id = `invitation ${this.#made}` as InvitationId;
    const invitation: Invitation = { ...options, id, code, by: me.id, joined: [], state: 'open' };
    this.invitations.set([...this.invitations.current, invitation]);
    this.#tell({ is: 'invited', role: this.#label(options.role), uses: options.uses });
    return Promise.resolve(invitation);
  }

  withdrawInvitation(invitation: InvitationId): Promise<Answer> {
    this.invitations.set(
      this.invitations.current.map((one) =>
        one.id === invitation ? { ...one, state: 'withdrawn', code: undefined } : one,
      ),
    );
    return this.#done({ is: 'withdrew-invitation' });
  }

  openDoor(): Promise<Answer> {
    if (this.may({ do: 'card' }) !== 'yes') return Promise.resolve('not-allowed');
    this.doorCode.set(`dXMgknock${'abcdefghijklmnopqrstuvwxyz'.repeat(4)}${this.#made++}`);
    return this.#done({ is: 'published-card' });
  }

  vouch(knock: string): Promise<Answer> {
    const me = this.#me;
    const found = this.knocks.current.find(({ id }) => id === knock);
    if (me === undefined || found === undefined) return Promise.resolve('gone');
    if (this.may({ do: 'admit', knock }) === 'yes' || found.missing <= 1) {
      this.#admit(found);
      return Promise.resolve('done');
    }
    const vouchers = [...found.vouchers, me.id];
    const vouched = { ...found, vouchers, missing: found.missing - 1, mayVouch: false };
    this.knocks.set(this.knocks.current.map((one) => (one === found ? vouched : one)));
    return Promise.resolve('done');
  }

  turnAway(knock: string): Promise<Answer> {
    this.knocks.set(this.knocks.current.filter(({ id }) => id !== knock));
    return Promise.resolve('done');
  }

  setMyName(name: string): Promise<Answer> {
    if (name.trim() === '') return Promise.resolve('empty-name');
    if (this.#me !== undefined) this.#change(this.#me.id, () => ({ name }));
    return Promise.resolve('done');
  }

  giveRole(person: PersonId, role: RoleId): Promise<Answer> {
    return this.#actAlone({ do: 'give-role', person, role });
  }

  takeRole(person: PersonId, role: RoleId): Promise<Answer> {
    return this.#actAlone({ do: 'take-role', person, role });
  }

  remove(person: PersonId): Promise<Answer> {
    return this.#actAlone({ do: 'remove', person });
  }

  changeRules(rules: Rules): Promise<Answer> {
    return this.#actAlone({ do: 'change-rules', rules });
  }

  propose(act: ProposedAct): Promise<ProposalId | Refusal> {
    const me = this.#me;
    if (me === undefined || this.may(act) === 'no') return Promise.resolve('not-allowed');
    const id = `proposal ${this.#made++}` as ProposalId;
    const signers = this.#has(me, 'vote') ? [me.id] : [];
    const missing = this.#needed(act) - signers.length;
    const proposal: Proposal = { id, by: me.id, act, signers, missing, state: 'open', mayEndorse: false };
    this.proposals.set([...this.proposals.current, proposal]);
    this.#tell({ is: 'proposed', act });
    if (missing <= 0) this.#decide(proposal);
    return Promise.resolve(id);
  }

  endorse(proposal: ProposalId): Promise<Answer> {
    const me = this.#me;
    const found = this.proposals.current.find(({ id }) => id === proposal);
    if (me === undefined || found === undefined || !found.mayEndorse) return Promise.resolve('not-allowed');
    const signed = { ...found, signers: [...found.signers, me.id], missing: found.missing - 1, mayEndorse: false };
    this.proposals.set(this.proposals.current.map((one) => (one === found ? signed : one)));
    this.#tell({ is: 'endorsed', act: found.act });
    if (signed.missing <= 0) this.#decide(signed);
    return Promise.resolve('done');
  }

  resignRole(role: RoleId): Promise<Answer> {
    const me = this.#me;
    if (me === undefined) return Promise.resolve('gone');
    this.#change(me.id, ({ roles }) => ({ roles: roles.filter((held) => held.role !== role) }));
    return this.#done({ is: 'resigned-role', person: me.id, role: this.#label(role) ?? '' });
  }

  leave(): Promise<Answer> {
    this.#tell({ is: 'left' });
    this.#set({ standing: 'left' });
    return Promise.resolve('done');
  }

  wipe(): Promise<void> {
    this.#changed(true);
    return Promise.resolve();
  }

  may(act: ProposedAct | { readonly do: PlainRight }): May {
    const me = this.#me;
    if (me === undefined || this.state.current.standing !== 'in') return 'no';
    const orVote = (isAlone: boolean): May => (isAlone ? 'yes' : this.#has(me, 'propose') ? 'vote' : 'no');
    switch (act.do) {
      case 'remove':
      case 'take-role':
        return orVote(this.#has(me, 'revoke') && act.person !== this.state.current.people[0]?.id);
      case 'give-role':
        return orVote(this.#has(me, `grant:${act.role}`) && !this.#holds(act.role, 'vote'));
      case 'change-rules':
        return orVote(this.#has(me, 'charter'));
      case 'admit':
        return this.#has(me, 'admit') ? 'yes' : this.#has(me, 'vote') ? 'vote' : 'no';
      case 'succeed':
        return orVote(false);
      default:
        return this.#has(me, act.do) ? 'yes' : 'no';
    }
  }

  #actAlone(act: ProposedAct): Promise<Answer> {
    if (this.may(act) !== 'yes') return Promise.resolve('not-allowed');
    if (act.do === 'change-rules' && !isSound(act.rules)) return Promise.resolve('not-allowed');
    this.#enact(act, this.#me!.id);
    return Promise.resolve('done');
  }

  #decide(proposal: Proposal): void {
    const decided: Proposal = { ...proposal, state: 'decided', missing: 0, mayEndorse: false };
    this.proposals.set(this.proposals.current.map((one) => (one.id === proposal.id ? decided : one)));
    this.#tell({ is: 'decided', act: proposal.act });
    if (proposal.act !== undefined) this.#enact(proposal.act, undefined, proposal.signers);
  }

  #enact(act: ProposedAct, by: PersonId | undefined, signers: readonly PersonId[] = []): void {
    const link = by === undefined ? { is: 'vote' as const, signers } : { is: 'given' as const, by, as: undefined };
    if (act.do === 'change-rules') {
      const from = this.state.current.rules;
      this.#set({ rules: act.rules });
      if (by !== undefined) this.#tell({ is: 'changed-rules', from, to: act.rules });
    } else if (act.do === 'admit') {
      const knock = this.knocks.current.find(({ id }) => id === act.knock);
      if (knock !== undefined) this.#admit(knock);
    } else if (act.do === 'remove') {
      this.#change(act.person, () => ({ isIn: false, roles: [] }));
      if (by !== undefined) this.#tell({ is: 'removed', person: act.person });
    } else if (act.do === 'take-role') {
      this.#change(act.person, ({ roles }) => ({ roles: roles.filter(({ role }) => role !== act.role) }));
      if (by !== undefined) this.#tell({ is: 'took-role', person: act.person, role: this.#label(act.role) ?? '' });
    } else {
      const held: HeldRole = { role: act.role, why: [link] };
      this.#change(act.person, ({ roles }) => ({ roles: [...roles, held] }));
      if (by !== undefined) this.#tell({ is: 'gave-role', person: act.person, role: this.#label(act.role) ?? '' });
    }
  }

  #admit(knock: Knock): void {
    const id = `person ${knock.name}` as PersonId;
    const signers = [...knock.vouchers, this.#me!.id];
    this.knocks.set(this.knocks.current.filter((one) => one.id !== knock.id));
    this.#set({
      people: [
        ...this.state.current.people,
        {
          id,
          name: knock.name,
          nameWarning: undefined,
          isMe: false,
          isIn: true,
          roles: [],
          came: { by: 'vote', signers },
          presence: 'away',
          devices: 1,
          lastHeard: undefined,
        },
      ],
    });
    this.#tell({ is: 'admitted', person: id });
  }

  #needed(act: ProposedAct): number {
    const voters = this.state.current.people.filter((one) => one.isIn && this.#has(one, 'vote')).length;
    const majority = Math.floor(voters / 2) + 1;
    const { quorum } = this.state.current.rules;
    const threshold: Threshold =
      act.do === 'admit' ? quorum.admit : act.do === 'remove' || act.do === 'take-role' ? quorum.revoke : 'majority';
    return threshold === 'majority' ? majority : Math.min(threshold, majority);
  }

  #holds(role: RoleId, right: Right): boolean {
    return this.state.current.rules.roles.find(({ id }) => id === role)?.can.includes(right) ?? false;
  }

  #has(person: Person, right: Right): boolean {
    const { members } = this.state.current.rules;
    return (members as readonly Right[]).includes(right) || person.roles.some(({ role }) => this.#holds(role, right));
  }

  #label(role: RoleId | undefined): string | undefined {
    return this.state.current.rules.roles.find(({ id }) => id === role)?.label;
  }

  #open(channel: Channel, said: readonly Said[], quiet?: number): void {
    const me = this.#me?.id ?? ('nobody' as PersonId);
    const answers = this.state.current.people.find(({ isMe, isIn }) => !isMe && isIn)?.id;
    const changed = (): void => this.#tellChannels();
    this.#talks.set(channel.id, new MemoryChannel(channel, { me, said, quiet, answers, changed }));
    this.channels.set([...this.channels.current, channel]);
  }

  #tellChannels(): void {
    this.channels.set([...this.#talks.values()].map((talk) => talk.channel.current));
    this.#changed(false);
  }

  #done(what: ActWords): Promise<Answer> {
    this.#tell(what);
    return Promise.resolve('done');
  }

  #tell(what: ActWords): void {
    const id = `act ${this.#made++} of ${this.id}` as ActId;
    const by = this.#me?.id ?? ('nobody' as PersonId);
    this.history.set([
      ...this.history.current,
      { id, by, what, fate: 'stands', at: Date.now() as Millis, dated: 'made' },
    ]);
  }

  #change(person: PersonId, how: (one: Person) => Partial<Person>): void {
    this.#set({
      people: this.state.current.people.map((one) => (one.id === person ? { ...one, ...how(one) } : one)),
    });
  }

  #set(change: Partial<GroupState>): void {
    this.state.set(withRoles({ ...this.state.current, ...change }));
    this.#changed(false);
  }
}

/** What is known of each role follows from the rules and from who holds what. */
function withRoles(state: GroupState): GroupState {
  const me = state.people.find(({ isMe }) => isMe);
  const people = state.people.toSorted((a, b) => Number(b.isIn) - Number(a.isIn));
  const roles = state.rules.roles.map(({ id, label, can }) => ({
    id,
    label,
    can,
    holders: people.filter((one) => one.isIn && one.roles.some(({ role }) => role === id)).map((one) => one.id),
    mine: me?.roles.some(({ role }) => role === id) ?? false,
  }));
  return { ...state, people, roles, me: me?.id };
}
