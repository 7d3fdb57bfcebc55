// The checks of an op that need the crypto suite: signature, granted keys, embedded evidence (charter/SPEC.md §4.1).

import { WireError } from '../wire/wire-error.ts';
import type { CryptoSuite, SigningKey } from '../crypto/suite.ts';
import { verifyProof } from './header.ts';
import type { DeviceId } from './ids.ts';
import type { DeviceAdd, Equivocation, PairGenesis, SelfGenesis, VoidPair } from './op-body.ts';
import { bytesOfId, decodeSignedOp, deviceProofBytes, type Op, type SignedOp, type VerifiedOp } from './op.ts';

/** `undefined` when anything is false. Never throws. */
export async function verifyOp(signed: SignedOp, suite: CryptoSuite): Promise<VerifiedOp | undefined> {
  if (!grantsAcceptableKeys(signed.op, suite)) return undefined;
  if (!(await suite.verify('op', signed.bytes, signed.signature, keyOf(signed.op.device)))) return undefined;
  return (await holdsWhatItSays(signed.op, suite)) ? (signed as VerifiedOp) : undefined;
}

/** Reads an op that was verified before it was sealed away. Throws `WireError`. */
export function readStoredOp(encoded: Uint8Array): VerifiedOp {
  return decodeSignedOp(encoded) as VerifiedOp;
}

/** A signing key is looked at once, when it is granted: from then on all verifiers agree about its signatures. */
function grantsAcceptableKeys(op: Op, suite: CryptoSuite): boolean {
  return grantedKeys(op).every((key) => suite.isAcceptableKey(bytesOfId(key)));
}

function grantedKeys(op: Op): readonly DeviceId[] {
  const { body } = op;
  const granted = body.type === 'genesis' ? body.founders : body.type === 'device' && body.act === 'add' ? [body] : [];
  return granted.flatMap(({ device, recovery }) => (recovery === undefined ? [device] : [device, recovery]));
}

async function holdsWhatItSays(op: Op, suite: CryptoSuite): Promise<boolean> {
  const { body } = op;
  switch (body.type) {
    case 'genesis':
      return isFoundedBy(op.device, body, suite);
    case 'device':
      return body.act === 'end' || isProven(op, body, suite);
    case 'equivocation':
      return areStatements(body, suite);
    case 'void':
      return isTwin(body, suite);
    default:
      return true;
  }
}

/** The last founder signs; a card's maker has consented by signing the card. */
async function isFoundedBy(signer: DeviceId, body: SelfGenesis | PairGenesis, suite: CryptoSuite): Promise<boolean> {
  if (body.kind === 'self') return body.founders[0].device === signer;
  if (body.founders[1].device !== signer) return false;
  return suite.verify('card', body.card, body.consent, keyOf(body.founders[0].device));
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

function keyOf(device: DeviceId): SigningKey {
  return bytesOfId(device) as SigningKey;
}
