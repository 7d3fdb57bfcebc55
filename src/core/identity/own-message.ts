// What a person's own devices tell each other in their self space (SPEC.md §8): the body of messages of kind `own`.

import { hex, type Bytes } from '../bytes/bytes.ts';
import { orJunkLater } from '../crypto/or-junk.ts';
import { SEALING_KEY_BYTES, WRAP_OVERHEAD, type CryptoSuite, type SealingKey, type Seed } from '../crypto/suite.ts';
import { decode, encode, type Encodable } from '../wire/cbor.ts';
import { bytesOf, fields, tuple, uintOf, type Fields } from '../wire/fields.ts';
import { MAX_NAME_BYTES } from '../wire/text.ts';
import { WireError } from '../wire/wire-error.ts';

export type OwnMessage =
  /** By each device about itself; the last one counts. `sealingKey`: suite 1, for what is meant for it alone. */
  | { readonly is: 'device'; readonly name: string; readonly sealingKey: SealingKey }
  /** A device was made for `to` in a space: all it needs to go on there, sealed to it. */
  | {
      readonly is: 'space';
      readonly to: string;
      readonly space: string;
      readonly sealed: Bytes;
      /** The device made for `to`, and the author's own one, in that space: so that the others can end either. */
      readonly made: string | undefined;
      readonly by: string | undefined;
    }
  /** What the person set about a contact; the last one counts. */
  | { readonly is: 'facts'; readonly space: string; readonly facts: Bytes }
  /** What they set about the app, as far as it is the same everywhere. */
  | { readonly is: 'settings'; readonly settings: Bytes }
  /**
   * The public half that recovery keys are sealed to, whether its words are on paper, and the private half of the self
   * space's own one, sealed to it.
   */
  | {
      readonly is: 'recovery';
      readonly key: SealingKey;
      readonly isOnPaper: boolean;
      readonly sealed: Bytes | undefined;
    }
  /** What the person read there just now. `to`: for one device alone, which was given the space before. */
  | { readonly is: 'read'; readonly to: string | undefined; readonly reads: readonly OwnRead[] };

/** Messages read in one conversation: of a contact, in a channel of a group, or in a thread of one. */
export interface OwnRead {
  readonly space: string;
  readonly channel: string | undefined;
  readonly thread: string | undefined;
  /** Everything at or before this place in the order of content. */
  readonly before: { readonly lamport: number; readonly id: string } | undefined;
  readonly ids: readonly string[];
}

const VERSION = 1;
/** As in chat/SPEC.md. */
const CHANNEL_ID_BYTES = 16;
const MAX_BYTES = 100_000;
/** What the app may say of a space besides. */
export const MAX_FACTS_BYTES = 10_000;
const MAX_SETTINGS_BYTES = 20_000;
/** A pair's first ops, keys, facts, and how far a long history goes. */
const MAX_SEALED_BYTES = 90_000;
/** What `encodeOwnSpace` may come to: whatever is longer is refused by whom it is for. */
export const MAX_OWN_SPACE_BYTES = MAX_SEALED_BYTES - WRAP_OVERHEAD[1];
const MAX_OPS = 1_000;
const MAX_RECORDS = 64;
export const MAX_READS = 64;
export const MAX_READ_IDS = 2_000;

export function encodeOwnMessage(message: OwnMessage): Bytes {
  const head = { v: VERSION, is: message.is };
  switch (message.is) {
    case 'device':
      return encode({ ...head, name: message.name, seal: message.sealingKey });
    case 'space': {
      const { to, space, sealed, made, by } = message;
      const named = {
        ...(made === undefined ? {} : { made: raw(made) }),
        ...(by === undefined ? {} : { by: raw(by) }),
      };
      return encode({ ...head, to: raw(to), space: raw(space), sealed, ...named });
    }
    case 'facts':
      return encode({ ...head, space: raw(message.space), facts: message.facts });
    case 'settings':
      return encode({ ...head, settings: message.settings });
    case 'recovery': {
      const { key, isOnPaper, sealed } = message;
      return encode({ ...head, key, paper: isOnPaper, ...(sealed === undefined ? {} : { sealed }) });
    }
    case 'read': {
      const { to, reads } = message;
      return encode({ ...head, reads: reads.map(spellRead), ...(to === undefined ? {} : { to: raw(to) }) });
    }
  }
}

/** Throws `WireError` only. A kind of a newer app is `unknown-kind`. */
export function decodeOwnMessage(bytes: Uint8Array): OwnMessage {
  const f = fields(decode(bytes, 'own message', MAX_BYTES), 'own message');
  f.version('v', VERSION);
  const message = readByKind(f);
  f.end();
  return message;
}

function readByKind(f: Fields): OwnMessage {
  const is = f.oneOf('is', ['device', 'space', 'facts', 'settings', 'recovery', 'read']);
  switch (is) {
    case 'device':
      return { is, name: f.text('name', MAX_NAME_BYTES), sealingKey: sealingKeyOf(f, 'seal') };
    case 'space': {
      const sealed = f.bytes('sealed', { min: WRAP_OVERHEAD[1], max: MAX_SEALED_BYTES });
      const id = (name: string): string | undefined => (f.has(name) ? f.id(name, 32) : undefined);
      return { is, to: f.id('to', 32), space: f.id('space', 32), sealed, made: id('made'), by: id('by') };
    }
    case 'facts':
      return { is, space: f.id('space', 32), facts: f.bytes('facts', { max: MAX_FACTS_BYTES }) };
    case 'settings':
      return { is, settings: f.bytes('settings', { max: MAX_SETTINGS_BYTES }) };
    case 'recovery': {
      const sealed = f.has('sealed') ? f.bytes('sealed', { min: 1, max: 2_000 }) : undefined;
      return { is, key: sealingKeyOf(f, 'key'), isOnPaper: f.bool('paper'), sealed };
    }
    case 'read':
      return { is, to: f.has('to') ? f.id('to', 32) : undefined, reads: readsOf(f) };
  }
}

function spellRead({ space, channel, thread, before, ids }: OwnRead): Encodable {
  return {
    space: raw(space),
    ids: ids.map(raw),
    ...(channel === undefined ? {} : { channel: raw(channel) }),
    ...(thread === undefined ? {} : { thread: raw(thread) }),
    ...(before === undefined ? {} : { before: [before.lamport, raw(before.id)] }),
  };
}

function readsOf(f: Fields): readonly OwnRead[] {
  let room = MAX_READ_IDS;
  return f.list('reads', MAX_READS).map((item) => {
    const read = fields(item, 'own message');
    const ids = read.ids('ids', 32, { max: room });
    room -= ids.length;
    const of = {
      space: read.id('space', 32),
      channel: read.has('channel') ? read.id('channel', CHANNEL_ID_BYTES) : undefined,
      thread: read.has('thread') ? read.id('thread', 32) : undefined,
      before: read.has('before') ? placeOf(read.value('before')) : undefined,
      ids,
    };
    read.end();
    if (of.thread !== undefined && of.channel === undefined) throw new WireError('bad-field', 'own message');
    return of;
  });
}

function placeOf(value: unknown): OwnRead['before'] {
  const [lamport, id] = tuple(value, 'own message', 2);
  return { lamport: uintOf(lamport, 'own message'), id: hex.encode(bytesOf(id, 'own message', 32)) };
}

function sealingKeyOf(f: Fields, name: string): SealingKey {
  const key = f.bytes(name, SEALING_KEY_BYTES[1]) as SealingKey;
  if (key[0] !== 1) throw new WireError('bad-field', 'own message');
  return key;
}

/** What a device needs to go on in a space. The parts are opaque here: rows of the app. */
export interface OwnSpace {
  readonly identity: Bytes;
  readonly leaf: Bytes;
  readonly facts: Bytes;
  /** Signed ops, parents first: the genesis, and as many more as have room. */
  readonly ops: readonly Bytes[];
  /** Signed records of the space's devices: where mail for them is left. */
  readonly records: readonly Bytes[];
  /** What the giver held then (sync/SPEC.md §4): when the new device holds it too, the history is complete. */
  readonly held: Bytes;
  /** The private half of the space's recovery key, sealed to the words on paper. */
  readonly recovery: Bytes | undefined;
}

export function encodeOwnSpace(own: OwnSpace): Bytes {
  const { identity, leaf, facts, ops, records, held, recovery } = own;
  return encode({ v: VERSION, identity, leaf, facts, ops, records, held, recovery: recovery ?? null });
}

/** Throws `WireError` only. */
export function decodeOwnSpace(bytes: Uint8Array): OwnSpace {
  const f = fields(decode(bytes, 'own space', MAX_SEALED_BYTES), 'own space');
  f.version('v', VERSION);
  const part = (name: string, max: number): Bytes => f.bytes(name, { min: 1, max });
  const recovery = f.value('recovery');
  const own = {
    identity: part('identity', 20_000),
    leaf: part('leaf', 20_000),
    facts: part('facts', MAX_FACTS_BYTES),
    ops: f.list('ops', MAX_OPS).map((op) => bytesOf(op, 'own space', { min: 1, max: MAX_SEALED_BYTES })),
    records: f.list('records', MAX_RECORDS).map((record) => bytesOf(record, 'own space', { min: 1, max: 2_048 })),
    held: part('held', MAX_SEALED_BYTES),
    recovery: recovery === null ? undefined : bytesOf(recovery, 'own space', { min: 1, max: 2_000 }),
  };
  f.end();
  return own;
}

/** Where a thing sealed for one own device belongs: it opens for nobody else and nowhere else. */
export interface OwnSeal {
  readonly to: string;
  readonly space: string;
}

export function sealOwnSpace(
  suite: CryptoSuite,
  to: SealingKey,
  sealed: OwnSeal & { readonly own: OwnSpace; readonly coins: Bytes },
): Promise<Bytes> {
  const { own, coins } = sealed;
  return suite.wrap(to, encodeOwnSpace(own), { ...bindingOf(sealed), coins });
}

/** `undefined` when it does not open or is not what it should be. */
export async function tryOpenOwnSpace(
  suite: CryptoSuite,
  seed: Seed,
  sealed: OwnSeal & { readonly sealed: Bytes },
): Promise<OwnSpace | undefined> {
  return orJunkLater(async () => decodeOwnSpace(await suite.unwrap(seed, 1, sealed.sealed, bindingOf(sealed))));
}

function bindingOf({ to, space }: OwnSeal) {
  return { label: 'ownSpace', associated: raw(to + space) } as const;
}

function raw(id: string): Bytes {
  const bytes = hex.decode(id);
  if (bytes === undefined) throw new Error('not an id');
  return bytes;
}
