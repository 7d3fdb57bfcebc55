// The state of a group as screens see it, drawn up from its charter and what was heard of its people.

import type { DeviceId, PrincipalId } from '#core/charter/ids.ts';
import { isStewardRole, roleOf, type Rules } from '#core/charter/rules.ts';
import { nameWarning } from '#core/identity/look-alikes.ts';
import { DAY, type Millis, type Road } from '#core/ports.ts';
import type {
  GroupEntry,
  GroupState,
  Invitation,
  InvitationId,
  Person,
  PersonId,
  Proposal,
  ProposalId,
} from './group-api.ts';
import { endorsementOf, mayPropose } from './group-acts.ts';
import type { GroupSpace } from './group-space.ts';
import type { Named } from '../talk/mentions.ts';
import {
  cameOf,
  disputesOf,
  heldRoles,
  invitationState,
  personOf,
  proposalState,
  proposedOf,
  rolesOf,
  type Ground,
} from './group-words.ts';
import type { InvitationFacts, ProposalFacts } from '#core/charter/group-facts.ts';
import type { CharterView, DeviceFacts } from '#core/charter/view.ts';

/** Before anything of a group was heard. */
export const NO_RULES: Rules = {
  roles: [],
  members: [],
  history: { chat: 'none', docs: 'none', retainDays: 0 },
  rotateDays: 7,
  quorum: { admit: 'majority', revoke: 'majority' },
  deviceCap: 1,
  addresses: 'hidden',
  knock: [],
  successionDays: 0,
};

export interface Seen {
  readonly presence: (devices: readonly DeviceId[]) => Person['presence'];
  readonly now: Millis;
}

/** By the devices that are linked now; good for one look at all people. */
export function presenceBy(linked: readonly { readonly device: DeviceId; readonly road: Road }[]): Seen['presence'] {
  const roads = new Map(linked.map(({ device, road }) => [device, road]));
  return (devices) => {
    const found = devices.flatMap((device) => roads.get(device) ?? []);
    return found.includes('direct') ? 'direct' : found.length > 0 ? 'relayed' : 'away';
  };
}

export function groundOf({ replica }: GroupSpace): Ground | undefined {
  const { charter, view } = replica;
  return view?.group === undefined ? undefined : { charter, view, group: view.group };
}

export function stateOf(space: GroupSpace, ground: Ground, seen: Seen, warnings: NameWarnings): GroupState {
  const { group } = ground;
  const me = space.me;
  warnings.look(space.people());
  const people = [...group.members.keys()].map((id) => personIn(space, ground, { id, seen, warnings }));
  return {
    name: space.name,
    standing: space.standing,
    rules: group.rules,
    me: me === undefined ? undefined : personOf(me),
    people: [...people.filter(({ isIn }) => isIn), ...people.filter(({ isIn }) => !isIn)],
    roles: rolesOf(ground, me),
    successionOffer: successionOf(space, ground, seen.now),
    disputes: disputesOf(ground),
  };
}

interface About {
  readonly id: PrincipalId;
  readonly seen: Seen;
  readonly warnings: NameWarnings;
}

function personIn(space: GroupSpace, ground: Ground, { id, seen, warnings }: About): Person {
  const member = ground.group.members.get(id)!;
  const devices = liveDevices(ground, id);
  const name = space.nameOf(id);
  const isMe = id === space.me;
  return {
    id: personOf(id),
    name,
    nameWarning: isMe ? undefined : warnings.of(personOf(id), name),
    isMe,
    isIn: member.isLive,
    roles: member.isLive ? heldRoles(ground, id) : [],
    came: cameOf(ground.group, member.came),
    presence: isMe ? 'away' : seen.presence(devices),
    devices: devices.length,
    lastHeard: isMe ? undefined : space.lastHeard(allDevices(ground, id)),
  };
}

const principals = new WeakMap<CharterView, ReadonlyMap<PrincipalId, readonly DeviceFacts[]>>();

function devicesOf({ view }: Ground, id: PrincipalId): readonly DeviceFacts[] {
  let known = principals.get(view);
  if (known === undefined) {
    known = new Map(view.principals.map((principal) => [principal.id, principal.devices]));
    principals.set(view, known);
  }
  return known.get(id) ?? [];
}

function allDevices(ground: Ground, id: PrincipalId): readonly DeviceId[] {
  return devicesOf(ground, id).map(({ device }) => device);
}

function liveDevices(ground: Ground, id: PrincipalId): readonly DeviceId[] {
  return devicesOf(ground, id).flatMap(({ device, isLive }) => (isLive ? [device] : []));
}

/** Looking for look-alikes takes a while, and names change rarely. */
export class NameWarnings {
  readonly #known = new Map<PersonId, { readonly name: string; readonly warning: Person['nameWarning'] }>();
  #names: readonly Named[] = [];
  #spelled = '';

  /** Who is in the group now. */
  look(names: readonly Named[]): void {
    const spelled = JSON.stringify(names);
    if (spelled === this.#spelled) return;
    this.#spelled = spelled;
    this.#names = names;
    this.#known.clear();
  }

  /** What is odd about a person's name beside those of the others. */
  of(id: PersonId, name: string): Person['nameWarning'] {
    if (name === '') return undefined;
    const known = this.#known.get(id);
    if (known?.name === name) return known.warning;
    const others = this.#names.flatMap((other) => (other.id === id ? [] : [other.name]));
    const warning = nameWarning(name, others);
    this.#known.set(id, { name, warning });
    return warning;
  }
}

/**
 * Advice, not rule: those who lead were not heard for as long as the rules say, by this device's clock and ears. What
 * follows is a vote, in which everybody looks for themselves.
 */
function successionOf(space: GroupSpace, ground: Ground, now: Millis): GroupState['successionOffer'] {
  const { rules } = ground.group;
  if (rules.successionDays === 0 || space.standing !== 'in') return undefined;
  const leaders = leadersIn(ground);
  if (leaders.length === 0 || leaders.some((id) => id === space.me)) return undefined;
  const days = leaders.map((id) => {
    const heard = space.lastHeard(allDevices(ground, id)) ?? space.row.madeAt;
    return Math.floor((now - heard) / DAY);
  });
  const least = Math.min(...days);
  return least < rules.successionDays ? undefined : { silent: leaders.map(personOf), days: least };
}

/** Who holds power over others by a role of the highest level that somebody holds. */
function leadersIn({ group }: Ground): readonly PrincipalId[] {
  const stewards = [...group.members.values()].flatMap(({ id, isLive, roles }) => {
    const held = isLive ? roles.flatMap((grant) => group.grants.get(grant)?.role ?? []) : [];
    const levels = held.map((role) => roleOf(group.rules, role)).filter(isStewardRole);
    return levels.length === 0 ? [] : [{ id, level: Math.max(...levels.map((role) => role!.level)) }];
  });
  const highest = Math.max(...stewards.map(({ level }) => level));
  return stewards.filter(({ level }) => level === highest).map(({ id }) => id);
}

export function invitationsOf(
  ground: Ground,
  codeOf: (facts: InvitationFacts) => string | undefined,
): readonly Invitation[] {
  return ground.group.invitations.map((facts) => ({
    id: facts.op as string as InvitationId,
    code: codeOf(facts),
    by: personOf(facts.by),
    role: facts.role,
    uses: facts.uses,
    joined: facts.joined.map(personOf),
    state: invitationState(facts),
  }));
}

/** Who is to be let in came in by another vote. */
function isIn({ view }: Ground, { act }: ProposalFacts): boolean {
  return act.type === 'grant' && act.act === 'admit' && view.devices.has(act.device);
}

export function proposalsOf({ replica, me }: GroupSpace, ground: Ground): readonly Proposal[] {
  const { charter, identity } = replica;
  return ground.group.proposals.map((facts) => ({
    id: facts.op as string as ProposalId,
    by: personOf(facts.by),
    act: proposedOf(ground, facts.act),
    signers: facts.signers.map(personOf),
    missing: facts.missing,
    state: isIn(ground, facts) && facts.isOpen ? 'over' : proposalState(facts),
    mayEndorse:
      me !== undefined &&
      endorsementOf(ground.group, facts.op, me) !== undefined &&
      mayPropose(charter, identity.device, facts.act),
  }));
}

/** One is a member, or would be with a newer app. */
export function isInside({ standing }: GroupSpace): boolean {
  return standing === 'in' || standing === 'newer-version';
}

/** As the list of groups shows it. */
export function entryOf(space: GroupSpace): GroupEntry {
  const { id, name, standing, unread, mentions, last } = space;
  return { id, name, state: standing, unread, mentions, lastMessage: last };
}
