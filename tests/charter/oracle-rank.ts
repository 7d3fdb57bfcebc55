// The oracle’s ranks and rights: what a role lets its holder do, who is senior to whom, what an act needs (SPEC §3.1, §4.2).

import type { GrantId } from '#core/charter/ids.ts';
import type { OpBody } from '#core/charter/op-body.ts';
import type { Rules } from '#core/charter/rules.ts';
import { byOrder, givenBy, makerOf, type Given, type Known, type Log } from './oracle-log.ts';

/** Lower is more senior, number by number and then by id. */
export interface Rank {
  readonly delegation: number;
  readonly depth: number;
  readonly id: string;
}

export function compareRanks(a: Rank, b: Rank): number {
  return a.delegation - b.delegation || a.depth - b.depth || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Roles that lead to power over others: directly, or through the roles they give. */
export function powerful(rules: Rules): ReadonlySet<string> {
  const found = new Set<string>();
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const { id, can } of rules.roles) if (can.some((right) => isPower(right, found))) found.add(id);
  }
  return found;
}

function isPower(right: string, roles: ReadonlySet<string>): boolean {
  if (right.startsWith('grant:')) return roles.has(right.slice(6));
  return ['revoke', 'vote', 'charter'].includes(right);
}

export function carries(given: Given, right: string, rules: Rules): boolean {
  if (given.what === 'member') return rules.members.some((each) => each === right);
  if (given.what !== 'role') return false;
  if (given.by.op.body.type === 'join' && isPower(right, powerful(rules))) return false;
  return rules.roles.some(({ id, can }) => id === given.role && can.some((each) => each === right));
}

/** Steward-level: may revoke, vote or write rules; what came by an invitation never does. */
export function isSteward(given: Given, rules: Rules): boolean {
  if (given.what !== 'role' || given.by.op.body.type === 'join') return false;
  const weighs = (right: string) => ['revoke', 'vote', 'charter'].includes(right);
  return rules.roles.some(({ id, can }) => id === given.role && can.some(weighs));
}

/** Each entry must be carried by some cited grant; of an entry any one right will do. */
export function rightsOf(body: OpBody, isOwn: boolean): readonly (readonly string[])[] {
  const giving = (roles: readonly string[]) => roles.map((role) => [`grant:${role}`]);
  switch (body.type) {
    case 'invite':
      return [['invite'], ...giving(body.role === undefined ? [] : [body.role])];
    case 'grant':
      return body.act === 'role' ? giving([body.role]) : [['admit'], ...giving(body.roles)];
    case 'revoke':
      return isOwn ? [] : [['revoke']];
    case 'propose':
      return [['propose', 'vote']];
    case 'endorse':
      return [['vote']];
    case 'charter':
    case 'relays':
    case 'card':
      return [[body.type]];
    default:
      return [];
  }
}

/** A grant of any kind, by its id. */
export function find(log: Log, grant: GrantId): Given | undefined {
  const maker = log.get(makerOf(grant));
  return maker === undefined ? undefined : givenBy(log, maker).find(({ id }) => id === grant);
}

/** What an end of a grant is aimed at: what a vote made is one thing, however often the vote was completed. */
export function aimOf(log: Log, grant: GrantId): string {
  const { body } = log.get(makerOf(grant))?.op ?? {};
  return body?.type === 'endorse' ? body.proposal + grant.slice(64) : grant;
}

export function citedBy(log: Log, { op }: Known): readonly Given[] {
  return op.auth.flatMap((id) => find(log, id) ?? []);
}

/** A revocation of one’s own needs no right. */
export function needs(log: Log, known: Known): readonly (readonly string[])[] {
  const { body } = known.op;
  return rightsOf(body, body.type === 'revoke' && find(log, body.grant)?.on === known.author);
}

export function isCarried(log: Log, known: Known, anyOf: readonly string[], rules: Rules): boolean {
  return citedBy(log, known).some((given) => anyOf.some((right) => carries(given, right, rules)));
}

export function byRank(rankOf: (known: Known) => Rank): (a: Known, b: Known) => number {
  return (a, b) => compareRanks(rankOf(a), rankOf(b)) || byOrder(a, b);
}
