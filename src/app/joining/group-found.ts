// Coming into a group by what a welcome brought, and what the charter says of the invitation used.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import type { InvitationFacts } from '#core/charter/group-facts.ts';
import type { InvitationKey } from '#core/charter/ids.ts';
import { decodeSignedOp, type SignedOp, type VerifiedOp } from '#core/charter/op.ts';
import { verifyOps } from '#core/charter/verify-op.ts';
import type { CharterView } from '#core/charter/view.ts';
import { invitationSeed } from '#core/charter/write-group.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { SpaceContext } from '../space/replica.ts';

/** Ops as they came, decoded and with their signatures verified; what is not is left out. */
export async function verifiedOps(context: SpaceContext, encoded: readonly Bytes[]): Promise<readonly VerifiedOp[]> {
  const signed: SignedOp[] = [];
  for (const bytes of encoded) {
    try {
      signed.push(decodeSignedOp(bytes));
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
    }
  }
  return (await verifyOps(signed, context.suite)).filter((op) => op !== undefined);
}

/** What the charter knows of the invitation with this secret. */
export async function invitationBy(
  context: SpaceContext,
  view: CharterView,
  secret: Bytes,
): Promise<InvitationFacts | undefined> {
  const key = hex.encode(await context.suite.signingKeyOf(invitationSeed(secret, view.space))) as InvitationKey;
  return view.group?.invitations.find((invitation) => invitation.key === key);
}
