// Writes what only groups have: the genesis, joins, admissions, completed votes (charter/SPEC.md §3).

import { hex, type Bytes } from '../bytes/bytes.ts';
import { derive } from '../crypto/hash.ts';
import type { CryptoSuite, Seed, Signature } from '../crypto/suite.ts';
import { raw } from './body-parts.ts';
import type { Charter } from './charter.ts';
import type { GroupCard } from './decision-body.ts';
import { foundingBytes, type GroupFounder } from './genesis-body.ts';
import type { DeviceId, InvitationKey, OpId, SpaceId } from './ids.ts';
import type { Admit, Invite } from './member-body.ts';
import type { VerifiedOp } from './op.ts';
import { cardBytes, invitationProofBytes, knockBytes } from './proofs.ts';
import type { RoleId, Rules } from './rules.ts';
import { signOp, writeFirst, type Author } from './write-op.ts';

export interface Founding {
  readonly name: string;
  readonly rules: Rules;
  /** Founder 0 signs; the others must be at hand to consent. */
  readonly founders: readonly {
    readonly author: Author;
    readonly recovery: DeviceId | undefined;
    readonly roles: readonly RoleId[];
  }[];
}

/** The beginning of a group. */
export async function groupGenesis(founding: Founding, suite: CryptoSuite): Promise<VerifiedOp> {
  const { name, rules } = founding;
  const bare = founding.founders.map(({ author, recovery, roles }): GroupFounder => ({
    device: author.device,
    recovery,
    roles,
    consent: undefined,
  }));
  const agreed = foundingBytes({ name, rules, founders: bare });
  const founders: GroupFounder[] = [];
  for (const [index, founder] of bare.entries()) {
    const { seed } = founding.founders[index]!.author;
    const consent = index === 0 ? undefined : await suite.sign('founding', agreed, seed);
    founders.push({ ...founder, consent });
  }
  const [first] = founding.founders;
  if (first === undefined) throw new Error('a group is founded by somebody');
  const nothing = { space: undefined, prev: [], own: undefined, under: undefined, auth: [] };
  const body = { type: 'genesis', kind: 'group', name, rules, founders } as const;
  return signOp({ ...nothing, device: first.author.device, seq: 0, body }, first.author.seed, suite);
}

/** The key pair's seed of an invitation, from its one-time secret (32 bytes). */
export function invitationSeed(secret: Uint8Array, space: SpaceId): Seed {
  return derive(secret, raw(space), 'invitationKey', new Uint8Array(0)) as Seed;
}

export async function inviteBody(
  invited: { readonly secret: Uint8Array; readonly space: SpaceId; readonly uses: number; readonly role?: RoleId },
  suite: CryptoSuite,
): Promise<Invite> {
  const { secret, space, uses, role } = invited;
  const key = hex.encode(await suite.signingKeyOf(invitationSeed(secret, space))) as InvitationKey;
  return { type: 'invite', key, uses, ...(role === undefined ? {} : { role }) };
}

export interface Joining {
  readonly invite: OpId;
  readonly secret: Uint8Array;
  readonly recovery: DeviceId | undefined;
}

/** The newcomer's first op, on top of all heads. The charter they were welcomed with must hold the invitation. */
export async function writeJoin(
  charter: Charter,
  newcomer: Author,
  { invite, secret, recovery }: Joining,
  suite: CryptoSuite,
): Promise<VerifiedOp> {
  const seed = invitationSeed(secret, charter.space);
  const key = hex.encode(await suite.signingKeyOf(seed)) as InvitationKey;
  const proof = await suite.sign(
    'invitation',
    invitationProofBytes({ space: charter.space, invite, device: newcomer.device, recovery }),
    seed,
  );
  return writeFirst(charter, newcomer, { type: 'join', invite, key, proof, recovery }, suite);
}

/** What somebody who knocks signs: their wish to be a member of this space with this key. */
export async function knockProof(
  newcomer: Author,
  space: SpaceId,
  recovery: DeviceId | undefined,
  suite: CryptoSuite,
): Promise<Signature> {
  return suite.sign('knock', knockBytes({ space, device: newcomer.device, recovery }), newcomer.seed);
}

/** The body that makes somebody who knocked a member; right for `propose` as well. */
export function admitBody(
  knocked: { readonly device: DeviceId; readonly proof: Signature; readonly recovery: DeviceId | undefined },
  roles: readonly RoleId[],
): Admit {
  return { type: 'grant', act: 'admit', ...knocked, roles };
}

/** The group's card for other groups, signed by a key made for the outside. */
export async function cardBody(
  key: Author,
  card: { readonly number: number; readonly expires: number; readonly card: Bytes },
  suite: CryptoSuite,
): Promise<GroupCard> {
  const signature = await suite.sign('groupCard', cardBytes(card), key.seed);
  return { type: 'card', ...card, key: key.device, signature };
}
