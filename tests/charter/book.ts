// What a scenario knows of its town: everything that was written, who people are, and which grants were made for them.

import type { Charter } from '#core/charter/charter.ts';
import type { DeviceId, GrantId, OpId, PrincipalId, SpaceId } from '#core/charter/ids.ts';
import type { VerifiedOp } from '#core/charter/op.ts';
import type { Author } from '#core/charter/write-op.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';

/** Ops somebody has seen: with each one its whole past. */
export type Seen = readonly VerifiedOp[];

/** One person as the town's book has them: what keys they have, and which grants were ever written for them. */
export interface Person {
  readonly name: string;
  /** How often they have come: a return is a new person to the group. */
  readonly life: number;
  principal: PrincipalId | undefined;
  readonly devices: Map<string, Bound>;
  readonly recovery: Bound;
}

export interface Bound {
  readonly author: Author;
  binding: GrantId | undefined;
}

export interface RoleEntry {
  readonly principal: PrincipalId;
  readonly role: string;
  readonly grant: GrantId;
}

/** Somebody by name: their hand, or the name itself. */
export type Named = string | { readonly name: string };

/** The town as hands see it. */
export interface Book {
  readonly suite: CryptoSuite;
  readonly genesis: VerifiedOp;
  readonly space: SpaceId;
  /** Everything that verified, in the order of writing. */
  readonly ops: readonly VerifiedOp[];
  readonly roles: RoleEntry[];
  readonly people: ReadonlyMap<string, Person>;
  take(op: VerifiedOp): Promise<void>;
  /** A log that holds just these ops. */
  charterOf(seen: Seen): Charter;
  /** An op and everything in its past. */
  until(op: VerifiedOp | OpId): Seen;
  entry(name: string, life?: number): Promise<Person>;
  deviceOf(person: Person, device: string): Promise<Author>;
  noteAdmission(newcomer: Named, by: OpId, roles: readonly string[]): Promise<void>;
  noteCompletion(proposal: VerifiedOp, by: VerifiedOp): void;
  newestOwn(charter: Charter, device: DeviceId): VerifiedOp | undefined;
  knownPerson(who: Named): Person;
  membershipOf(who: Named): PrincipalId;
  roleOf(who: Named, role: string): GrantId;
  joinOf(who: Named): OpId;
}
