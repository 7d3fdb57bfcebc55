// What somebody who knocks says (SPEC.md §2): who they are, what they answered, the keys they would be a member with. Or
// that they do not want to any more. Signed by the device that would come in, so that nobody on the way can change it.

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { DeviceId, SpaceId } from '../charter/ids.ts';
import { knockBytes } from '../charter/proofs.ts';
import type { CryptoSuite, Seed, Signature, SigningKey } from '../crypto/suite.ts';
import { decodeSignedRecord, encodeSignedRecord, verifyRecord, type SignedRecord } from '../keys/device-record.ts';
import type { Millis } from '../ports.ts';
import { decode, encode, type Encodable } from '../wire/cbor.ts';
import { bytesOf, fields, textField, tuple, type Fields } from '../wire/fields.ts';
import { MAX_NAME_BYTES } from '../wire/text.ts';
import { WireError } from '../wire/wire-error.ts';
import { MAX_QUESTION_BYTES, MAX_QUESTIONS } from './door.ts';

export interface Answered {
  readonly question: string;
  readonly answer: string;
}

export interface KnockLetter {
  readonly is: 'knock';
  readonly space: SpaceId;
  readonly device: DeviceId;
  /** The writer's clock. */
  readonly at: Millis;
  /** What an admission holds (charter/SPEC.md §3). */
  readonly proof: Signature;
  /** The keys that the answer and whatever follows are sealed to. */
  readonly record: SignedRecord;
  readonly name: string;
  readonly answers: readonly Answered[];
  /** The answer waits at a topic that follows from it. */
  readonly reply: Bytes;
}

/** Takes the knock of the same device back. */
interface Withdrawal {
  readonly is: 'withdraw';
  readonly space: SpaceId;
  readonly device: DeviceId;
  readonly at: Millis;
}

export interface SignedKnock {
  readonly letter: KnockLetter | Withdrawal;
  readonly bytes: Bytes;
  readonly signature: Signature;
}

const VERSION = 1;
export const MAX_ANSWER_BYTES = 2_000;
const MAX_RECORD_BYTES = 1_700;
const MAX_LETTER_BYTES = 48_000;
export const MAX_SIGNED_KNOCK_BYTES = MAX_LETTER_BYTES + 80;

function encodeLetter(letter: KnockLetter | Withdrawal): Bytes {
  const { is, at, space, device } = letter;
  return encode({ v: VERSION, is, at, space: raw(space), device: raw(device), ...spell(letter) });
}

function spell(letter: KnockLetter | Withdrawal): Readonly<Record<string, Encodable>> {
  if (letter.is === 'withdraw') return {};
  const { proof, record, name, answers, reply } = letter;
  const asked = answers.map(({ question, answer }) => [question, answer]);
  return { proof, record: encodeSignedRecord(record), name, asked, reply };
}

export async function signKnock(
  letter: KnockLetter | Withdrawal,
  seed: Seed,
  suite: CryptoSuite,
): Promise<SignedKnock> {
  const bytes = encodeLetter(letter);
  return { letter, bytes, signature: await suite.sign('knockLetter', bytes, seed) };
}

/** CBOR [letter, signature]. */
export function encodeSignedKnock({ bytes, signature }: SignedKnock): Bytes {
  return encode([bytes, signature]);
}

/** Throws `WireError` only. Signatures are checked by `isKnockGenuine`. */
export function decodeSignedKnock(encoded: Uint8Array): SignedKnock {
  const [outer, signature] = tuple(decode(encoded, 'signed knock', MAX_SIGNED_KNOCK_BYTES), 'signed knock', 2);
  const bytes = bytesOf(outer, 'signed knock', { max: MAX_LETTER_BYTES });
  return { letter: readLetter(bytes), bytes, signature: bytesOf(signature, 'signed knock', 64) as Signature };
}

function readLetter(bytes: Uint8Array): KnockLetter | Withdrawal {
  const read = fields(decode(bytes, 'knock letter', MAX_LETTER_BYTES), 'knock letter');
  read.version('v', VERSION);
  const is = read.oneOf('is', ['knock', 'withdraw']);
  const common = {
    at: read.uint('at') as Millis,
    space: read.id<SpaceId>('space', 32),
    device: read.id<DeviceId>('device', 32),
  };
  const letter = is === 'withdraw' ? { is, ...common } : { is, ...common, ...readKnock(read) };
  read.end();
  return letter;
}

function readKnock(read: Fields): Omit<KnockLetter, 'is' | 'at' | 'space' | 'device'> {
  return {
    proof: read.bytes('proof', 64) as Signature,
    record: decodeSignedRecord(read.bytes('record', { max: MAX_RECORD_BYTES })),
    name: read.text('name', MAX_NAME_BYTES),
    answers: read.list('asked', MAX_QUESTIONS).map((item) => {
      const [question, answer] = tuple(item, 'knock letter', 2);
      return {
        question: textField(question, 'knock letter', MAX_QUESTION_BYTES),
        answer: textField(answer, 'knock letter', MAX_ANSWER_BYTES),
      };
    }),
    reply: read.bytes('reply', 32),
  };
}

/** Whether the device that would come in wrote it, wants to be a member of this space, and published these keys. */
export async function isKnockGenuine(suite: CryptoSuite, space: SpaceId, signed: SignedKnock): Promise<boolean> {
  const { letter, bytes, signature } = signed;
  const key = raw(letter.device) as SigningKey;
  if (letter.space !== space || !suite.isAcceptableKey(key)) return false;
  if (!(await suite.verify('knockLetter', bytes, signature, key))) return false;
  if (letter.is === 'withdraw') return true;
  const { record, device } = letter;
  // The keys of a member are X-Wing keys; a shorter one would be read by who keeps what travels now.
  if (record.record.device !== device || record.record.space !== space || record.record.sealingKey[0] !== 1)
    return false;
  const wish = knockBytes({ space, device, recovery: undefined });
  return (await suite.verify('knock', wish, letter.proof, key)) && verifyRecord(record, suite);
}

function raw(id: string): Bytes {
  const bytes = hex.decode(id);
  if (bytes?.length !== 32) throw new WireError('bad-field', 'knock letter');
  return bytes;
}
