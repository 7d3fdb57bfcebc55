// What waits at relay nodes for whoever comes by an invitation (SPEC.md §9): the charter, the keys by which one reads from
// now on, names and channels, and documents with what they rest on. In pieces; each may be opened by itself.

import { concat, hex, type Bytes } from '../bytes/bytes.ts';
import type { Place } from '../chain/place.ts';
import type { MessageId, PrincipalId, Scope, SpaceId } from '../charter/ids.ts';
import { orJunk } from '../crypto/or-junk.ts';
import type { AeadKey, CryptoSuite } from '../crypto/suite.ts';
import { scopeKeyOf, type ScopeKey, type ScopeSecret } from '../keys/scope-key.ts';
import type { Random } from '../ports.ts';
import { decode, encode } from '../wire/cbor.ts';
import { bytesOf, fields, textField, tuple, uintOf } from '../wire/fields.ts';
import { topicBytes, type Topic } from '../wire/envelope.ts';
import { maxPaddedContent, pad, unpad } from '../wire/padding.ts';
import { MAX_NAME_BYTES } from '../wire/text.ts';
import { WireError } from '../wire/wire-error.ts';
import { emptyParcel, isEmptyParcel, readParcel, spellParcel, splitParcel, type Parcel } from './parcel.ts';

/** What a newcomer is told who a member is, by the one who invites; the member's own word takes its place. */
export interface ToldName {
  readonly principal: PrincipalId;
  readonly name: string;
}

export interface ToldChannel {
  /** 16 bytes, lower-case hex. */
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
}

export interface Welcome {
  /** Ops, device records, and open runs of what was said. */
  readonly parcel: Parcel;
  /** None where the invitation is over: then the charter says why. */
  readonly keys: readonly ScopeKey[];
  readonly rendezvous: Bytes | undefined;
  readonly names: readonly ToldName[];
  readonly channels: readonly ToldChannel[];
  /** The newest messages of `everyone`: what a newcomer says comes after them. */
  readonly heads?: readonly Place[];
}

const VERSION = 1;
const NONCE_BYTES = 24;
const OVERHEAD = NONCE_BYTES + 16;
const MAX_WELCOME_BYTES = maxPaddedContent(OVERHEAD);
const MAX_KEYS = 64;
const MAX_NAMES = 200;
const MAX_CHANNELS = 200;
const MAX_HEADS = 8;
const MAX_SCOPE_BYTES = 64;
const PRINCIPAL_BYTES = 33;
export const CHANNEL_ID_BYTES = 16;
/** Room for keys, a share of names and channels, and what is around them. */
const PARCEL_BYTES = 60_000;
/** Pieces of what was said name nobody. */
const RUNS_BYTES = 120_000;
/** A run of what was said is at most this long: it fits a piece. */
export const MAX_WELCOME_RUN_BYTES = RUNS_BYTES - 100;

/** Cuts a welcome into pieces that fit an envelope each, with as many names and channels in each as may be. */
export function splitWelcome(welcome: Welcome): readonly Welcome[] {
  const { runs } = welcome.parcel;
  const apart = splitParcel({ ...welcome.parcel, runs: [] }, PARCEL_BYTES);
  const together = splitParcel(welcome.parcel, PARCEL_BYTES);
  // What one envelope holds goes in one. A long run is one parcel by itself.
  const isOne = runs.length === 0 || (together.length === 1 && runs.every(({ length }) => length < PARCEL_BYTES));
  const first = pieceByPiece(welcome, isOne ? together : apart);
  const { keys } = first[0]!;
  const rest = isOne ? [] : splitParcel({ ...emptyParcel, runs }, RUNS_BYTES);
  return [...first, ...rest.map((parcel) => ({ ...ofNobody, parcel, keys }))];
}

const ofNobody = { rendezvous: undefined, names: [], channels: [] };

function pieceByPiece(welcome: Welcome, parcels: readonly Parcel[]): readonly Welcome[] {
  const pieces: Welcome[] = [];
  const count = Math.max(
    parcels.length,
    1,
    Math.ceil(welcome.names.length / MAX_NAMES),
    Math.ceil(welcome.channels.length / MAX_CHANNELS),
  );
  for (let i = 0; i < count; i++) {
    pieces.push({
      parcel: parcels[i] ?? emptyParcel,
      // Whoever gets one piece only can read with it already.
      keys: welcome.keys.slice(0, MAX_KEYS),
      rendezvous: welcome.rendezvous,
      names: welcome.names.slice(i * MAX_NAMES, (i + 1) * MAX_NAMES),
      channels: welcome.channels.slice(i * MAX_CHANNELS, (i + 1) * MAX_CHANNELS),
      ...(welcome.heads === undefined ? {} : { heads: welcome.heads.slice(0, MAX_HEADS) }),
    });
  }
  return pieces;
}

/** An envelope's blob: nonce ‖ sealed(padded piece), bound to its topic. */
export function sealWelcome(
  suite: CryptoSuite,
  random: Random,
  by: { readonly key: AeadKey; readonly topic: Topic; readonly piece: Welcome },
): Bytes {
  const nonce = random.bytes(NONCE_BYTES);
  return concat(nonce, suite.seal(by.key, nonce, pad(encodeWelcome(by.piece), OVERHEAD), topicBytes(by.topic)));
}

/** `undefined` for what is no piece of this welcome. Never throws, whatever the bytes. */
export function openWelcome(
  suite: CryptoSuite,
  by: { readonly key: AeadKey; readonly topic: Topic; readonly space: SpaceId; readonly blob: Uint8Array },
): Welcome | undefined {
  return orJunk(() => {
    const nonce = by.blob.subarray(0, NONCE_BYTES);
    const sealed = by.blob.subarray(NONCE_BYTES);
    return decodeWelcome(unpad(suite.open(by.key, nonce, sealed, topicBytes(by.topic))), by.space);
  });
}

export function encodeWelcome(piece: Welcome): Bytes {
  const { parcel, keys, rendezvous, names, channels, heads = [] } = piece;
  return encode({
    v: VERSION,
    ...(isEmptyParcel(parcel) ? {} : { parcel: spellParcel(parcel) }),
    keys: keys.map(({ scope, secret }) => [scope, secret]),
    ...(rendezvous === undefined ? {} : { meet: rendezvous }),
    names: names.map(({ principal, name }) => [raw(principal), name]),
    channels: channels.map(({ id, name, scope }) => [raw(id), name, scope]),
    ...(heads.length === 0 ? {} : { heads: heads.map(({ id, lamport }) => [raw(id), lamport]) }),
  });
}

/** Throws `WireError` only. */
export function decodeWelcome(bytes: Uint8Array, space: SpaceId): Welcome {
  const read = fields(decode(bytes, 'welcome', MAX_WELCOME_BYTES), 'welcome');
  read.version('v', VERSION);
  const welcome: Welcome = {
    parcel: read.has('parcel') ? readParcel(read.value('parcel')) : emptyParcel,
    keys: read.list('keys', MAX_KEYS).map((item) => {
      const [scope, secret] = tuple(item, 'welcome', 2);
      return scopeKeyOf(space, scopeOf(scope), bytesOf(secret, 'welcome', 32) as ScopeSecret);
    }),
    rendezvous: read.has('meet') ? read.bytes('meet', 32) : undefined,
    names: read.list('names', MAX_NAMES).map((item) => {
      const [principal, name] = tuple(item, 'welcome', 2);
      return {
        principal: hex.encode(bytesOf(principal, 'welcome', PRINCIPAL_BYTES)) as PrincipalId,
        name: textField(name, 'welcome', MAX_NAME_BYTES),
      };
    }),
    channels: read.list('channels', MAX_CHANNELS).map((item) => {
      const [id, name, scope] = tuple(item, 'welcome', 3);
      return {
        id: hex.encode(bytesOf(id, 'welcome', CHANNEL_ID_BYTES)),
        name: textField(name, 'welcome', MAX_NAME_BYTES),
        scope: scopeOf(scope),
      };
    }),
    ...(read.has('heads') ? { heads: headsOf(read.list('heads', MAX_HEADS)) } : {}),
  };
  read.end();
  if (isEmptyParcel(welcome.parcel) && read.has('parcel')) throw new WireError('not-canonical', 'welcome');
  return welcome;
}

/** Where there are none the field is left out. */
function headsOf(items: readonly unknown[]): readonly Place[] {
  if (items.length === 0) throw new WireError('not-canonical', 'welcome');
  return items.map((item) => {
    const [id, lamport] = tuple(item, 'welcome', 2);
    return { id: hex.encode(bytesOf(id, 'welcome', 32)) as MessageId, lamport: uintOf(lamport, 'welcome') };
  });
}

function scopeOf(value: unknown): Scope {
  const scope = textField(value, 'welcome', MAX_SCOPE_BYTES);
  if (scope === '') throw new WireError('bad-field', 'welcome');
  return scope as Scope;
}

function raw(id: string): Bytes {
  const bytes = hex.decode(id);
  if (bytes === undefined) throw new Error('welcome: not an id');
  return bytes;
}
