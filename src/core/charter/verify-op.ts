// The checks of an op that need the crypto suite: signature, granted keys, embedded evidence (charter/SPEC.md §4.1).

import type { ItemReader } from '../wire/item-reader.ts';
import { WireError } from '../wire/wire-error.ts';
import type { CryptoSuite, SigningKey } from '../crypto/suite.ts';
import { verifyProof } from './header.ts';
import type { DeviceId, OpId } from './ids.ts';
import type { Equivocation, VoidPair } from './evidence-body.ts';
import { foundingBytes, type Genesis } from './genesis-body.ts';
import type { OpBody } from './op-body.ts';
import { cardBytes, invitationProofBytes, knockBytes } from './proofs.ts';
import type { DeviceAdd } from './member-body.ts';
import {
  bytesOfId,
  readKeptOp,
  decodeSignedOp,
  deviceProofBytes,
  type Op,
  type SignedOp,
  type VerifiedOp,
} from './op.ts';

/** `undefined` when anything is false. Never throws. */
export async function verifyOp(signed: SignedOp, suite: CryptoSuite): Promise<VerifiedOp | undefined> {
  if (!grantsAcceptableKeys(signed.op, suite)) return undefined;
  if (!(await suite.verify('op', signed.bytes, signed.signature, keyOf(signed.op.device)))) return undefined;
  return (await holdsWhatItSays(signed.op, signed.op.body, suite)) ? (signed as VerifiedOp) : undefined;
}

/** Enough to keep the platform's threads busy, and few enough to be over soon where there are none. */
const AT_ONCE = 16;

/** As `verifyOp`, one answer for each. */
export async function verifyOps(
  signed: readonly SignedOp[],
  suite: CryptoSuite,
): Promise<readonly (VerifiedOp | undefined)[]> {
  const verified: (VerifiedOp | undefined)[] = [];
  for (let from = 0; from < signed.length; from += AT_ONCE) {
    const some = signed.slice(from, from + AT_ONCE);
    verified.push(...(await Promise.all(some.map((op) => verifyOp(op, suite)))));
  }
  return verified;
}

/**
 * Reads an op that was verified before it was sealed away, under the id it was sealed with: neither is looked at again.
 * Throws `WireError`. What is read must not change any more.
 */
export function readStoredOp(read: ItemReader, id: OpId): VerifiedOp {
  return readKeptOp(read, id) as VerifiedOp;
}

/** A signing key is looked at once, when it is granted: from then on all verifiers agree about its signatures. */
function grantsAcceptableKeys(op: Op, suite: CryptoSuite): boolean {
  return grantedKeys(op).every((key) => suite.isAcceptableKey(bytesOfId(key)));
}

function grantedKeys(op: Op): readonly string[] {
  return keysIn(op.body, op.device).filter((key) => key !== undefined);
}

function keysIn(body: OpBody, signer: DeviceId): readonly (string | undefined)[] {
  switch (body.type) {
    case 'genesis':
      return body.founders.flatMap(({ device, recovery }) => [device, recovery]);
    case 'device':
      return body.act === 'add' ? [body.device, body.recovery] : [];
    case 'join':
      return [signer, body.recovery, body.key];
    case 'grant':
      return body.act === 'admit' ? [body.device, body.recovery] : [];
    case 'invite':
    case 'card':
      return [body.key];
    case 'propose':
      return keysIn(body.act, signer);
    default:
      return [];
  }
}

async function holdsWhatItSays(op: Op, body: OpBody, suite: CryptoSuite): Promise<boolean> {
  switch (body.type) {
    case 'genesis':
      return isFoundedBy(op.device, body, suite);
    case 'device':
      return body.act === 'end' || isProven(op, body, suite);
    case 'join': {
      const said = invitationProofBytes({
        space: op.space!,
        invite: body.invite,
        device: op.device,
        recovery: body.recovery,
      });
      return body.recovery !== op.device && suite.verify('invitation', said, body.proof, keyOf(body.key));
    }
    case 'grant': {
      if (body.act === 'role') return true;
      const said = knockBytes({ space: op.space!, device: body.device, recovery: body.recovery });
      return body.recovery !== body.device && suite.verify('knock', said, body.proof, keyOf(body.device));
    }
    case 'card':
      return suite.verify('groupCard', cardBytes(body), body.signature, keyOf(body.key));
    case 'propose':
      return holdsWhatItSays(op, body.act, suite);
    case 'equivocation':
      return areStatements(body, suite);
    case 'void':
      return isTwin(body, suite);
    default:
      return true;
  }
}

/** Of a pair the last founder signs, a card's maker has consented by signing the card; of a group the first. */
async function isFoundedBy(signer: DeviceId, body: Genesis, suite: CryptoSuite): Promise<boolean> {
  if (body.kind === 'pair') {
    if (body.founders[1].device !== signer) return false;
    return suite.verify('card', body.card, body.consent, keyOf(body.founders[0].device));
  }
  if (body.founders[0]?.device !== signer) return false;
  if (body.kind === 'self') return true;
  const agreed = foundingBytes(body);
  for (const { device, consent } of body.founders.slice(1)) {
    if (consent === undefined || !(await suite.verify('founding', agreed, consent, keyOf(device)))) return false;
  }
  return true;
}

async function isProven(op: Op, body: DeviceAdd, suite: CryptoSuite): Promise<boolean> {
  if (op.space === undefined) return false;
  return suite.verify('deviceProof', deviceProofBytes(op.space, op.auth[0]!), body.proof, keyOf(body.device));
}

async function areStatements(body: Equivocation, suite: CryptoSuite): Promise<boolean> {
  const proofs =
    body.evidence === 'headers' ? [body.first, body.second] : body.evidence === 'broken-promise' ? [body.header] : [];
  for (const proof of proofs) {
    if (!(await verifyProof(proof, body.device, suite))) return false;
  }
  return true;
}

async function isTwin(body: VoidPair, suite: CryptoSuite): Promise<boolean> {
  try {
    const other = decodeSignedOp(body.other);
    // A genesis alone: nothing else nests, so this cannot recurse further.
    return other.op.body.type === 'genesis' && (await verifyOp(other, suite)) !== undefined;
  } catch (fault) {
    if (fault instanceof WireError) return false;
    throw fault;
  }
}

function keyOf(device: string): SigningKey {
  return bytesOfId(device) as SigningKey;
}
