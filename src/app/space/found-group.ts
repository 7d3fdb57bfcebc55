// How groups begin on a device: founding one, coming in by an invitation.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, OpId, SpaceId } from '#core/charter/ids.ts';
import { encodeSignedOp, type VerifiedOp } from '#core/charter/op.ts';
import type { RoleId, Rules } from '#core/charter/rules.ts';
import { groupGenesis, writeJoin } from '#core/charter/write-group.ts';
import { encodeSignedRecord } from '#core/keys/device-record.ts';
import type { ScopeKey } from '#core/keys/scope-key.ts';
import { emptyParcel, type Parcel } from '#core/sync/parcel.ts';
import { publishRecord } from './author.ts';
import { freshDevice, freshReplica } from './found.ts';
import { takeVerified } from './intake.ts';
import { authorOf } from './own-ops.ts';
import type { NamedRecovery, Replica, SpaceContext } from './replica.ts';
import { rotate } from './rotate.ts';
import { takeWelcomeKeys } from './take-wraps.ts';

export interface GroupFounding {
  readonly name: string;
  readonly rules: Rules;
  /** The roles the founder begins with. */
  readonly roles: readonly RoleId[];
  readonly relays: readonly string[];
  readonly recovery: DeviceId | undefined;
}

/** A group of oneself; others come by invitation. Its first keys are those of all scopes its founder reads. */
export async function foundGroup(context: SpaceContext, founding: GroupFounding): Promise<Replica> {
  const fresh = await freshDevice(context);
  const { name, rules, roles, relays } = founding;
  const named = founding.recovery === undefined ? await context.nameRecovery?.(fresh.device) : undefined;
  const founder = { author: fresh, recovery: founding.recovery ?? named?.key, roles };
  const genesis = await groupGenesis({ name, rules, founders: [founder] }, context.suite);
  const space = genesis.id as string as SpaceId;
  named?.keep(space);
  const replica = await freshReplica(context, { space, kind: 'group', relays, card: undefined, fresh });
  replica.addOps([genesis]);
  await publishRecord(replica);
  await rotate(replica, replica.scopes());
  replica.putIdentity();
  replica.save();
  return replica;
}

/** What an invitation and the welcome it opens hold, as far as a replica needs it. */
export interface Welcome {
  readonly space: SpaceId;
  readonly relays: readonly string[];
  /** The whole charter log. */
  readonly ops: readonly VerifiedOp[];
  readonly keys: readonly ScopeKey[];
  readonly rendezvous: Bytes;
}

/**
 * A group as whoever was invited finds it: verified from its genesis, with fresh keys of one's own. `undefined`: what
 * came is not the log of this space. Nothing was written yet: `joinGroup` does.
 */
export async function enterGroup(
  context: SpaceContext,
  welcome: Welcome,
  prepared = prepareToEnter(context, welcome),
): Promise<Replica | undefined> {
  const { replica } = await prepared;
  await takeVerified(replica, welcome.ops);
  return replica.view?.group === undefined ? undefined : replica;
}

export interface Prepared {
  readonly replica: Replica;
  readonly named: NamedRecovery | undefined;
}

/** Keys of one's own, which nothing has to come for. Nothing is written. */
export async function prepareToEnter(
  context: SpaceContext,
  { space, relays }: Pick<Welcome, 'space' | 'relays'>,
): Promise<Prepared> {
  const fresh = await freshDevice(context);
  const replica = await freshReplica(context, { space, kind: 'group', relays, card: undefined, fresh });
  return { replica, named: await context.nameRecovery?.(fresh.device) };
}

/** Makes oneself a member by an invitation; gives what the members are to get. */
export async function joinGroup(
  replica: Replica,
  by: {
    readonly invite: OpId;
    readonly secret: Bytes;
    readonly recovery: DeviceId | undefined;
    readonly named?: NamedRecovery | undefined;
  },
  welcome: Pick<Welcome, 'keys' | 'rendezvous'>,
): Promise<Parcel> {
  const { context, keys, charter } = replica;
  const { device, space } = replica.identity;
  const ahead = by.named?.isCurrent() === true ? by.named : undefined;
  const named = by.recovery === undefined ? (ahead ?? (await context.nameRecovery?.(device))) : undefined;
  const recovery = by.recovery ?? named?.key;
  const join = await writeJoin(
    charter,
    authorOf(replica),
    { invite: by.invite, secret: by.secret, recovery },
    context.suite,
  );
  named?.keep(space);
  replica.addOps([join]);
  await publishRecord(replica);
  takeWelcomeKeys(replica, welcome);
  replica.putIdentity();
  replica.save();
  keys.saveAll(context.disk);
  const record = encodeSignedRecord(replica.records.get(replica.identity.device)!);
  return { ...emptyParcel, ops: [encodeSignedOp(join)], records: [record] };
}
