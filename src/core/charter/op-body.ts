// What an op changes: one row per type, with how it is read and spelled (charter/SPEC.md §3). Groups add rows.

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { Signature } from '../crypto/suite.ts';
import type { Encodable } from '../wire/cbor.ts';
import { bytesOf, fields, listOf, textField, tuple, uintOf, type Fields } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import type { DeviceId, GrantId, Incarnation, MessageId, OpId, Scope, SealingKeyId } from './ids.ts';

/** A founding device, and the recovery key of its owner where there is one yet. */
export interface Founder {
  readonly device: DeviceId;
  readonly recovery: DeviceId | undefined;
}

/** One person's own devices. */
export interface SelfGenesis {
  readonly type: 'genesis';
  readonly kind: 'self';
  readonly founders: readonly [Founder];
}

/**
 * Two people: founder 0 is the signing key of the card that was answered, founder 1 the answerer's device, which signs.
 * The card's own signature is its maker's consent.
 */
export interface PairGenesis {
  readonly type: 'genesis';
  readonly kind: 'pair';
  readonly founders: readonly [Founder, Founder];
  readonly card: Bytes;
  readonly consent: Signature;
}

/** Binds a further device to its author's principal; may name that principal's recovery key if it has none. */
export interface DeviceAdd {
  readonly type: 'device';
  readonly act: 'add';
  readonly device: DeviceId;
  /** By the new device over space ‖ membership: nobody binds a key that is not theirs. */
  readonly proof: Signature;
  readonly recovery: DeviceId | undefined;
}

/** How far a chain of an ended device stands: up to this message and with this id. */
export interface Cut {
  readonly scope: Scope;
  readonly incarnation: Incarnation;
  readonly seq: number;
  readonly head: MessageId;
}

/** Ends a device: by itself, or by the recovery key of its principal. */
export interface DeviceEnd {
  readonly type: 'device';
  readonly act: 'end';
  readonly binding: GrantId;
  readonly device: DeviceId;
  readonly frontier: readonly Cut[];
}

export interface Leave {
  readonly type: 'leave';
}

/** The recovery key undoes a leave its principal did not mean. */
export interface Unleave {
  readonly type: 'unleave';
  readonly leave: OpId;
}

/** Who a key is wrapped to: a device, by the sealing key it had published. */
export interface Recipient {
  readonly device: DeviceId;
  readonly sealingKey: SealingKeyId;
}

/** A new key for one scope. */
export interface RotatedScope {
  readonly scope: Scope;
  /** hash('scopeKey', space ‖ secret); its first 16 bytes are the kid. */
  readonly commitment: Bytes;
  /** Naming devices, not sealing keys alone, lets everybody see whether an ended device is among them. */
  readonly recipients: readonly Recipient[];
}

export interface Rotate {
  readonly type: 'rotate';
  readonly scopes: readonly RotatedScope[];
  /** Merkle root over the wraps, so that a wrong one can be shown. */
  readonly root: Bytes;
  /** Joins that the new key lets in; always empty in pair and self spaces. */
  readonly admits: readonly OpId[];
}

export interface Relays {
  readonly type: 'relays';
  readonly relays: readonly string[];
}

/** Headers of one chain, each but the last proved by the hash in the next, the last by the signature. */
export interface HeaderProof {
  readonly headers: readonly Bytes[];
  readonly signature: Signature;
}

/**
 * Shows that a device said two things. `ops`: two ops with one number. `headers`: two headers of one chain with one
 * number. `broken-promise`: an op whose past lacks a charter head that an earlier header of its device had cited.
 */
export type Equivocation = {
  readonly type: 'equivocation';
  readonly binding: GrantId;
  readonly device: DeviceId;
  readonly frontier: readonly Cut[];
} & (
  | { readonly evidence: 'ops'; readonly first: OpId; readonly second: OpId }
  | { readonly evidence: 'headers'; readonly first: HeaderProof; readonly second: HeaderProof }
  | { readonly evidence: 'broken-promise'; readonly header: HeaderProof; readonly op: OpId }
);

/** The card was answered twice: the genesis of the other pair, with the same card. */
export interface VoidPair {
  readonly type: 'void';
  readonly other: Bytes;
}

/** Kept, forwarded, not interpreted. */
export interface Unknown {
  readonly type: 'unknown';
  readonly name: string;
}

export type OpBody =
  | SelfGenesis
  | PairGenesis
  | DeviceAdd
  | DeviceEnd
  | Leave
  | Unleave
  | Rotate
  | Relays
  | Equivocation
  | VoidPair
  | Unknown;

const MAX_CARD_BYTES = 2_048;
/** Chains a frontier names. */
export const MAX_FRONTIER = 256;
/** The design point of a group is 250 devices. */
export const MAX_RECIPIENTS = 512;
const MAX_SCOPES = 32;
const MAX_SCOPE_BYTES = 64;
const MAX_RELAYS = 8;
const MAX_RELAY_BYTES = 512;
const MAX_TYPE_BYTES = 64;
/** Two proofs of this length stay within an op. */
export const MAX_PROOF_HEADERS = 32;
export const MAX_HEADER_BYTES = 2_048;
const MAX_GENESIS_BYTES = 8_192;

interface BodyFormat<B> {
  read(map: Fields): B;
  spell(body: B): Encodable;
}

type Formats = { readonly [T in Exclude<OpBody['type'], 'unknown'>]: BodyFormat<Extract<OpBody, { type: T }>> };

/** The one table of op types. */
const FORMATS: Formats = {
  genesis: { read: readGenesis, spell: spellGenesis },
  device: { read: readDevice, spell: spellDevice },
  leave: { read: () => ({ type: 'leave' }), spell: () => ({}) },
  unleave: {
    read: (map) => ({ type: 'unleave', leave: map.id('leave', 32) }),
    spell: (body) => ({ leave: raw(body.leave) }),
  },
  rotate: { read: readRotate, spell: spellRotate },
  relays: {
    read: (map) => ({
      type: 'relays',
      relays: map.list('relays', MAX_RELAYS).map((relay) => textField(relay, 'relays', MAX_RELAY_BYTES)),
    }),
    spell: (body) => ({ relays: body.relays }),
  },
  equivocation: { read: readEquivocation, spell: spellEquivocation },
  void: {
    read: (map) => ({ type: 'void', other: map.bytes('other', { max: MAX_GENESIS_BYTES }) }),
    spell: (body) => ({ other: body.other }),
  },
};

/** Reads `type` and `body` of an op's map. A type that is not in the table is `unknown`. */
export function readBody(op: Fields): OpBody {
  const name = op.text('type', MAX_TYPE_BYTES);
  if (!Object.hasOwn(FORMATS, name)) return { type: 'unknown', name };
  const map = op.map('body');
  const body = FORMATS[name as keyof Formats].read(map);
  map.end();
  return body;
}

/** `type` and `body` as fields of an op's map. */
export function spellBody(body: OpBody): { type: string; body: Encodable } {
  if (body.type === 'unknown') throw new Error('an op of unknown type is never written');
  const format = FORMATS[body.type] as BodyFormat<OpBody>;
  return { type: body.type, body: format.spell(body) };
}

function readGenesis(map: Fields): SelfGenesis | PairGenesis {
  const kind = map.oneOf('kind', ['self', 'pair']);
  const founders = map.list('founders', 2).map(readFounder);
  const [first, second] = founders;
  if (kind === 'self') {
    if (first === undefined || second !== undefined) throw new WireError('bad-field', 'genesis');
    return { type: 'genesis', kind, founders: [first] };
  }
  // A card's maker names a recovery key when replacing the card's key, not before.
  if (first === undefined || second === undefined || first.recovery !== undefined || first.device === second.device) {
    throw new WireError('bad-field', 'genesis');
  }
  const card = map.bytes('card', { max: MAX_CARD_BYTES });
  return { type: 'genesis', kind, founders: [first, second], card, consent: map.bytes('consent', 64) as Signature };
}

function readFounder(value: unknown): Founder {
  const map = fields(value, 'founder');
  const founder = { device: map.id<DeviceId>('device', 32), recovery: readRecovery(map) };
  map.end();
  return founder;
}

function readRecovery(map: Fields): DeviceId | undefined {
  return map.has('recovery') ? map.id<DeviceId>('recovery', 32) : undefined;
}

function spellGenesis(body: SelfGenesis | PairGenesis): Encodable {
  const founders = body.founders.map((founder) => ({
    device: raw(founder.device),
    ...(founder.recovery === undefined ? {} : { recovery: raw(founder.recovery) }),
  }));
  if (body.kind === 'self') return { kind: body.kind, founders };
  return { kind: body.kind, founders, card: body.card, consent: body.consent };
}

function readDevice(map: Fields): DeviceAdd | DeviceEnd {
  const act = map.oneOf('act', ['add', 'end']);
  const device = map.id<DeviceId>('device', 32);
  if (act === 'add') {
    return { type: 'device', act, device, proof: map.bytes('proof', 64) as Signature, recovery: readRecovery(map) };
  }
  return { type: 'device', act, device, binding: map.id('binding', 33), frontier: readFrontier(map) };
}

function spellDevice(body: DeviceAdd | DeviceEnd): Encodable {
  const common = { act: body.act, device: raw(body.device) };
  if (body.act === 'end') return { ...common, binding: raw(body.binding), frontier: spellFrontier(body.frontier) };
  const recovery = body.recovery === undefined ? {} : { recovery: raw(body.recovery) };
  return { ...common, proof: body.proof, ...recovery };
}

function readFrontier(map: Fields): readonly Cut[] {
  return map.list('frontier', MAX_FRONTIER).map((item) => {
    const [scope, incarnation, seq, head] = tuple(item, 'cut', 4);
    return {
      scope: textField(scope, 'cut', MAX_SCOPE_BYTES) as Scope,
      incarnation: hex.encode(bytesOf(incarnation, 'cut', 8)) as Incarnation,
      seq: uintOf(seq, 'cut'),
      head: hex.encode(bytesOf(head, 'cut', 32)) as MessageId,
    };
  });
}

function spellFrontier(frontier: readonly Cut[]): Encodable {
  return frontier.map((cut) => [cut.scope, raw(cut.incarnation), cut.seq, raw(cut.head)]);
}

function readRotate(map: Fields): Rotate {
  const scopes = map.list('scopes', MAX_SCOPES).map((item) => {
    const scope = fields(item, 'rotated scope');
    const read = {
      scope: scope.text('scope', MAX_SCOPE_BYTES) as Scope,
      commitment: scope.bytes('commitment', 32),
      recipients: scope.list('recipients', MAX_RECIPIENTS).map(readRecipient),
    };
    scope.end();
    return read;
  });
  if (scopes.length === 0) throw new WireError('bad-field', 'rotate');
  const admits = map.ids<OpId>('admits', 32, { max: MAX_RECIPIENTS });
  return { type: 'rotate', scopes, root: map.bytes('root', 32), admits };
}

function readRecipient(value: unknown): Recipient {
  const [device, sealingKey] = tuple(value, 'recipient', 2);
  return {
    device: hex.encode(bytesOf(device, 'recipient', 32)) as DeviceId,
    sealingKey: hex.encode(bytesOf(sealingKey, 'recipient', 32)) as SealingKeyId,
  };
}

function spellRotate(body: Rotate): Encodable {
  const scopes = body.scopes.map(({ scope, commitment, recipients }) => ({
    scope,
    commitment,
    recipients: recipients.map(({ device, sealingKey }) => [raw(device), raw(sealingKey)]),
  }));
  return { scopes, root: body.root, admits: body.admits.map(raw) };
}

function readEquivocation(map: Fields): Equivocation {
  const evidence = map.oneOf('evidence', ['ops', 'headers', 'broken-promise']);
  const common = {
    type: 'equivocation' as const,
    binding: map.id<GrantId>('binding', 33),
    device: map.id<DeviceId>('device', 32),
    frontier: readFrontier(map),
  };
  if (evidence === 'ops') return { ...common, evidence, first: map.id('first', 32), second: map.id('second', 32) };
  if (evidence === 'headers') {
    return { ...common, evidence, first: readProof(map.value('first')), second: readProof(map.value('second')) };
  }
  return { ...common, evidence, header: readProof(map.value('header')), op: map.id('op', 32) };
}

function readProof(value: unknown): HeaderProof {
  const [headers, signature] = tuple(value, 'header proof', 2);
  const read = listOf(headers, 'header proof', MAX_PROOF_HEADERS).map((header) =>
    bytesOf(header, 'header proof', { max: MAX_HEADER_BYTES }),
  );
  if (read.length === 0) throw new WireError('bad-field', 'header proof');
  return { headers: read, signature: bytesOf(signature, 'header proof', 64) as Signature };
}

function spellEquivocation(body: Equivocation): Encodable {
  const common = {
    evidence: body.evidence,
    binding: raw(body.binding),
    device: raw(body.device),
    frontier: spellFrontier(body.frontier),
  };
  if (body.evidence === 'ops') return { ...common, first: raw(body.first), second: raw(body.second) };
  if (body.evidence === 'headers') {
    return { ...common, first: spellProof(body.first), second: spellProof(body.second) };
  }
  return { ...common, header: spellProof(body.header), op: raw(body.op) };
}

function spellProof(proof: HeaderProof): Encodable {
  return [proof.headers, proof.signature];
}

function raw(id: string): Bytes {
  const bytes = hex.decode(id);
  if (bytes === undefined) throw new Error('not an id');
  return bytes;
}
