// One group as screens use it. It outlives the waiting for a welcome: what is shown fills when it has come.

import type { OpId } from '#core/charter/ids.ts';
import { EVERYONE } from '#core/charter/ids.ts';
import { isSound, scopeOf, type PlainRight, type RoleId, type Rules } from '#core/charter/rules.ts';
import { inviteBody } from '#core/charter/write-group.ts';
import type { CharterView } from '#core/charter/view.ts';
import type { Writable } from '#core/charter/write-op.ts';
import { encodeChatBody } from '#core/chat/body.ts';
import type { ChannelId } from '#core/chat/channel.ts';
import type { Disk } from '../disk.ts';
import type { Engine } from '../traffic/engine.ts';
import type { Doors } from '../joining/doors.ts';
import type { EventQueue } from '../event-queue.ts';
import { bodiesOf, endorsementOf, mayPropose, Permissions } from './group-acts.ts';
import type {
  Act,
  Answer,
  Channel,
  ChannelTalk,
  Group,
  GroupEntry,
  GroupId,
  GroupState,
  Invitation,
  InvitationId,
  Knock,
  May,
  PersonId,
  Proposal,
  ProposalId,
  ProposedAct,
  Refusal,
} from './group-api.ts';
import { isKnownScope, isPlain, ownName, refusalFor, usedScopes } from './group-answers.ts';
import { GroupChannels } from './group-channels.ts';
import { GroupKnocks } from '../joining/group-knocks.ts';
import type { GroupSpace } from './group-space.ts';
import { groundOf, invitationsOf, NameWarnings, NO_RULES, proposalsOf, stateOf, type Seen } from './group-state.ts';
import { historyOf } from './group-words.ts';
import type { GroupWriter } from './group-writer.ts';
import type { Invitations } from '../joining/invitations.ts';
import { LiveValue } from '../live-value.ts';
import type { NeighbourRoom } from '../neighbours/neighbour-room.ts';
import type { Questions } from '../questions/question-api.ts';
import { QuestionMessages } from '../questions/question-messages.ts';
import { GroupQuestions } from '../questions/questions.ts';
import type { Replica, SpaceContext } from '../space/replica.ts';
import type { Tasks } from '../tasks/task-api.ts';
import { TaskRoom, type TaskRoomPorts } from '../tasks/task-room.ts';

export interface OpenGroupPorts {
  readonly id: GroupId;
  readonly context: SpaceContext;
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly engine: Engine;
  readonly invitations: Invitations;
  readonly doors: Doors;
  readonly writer: GroupWriter;
  /** `undefined` while one waits to come in. */
  readonly space: () => GroupSpace | undefined;
  readonly neighbours: () => NeighbourRoom | undefined;
  readonly waiting: () => { readonly name: string; readonly state: GroupEntry['state'] } | undefined;
  readonly presence: (replica: Replica) => Seen['presence'];
  readonly wipe: () => Promise<void>;
  /** A document whose id follows from what it belongs to. */
  readonly openDocument: TaskRoomPorts['openDocument'];
}

export class OpenGroup implements Group {
  readonly id: GroupId;
  readonly state: LiveValue<GroupState>;
  readonly channels = new LiveValue<readonly Channel[]>([]);
  readonly invitations = new LiveValue<readonly Invitation[]>([]);
  readonly proposals = new LiveValue<readonly Proposal[]>([]);
  readonly knocks = new LiveValue<readonly Knock[]>([]);
  readonly history = new LiveValue<readonly Act[]>([]);
  readonly doorCode = new LiveValue<string | undefined>(undefined);
  readonly taskRoom: TaskRoom;
  readonly questionMessages: QuestionMessages;
  #questions: GroupQuestions | undefined;
  readonly #ports: OpenGroupPorts;
  readonly #writer: GroupWriter;
  readonly #knocking: GroupKnocks;
  readonly #channels: GroupChannels;
  readonly #permissions = new Permissions();
  readonly #warnings = new NameWarnings();
  readonly #shown = new Map<LiveValue<never>, string>();
  /** By which view the history and the proposals were drawn up last: they follow from it alone. */
  #drawn: CharterView | undefined;

  constructor(ports: OpenGroupPorts) {
    this.#ports = ports;
    this.id = ports.id;
    this.state = new LiveValue(this.#empty());
    this.#writer = ports.writer;
    this.#knocking = new GroupKnocks(ports);
    this.#channels = new GroupChannels({ ...ports, problem: () => this.#writer.problem() });
    this.questionMessages = new QuestionMessages(ports);
    this.taskRoom = new TaskRoom({ ...ports, group: this.state, clock: ports.context.clock });
    this.refresh();
  }

  /** Read from the messages when somebody looks at them. */
  get questions(): Questions {
    return (this.#questions ??= new GroupQuestions(this.questionMessages, this.#ports.context.clock));
  }

  get tasks(): Tasks {
    return this.taskRoom.tasks;
  }

  /** Brings what screens see up to date. */
  refresh(): void {
    const { context, invitations, presence } = this.#ports;
    const space = this.#ports.space();
    const ground = space === undefined ? undefined : groundOf(space);
    if (space === undefined || ground === undefined) {
      this.#show(this.state, this.#empty());
      return;
    }
    const { replica } = space;
    const seen = { presence: presence(replica), now: context.clock.now() };
    this.#show(this.state, stateOf(space, ground, seen, this.#warnings));
    this.channels.set(space.channels.current);
    this.#show(
      this.invitations,
      invitationsOf(ground, (facts) => invitations.code(replica, facts)),
    );
    if (this.#drawn !== ground.view) {
      this.#drawn = ground.view;
      this.#show(this.proposals, proposalsOf(space, ground));
      const times = { at: (op: OpId) => replica.seenOps.at(op), device: replica.identity.device };
      this.#show(this.history, historyOf(ground, times));
    }
    this.#show(this.knocks, this.#knocking.shown());
    this.#show(this.doorCode, this.#knocking.code());
    this.taskRoom.refresh();
    this.questionMessages.refresh();
  }

  channel(channel: ChannelId): ChannelTalk {
    return this.#channels.talk(channel);
  }

  createChannel(options: Parameters<Group['createChannel']>[0]): Promise<ChannelId | Refusal> {
    return this.#channels.create(options);
  }

  renameChannel(channel: ChannelId, name: string): Promise<Answer> {
    return this.#channels.rename(channel, name);
  }

  async invite(options: { readonly role: RoleId | undefined; readonly uses: number }): Promise<Invitation | Refusal> {
    const { context, invitations } = this.#ports;
    const { role, uses } = options;
    if (!Number.isSafeInteger(uses) || uses < 1 || uses > 10_000) return 'not-allowed';
    const done = await this.#writer.act(async (space) => {
      const secret = context.random.bytes(32);
      const asked = { secret, space: space.space, uses, ...(role === undefined ? {} : { role }) };
      const body = await inviteBody(asked, context.suite);
      // Whoever comes reads from now on, not what was said before, as far as this device can see to that.
      const fresh = usedScopes(space.replica, role === undefined ? [EVERYONE] : [EVERYONE, scopeOf(role)]);
      return { bodies: [body], afterwards: (op) => invitations.add(op, space.space, secret), fresh };
    });
    if (typeof done === 'string') return done;
    this.refresh();
    return this.invitations.current.find(({ id }) => (id as string) === done.op) ?? 'gone';
  }

  async withdrawInvitation(invitation: InvitationId): Promise<Answer> {
    return this.#writer.answer((space) => {
      const facts = space.replica.view?.group?.invitations.find(({ op }) => op === (invitation as string));
      if (facts?.isOpen !== true) return undefined;
      const body: Writable = { type: 'revoke', grant: facts.grant, frontier: [], cascade: false };
      // Whoever has the code has today's key: they must not have tomorrow's.
      const fresh = space.replica
        .scopes()
        .filter((scope) => scope === EVERYONE || (facts.role !== undefined && scope === scopeOf(facts.role)));
      return { bodies: [body], fresh: fresh.filter(isKnownScope(space.replica)) };
    });
  }

  vouch(knock: string): Promise<Answer> {
    return this.#knocking.vouch(knock);
  }

  turnAway(knock: string): Promise<Answer> {
    return this.#knocking.turnAway(knock);
  }

  get neighbours(): NeighbourRoom | undefined {
    return this.#ports.neighbours();
  }

  openDoor(): Promise<Answer> {
    return this.#knocking.open();
  }

  async setMyName(name: string): Promise<Answer> {
    const shown = ownName(name);
    const problem = this.#writer.problem() ?? (shown === '' ? 'empty-name' : undefined);
    if (problem !== undefined) return problem;
    const space = this.#ports.space()!;
    const body = encodeChatBody({ kind: 'profile', name: shown });
    const said = await this.#ports.engine.say(space.replica, 'profile', () => body, EVERYONE);
    if (said !== 'saved') return refusalFor(said);
    await this.#ports.queue.run(() => space.changeRow({ myName: shown }));
    return (await this.#ports.disk.flush()) === 'saved' ? 'done' : 'no-room';
  }

  giveRole(person: PersonId, role: RoleId): Promise<Answer> {
    return this.#do({ do: 'give-role', person, role });
  }

  takeRole(person: PersonId, role: RoleId): Promise<Answer> {
    return this.#do({ do: 'take-role', person, role });
  }

  remove(person: PersonId): Promise<Answer> {
    return this.#do({ do: 'remove', person });
  }

  async changeRules(rules: Rules): Promise<Answer> {
    return isSound(rules) ? this.#do({ do: 'change-rules', rules }) : 'not-allowed';
  }

  async propose(act: ProposedAct): Promise<ProposalId | Refusal> {
    if (act.do === 'change-rules' && !isSound(act.rules)) return 'not-allowed';
    const done = await this.#writer.act((space) => {
      // Each grant of a role would be a vote of its own; who holds it by several is put to the vote for the first.
      const [body] = bodiesOf(space.replica, act) ?? [];
      return body === undefined ? undefined : { bodies: [{ type: 'propose', act: body }] };
    });
    if (typeof done === 'string') return done;
    const proposal = done.op;
    // Where one voice is enough, the proposer's is it.
    const missing = this.#ports.space()?.replica.view?.group?.proposals.find(({ op }) => op === proposal)?.missing;
    if (missing === 0) await this.endorse(proposal as string as ProposalId);
    return proposal as string as ProposalId;
  }

  endorse(proposal: ProposalId): Promise<Answer> {
    return this.#writer.answer((space) => {
      const { group } = space.replica.view ?? {};
      const body =
        group === undefined || space.me === undefined
          ? undefined
          : endorsementOf(group, proposal as string as OpId, space.me);
      return body === undefined ? undefined : { bodies: [body] };
    });
  }

  /** Something this person's app does for them: what they decided already. */
  write(body: Writable): Promise<Answer> {
    return this.#writer.answer(() => ({ bodies: [body] }));
  }

  resignRole(role: RoleId): Promise<Answer> {
    return this.#writer.answer((space) => {
      const group = space.replica.view?.group;
      const held = group?.members.get(space.me!)?.roles ?? [];
      const grants = held.filter((id) => group?.grants.get(id)?.role === role);
      return grants.length === 0 ? undefined : { bodies: grants.map((grant) => ({ type: 'leave', role: grant })) };
    });
  }

  leave(): Promise<Answer> {
    return this.#writer.answer(() => ({ bodies: [{ type: 'leave' }] }));
  }

  wipe(): Promise<void> {
    return this.#ports.wipe();
  }

  may(act: ProposedAct | { readonly do: PlainRight }): May {
    const space = this.#ports.space();
    if (space?.standing !== 'in') return 'no';
    if ('knock' in act) return this.#knocking.may(act.knock);
    if (isPlain(act)) return space.has(act.do) ? 'yes' : act.do === 'charter' ? this.#mayVoteOnRules(space) : 'no';
    return this.#permissions.may(space.replica, act);
  }

  #mayVoteOnRules({ replica }: GroupSpace): May {
    const rules = replica.view!.group!.rules;
    return mayPropose(replica.charter, replica.identity.device, { type: 'charter', rules, frontier: [] })
      ? 'vote'
      : 'no';
  }

  #do(act: ProposedAct): Promise<Answer> {
    return this.#writer.answer((space) => {
      const bodies = bodiesOf(space.replica, act);
      return bodies === undefined ? undefined : { bodies };
    });
  }

  #empty(): GroupState {
    const waiting = this.#ports.waiting();
    return {
      name: waiting?.name ?? '',
      standing: waiting?.state ?? 'left',
      rules: NO_RULES,
      me: undefined,
      people: [],
      roles: [],
      successionOffer: undefined,
      disputes: [],
    };
  }

  /** Screens hear of it only if it says something else than before. */
  #show<T>(live: LiveValue<T>, value: T): void {
    const spelled = JSON.stringify(value);
    const key = live as LiveValue<never>;
    if (this.#shown.get(key) === spelled) return;
    this.#shown.set(key, spelled);
    live.set(value);
  }
}
