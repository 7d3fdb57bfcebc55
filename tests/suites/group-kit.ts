// A group for tests: founders, newcomers and what they do, each on the replica they have.

import type { GrantId, PrincipalId } from '#core/charter/ids.ts';
import type { GroupFacts } from '#core/charter/group-facts.ts';
import { addOps } from '#core/charter/charter.ts';
import type { Proposable } from '#core/charter/decision-body.ts';
import { grantIdOf, type VerifiedOp } from '#core/charter/op.ts';
import type { Right, RoleId, Rules } from '#core/charter/rules.ts';
import { admitBody, groupGenesis, inviteBody, knockProof, writeJoin } from '#core/charter/write-group.ts';
import { completionOf, type Author } from '#core/charter/write-op.ts';
import { hash } from '#core/crypto/hash.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import { deviceNamed, quickSuite, Replica, spaceOf } from './space-kit.ts';

const role = (id: string, level: number, can: readonly Right[]) => ({ id: id as RoleId, label: id, level, can });

/** Stewards act alone, voters together; guides invite. */
export const KIT_RULES: Rules = {
  roles: [
    role('steward', 3, ['invite', 'admit', 'revoke', 'charter', 'relays', 'card', 'grant:steward', 'grant:guide']),
    role('voter', 3, ['vote', 'propose', 'grant:voter']),
    role('guide', 1, ['invite', 'channels']),
  ],
  members: ['post', 'propose'],
  history: { chat: 'none', docs: 'checkpoint', retainDays: 0 },
  rotateDays: 7,
  quorum: { admit: 'majority', revoke: 'majority' },
  deviceCap: 4,
  addresses: 'hidden',
  knock: [],
  successionDays: 30,
};

export interface Someone {
  readonly author: Author;
  readonly recovery: Author;
  readonly id: PrincipalId;
}

export interface Founded {
  readonly replica: Replica;
  readonly genesis: VerifiedOp;
  readonly founders: readonly Someone[];
}

/** Founders by name, with their roles. */
export async function foundGroup(
  people: Readonly<Record<string, readonly string[]>>,
  options: { readonly rules?: Rules; readonly suite?: CryptoSuite } = {},
): Promise<Founded> {
  const { rules = KIT_RULES, suite = quickSuite } = options;
  const founding = [];
  for (const [name, roles] of Object.entries(people)) {
    const author = await deviceNamed(name, suite);
    const recovery = await deviceNamed(`${name} recovery`, suite);
    founding.push({ author, recovery, roles: roles as readonly RoleId[] });
  }
  const named = founding.map(({ author, recovery, roles }) => ({ author, recovery: recovery.device, roles }));
  const genesis = await groupGenesis({ name: 'A group', rules, founders: named }, suite);
  const replica = new Replica(spaceOf(genesis), suite);
  replica.take(genesis);
  const founders = founding.map(({ author, recovery }, at) => ({ author, recovery, id: grantIdOf(genesis.id, at) }));
  return { replica, genesis, founders };
}

export interface Invited {
  readonly op: VerifiedOp;
  readonly secret: Uint8Array;
}

export async function invite(replica: Replica, by: Author, uses = 1, role?: string): Promise<Invited> {
  const secret = hash('op', new TextEncoder().encode(`secret ${replica.ops.length}`));
  const given = role === undefined ? {} : { role: role as RoleId };
  const body = await inviteBody({ secret, space: replica.charter.space, uses, ...given }, replica.suite);
  return { op: await replica.write(by, body), secret };
}

export async function join(replica: Replica, name: string, invited: Invited): Promise<Someone & { op: VerifiedOp }> {
  const author = await deviceNamed(name, replica.suite);
  const recovery = await deviceNamed(`${name} recovery`, replica.suite);
  const joining = { invite: invited.op.id, secret: invited.secret, recovery: recovery.device };
  const op = await writeJoin(replica.charter, author, joining, replica.suite);
  replica.take(op);
  return { author, recovery, id: grantIdOf(op.id, 0), op };
}

/** Somebody who knocked is let in by one member. */
export async function admit(replica: Replica, by: Author, name: string): Promise<Someone & { op: VerifiedOp }> {
  const author = await deviceNamed(name, replica.suite);
  const recovery = await deviceNamed(`${name} recovery`, replica.suite);
  const proof = await knockProof(author, replica.charter.space, recovery.device, replica.suite);
  const op = await replica.write(by, admitBody({ device: author.device, recovery: recovery.device, proof }, []));
  return { author, recovery, id: grantIdOf(op.id, 0), op };
}

export function giveRole(replica: Replica, by: Author, on: PrincipalId, role: string): Promise<VerifiedOp> {
  return replica.write(by, { type: 'grant', act: 'role', on, role: role as RoleId });
}

export const toRevoke = (grant: GrantId, cascade = false) =>
  ({ type: 'revoke', grant, frontier: [], cascade }) as const;

/** Proposed by the first, endorsed by all, completed by the last. */
export async function vote(replica: Replica, act: Proposable, by: readonly Author[]): Promise<VerifiedOp> {
  const proposal = await replica.write(by[0]!, { type: 'propose', act });
  for (const author of by.slice(1, -1)) await replica.write(author, { type: 'endorse', proposal: proposal.id });
  return replica.write(by.at(-1)!, completionOf(replica.charter, proposal.id));
}

export function group(replica: Replica): GroupFacts {
  return replica.view.group!;
}

/** Members that are in, as principals. */
export function members(replica: Replica): readonly PrincipalId[] {
  return [...group(replica).members.values()].filter(({ isLive }) => isLive).map(({ id }) => id);
}

export function rolesOf(replica: Replica, id: PrincipalId): readonly string[] {
  const facts = group(replica);
  return (facts.members.get(id)?.roles ?? []).map((grant) => facts.grants.get(grant)!.role as string).sort();
}

/** Two replicas have everything of each other. */
export function meet(...replicas: readonly Replica[]): void {
  const all = replicas.flatMap(({ ops }) => ops);
  for (const replica of replicas) replica.charter = addOps(replica.charter, all).charter;
}
