// The secrets of one space on this device: scope keys, ratchets of all chains, own sealing keys, the rendezvous secret;
// and how they rest in rows.

import { equal, hex, type Bytes } from '#core/bytes/bytes.ts';
import type { Header } from '#core/charter/header.ts';
import { EVERYONE, type Kid, type Scope, type SealingKeyId, type SpaceId } from '#core/charter/ids.ts';
import type { AeadKey, Seed, SealingSuite } from '#core/crypto/suite.ts';
import { eraseFormer, leafKeyFor, refreshLeaf, type Leaf, type LeafKey } from '#core/keys/leaf.ts';
import {
  decodeRatchet,
  encodeRatchet,
  forgetOld,
  passNext,
  startRatchet,
  takeKey,
  type Ratchet,
} from '#core/keys/ratchet.ts';
import {
  chatChainKeyOf,
  documentKeyOf,
  headerKeyOf,
  scopeKeyOf,
  type ChainName,
  type ScopeKey,
  type ScopeSecret,
} from '#core/keys/scope-key.ts';
import { DAY, type Millis, type Row, type Rows } from '#core/ports.ts';
import { decode, encode, type Encodable } from '#core/wire/cbor.ts';
import { bytesOf, fields, tuple, uintOf } from '#core/wire/fields.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { Disk } from '../disk.ts';
import { stillListenedAt, withFormer, type FormerMeeting } from './former-meetings.ts';

/**
 * A scope key nobody sends under any more opens late mail as long as relay nodes keep it; then it is forgotten, since
 * used message keys could be made anew from it. What comes later still is healed open over a link.
 */
const KEEP_FORMER_KEYS = (14 * DAY) as Millis;

/** Chains that somebody writes in at a time, several times over. */
const MAX_DOCUMENT_KEYS = 256;

export interface HeldKey {
  readonly key: ScopeKey;
  /** When it came, by this device's clock. */
  readonly since: Millis;
  /** Messages seen under it. */
  messages: number;
}

export class SpaceKeys {
  readonly space: SpaceId;
  leaf: Leaf;
  rendezvous: Bytes | undefined;
  /** In groups: the key that `rendezvous` follows from. */
  anchor: Kid | undefined;
  /** Found from that key, not told by somebody. */
  isAnchorKnown = false;
  /** In groups; oldest first. */
  formerMeetings: readonly FormerMeeting[] = [];
  /** Whether the other principal said something since ours made a key. */
  otherSpoke = false;
  /** When a new sealing key is due, since the current one opened a wrap. */
  refreshAt: Millis | undefined;
  readonly #held = new Map<Kid, HeldKey>();
  readonly #ratchets = new Map<string, Ratchet>();
  readonly #headerKeys = new Map<Kid, AeadKey>();
  /** By ratchet name. Each is derived from a scope key that lies in memory as long. */
  readonly #documentKeys = new Map<string, AeadKey>();
  readonly #dirty = new Set<string>();

  constructor(space: SpaceId, leaf: Leaf) {
    this.space = space;
    this.leaf = leaf;
  }

  get held(): ReadonlyMap<Kid, HeldKey> {
    return this.#held;
  }

  scopeKeys(): ReadonlyMap<Kid, ScopeKey> {
    return new Map([...this.#held].map(([kid, held]) => [kid, held.key]));
  }

  has(kid: Kid): boolean {
    return this.#held.has(kid);
  }

  add(key: ScopeKey, now: Millis): boolean {
    if (this.#held.has(key.kid)) return false;
    this.#held.set(key.kid, { key, since: now, messages: 0 });
    this.#dirty.add(key.kid);
    return true;
  }

  countMessage(kid: Kid): void {
    const held = this.#held.get(kid);
    if (held === undefined) return;
    held.messages++;
    this.#dirty.add(kid);
  }

  headerKey(kid: Kid): AeadKey | undefined {
    const held = this.#held.get(kid);
    if (held === undefined) return undefined;
    let key = this.#headerKeys.get(kid);
    if (key === undefined) {
      key = headerKeyOf(this.space, held.key);
      this.#headerKeys.set(kid, key);
    }
    return key;
  }

  /** The key of a message's body, taken out of its ratchet: it opens once. Changes nothing when there is none. */
  takeBodyKey(header: Header, now: Millis): AeadKey | undefined {
    const found = this.findBodyKey(header, now);
    found?.take();
    return found?.key;
  }

  /** As `takeBodyKey`, of a message that came open: its key is to be gone. */
  eraseBodyKey(header: Header, now: Millis): void {
    const name = ratchetName(header.kid, header);
    const ratchet = this.#ratchets.get(name);
    if (ratchet === undefined || ratchet.next !== header.n) this.takeBodyKey(header, now);
    else this.#keep(name, passNext(ratchet));
  }

  /** As `takeBodyKey`, but until `take` is called nothing has happened. No other key may be taken in between. */
  findBodyKey(header: Header, now: Millis): { readonly key: AeadKey; readonly take: () => void } | undefined {
    const held = this.#held.get(header.kid);
    if (held === undefined) return undefined;
    const chain: ChainName = header;
    if (header.n === undefined) return { key: this.#documentKey(held.key, chain), take: () => undefined };
    const taken = takeKey(this.#ratchet(held.key, chain), header.n, now);
    if (taken === undefined) return undefined;
    return { key: taken.key, take: () => this.#keep(ratchetName(header.kid, chain), taken.ratchet) };
  }

  /** Whether a body under that header could be opened now. */
  canOpen(header: Header, now: Millis): boolean {
    const held = this.#held.get(header.kid);
    if (held === undefined) return false;
    return header.n === undefined || takeKey(this.#ratchet(held.key, header), header.n, now) !== undefined;
  }

  /** The index of the next own message of a chain under a key. */
  nextIndex(key: ScopeKey, chain: ChainName): number {
    return this.#ratchet(key, chain).next;
  }

  leafKey(id: SealingKeyId): LeafKey | undefined {
    return leafKeyFor(this.leaf, id);
  }

  putOffRefresh(at: Millis): void {
    this.refreshAt = at;
    this.#dirty.add('leaf');
  }

  refreshLeaf(fresh: LeafKey, now: Millis): void {
    this.refreshAt = undefined;
    this.leaf = refreshLeaf(this.leaf, fresh, now);
    this.#dirty.add('leaf');
  }

  eraseFormer(to: SealingKeyId | undefined, now: Millis): void {
    const before = this.leaf;
    this.leaf = eraseFormer(this.leaf, to, now);
    if (this.leaf !== before) this.#dirty.add('leaf');
  }

  /** Forgets keys that were replaced long ago; `current` are those still sent under. */
  forgetOld(current: ReadonlySet<Kid>, now: Millis): void {
    for (const [kid, held] of this.#held) {
      if (!current.has(kid) && now - held.since >= KEEP_FORMER_KEYS) this.#forget(kid);
    }
    for (const [name, ratchet] of this.#ratchets) {
      const younger = forgetOld(ratchet, now);
      if (younger === ratchet) continue;
      this.#ratchets.set(name, younger);
      this.#dirty.add(name);
    }
  }

  /**
   * As `forgetOld`, by when a key was replaced: in a group a key may be in use for long, and must open late mail for as
   * long afterwards.
   */
  forgetReplaced(current: ReadonlySet<Kid>, now: Millis): void {
    for (const [kid, { key, since }] of this.#held) {
      if (current.has(kid)) continue;
      const later = [...this.#held.values()].filter((other) => other.key.scope === key.scope && other.since > since);
      const replaced = Math.min(...later.map((other) => other.since));
      if (now - replaced >= KEEP_FORMER_KEYS) this.#forget(kid);
    }
    this.forgetOld(new Set(this.#held.keys()), now);
  }

  /** Forgets all keys of scopes that this device does not read any more. */
  forgetScopes(isRead: (scope: Scope) => boolean): void {
    for (const [kid, { key }] of this.#held) if (!isRead(key.scope)) this.#forget(kid);
  }

  #forget(kid: Kid): void {
    this.#held.delete(kid);
    this.#headerKeys.delete(kid);
    for (const name of this.#documentKeys.keys()) if (name.startsWith(kid)) this.#documentKeys.delete(name);
    this.#dirty.add(kid);
    for (const name of this.#ratchets.keys()) {
      if (!name.startsWith(kid)) continue;
      this.#ratchets.delete(name);
      this.#dirty.add(name);
    }
  }

  /** Puts what changed. */
  save(disk: Disk): void {
    for (const name of this.#dirty) {
      if (name === 'leaf') {
        disk.put(keyCollection(this.space), 'leaf', encodeLeafRow(this));
      } else if (name.includes('/')) {
        const ratchet = this.#ratchets.get(name);
        disk.put(ratchetCollection(this.space), name, ratchet === undefined ? null : () => encodeRatchet(ratchet));
      } else {
        const held = this.#held.get(name as Kid);
        disk.put(keyCollection(this.space), name, held === undefined ? null : () => encodeHeldKey(held));
      }
    }
    this.#dirty.clear();
  }

  saveAll(disk: Disk): void {
    this.#dirty.add('leaf');
    for (const kid of this.#held.keys()) this.#dirty.add(kid);
    for (const name of this.#ratchets.keys()) this.#dirty.add(name);
    this.save(disk);
  }

  /** `anchor`: the key it follows from; known where it was found from that key itself. */
  setRendezvous(
    secret: Bytes,
    now: Millis,
    anchor?: { readonly kid: Kid | undefined; readonly isKnown: boolean },
  ): void {
    const before = this.rendezvous;
    if (before !== undefined && !equal(before, secret)) {
      this.formerMeetings = withFormer(this.formerMeetings, { secret: before, replacedAt: now }, secret);
    }
    this.rendezvous = secret;
    this.anchor = anchor?.kid;
    this.isAnchorKnown = anchor?.isKnown === true;
    this.#dirty.add('leaf');
  }

  forgetFormerMeetings(now: Millis): void {
    const kept = stillListenedAt(this.formerMeetings, now);
    if (kept === this.formerMeetings) return;
    this.formerMeetings = kept;
    this.#dirty.add('leaf');
  }

  noteTurn(otherSpoke: boolean): void {
    if (this.otherSpoke === otherSpoke) return;
    this.otherSpoke = otherSpoke;
    this.#dirty.add('leaf');
  }

  loadRatchets(rows: readonly Row[]): void {
    for (const row of rows) this.#ratchets.set(row.id, decodeRatchet(row.value));
  }

  loadKeys(rows: readonly Row[]): void {
    for (const row of rows) {
      if (row.id === 'leaf') Object.assign(this, decodeLeafRow(row.value));
      else this.#held.set(row.id as Kid, decodeHeldKey(row.value, this.space));
    }
  }

  #ratchet(key: ScopeKey, chain: ChainName): Ratchet {
    return this.#ratchets.get(ratchetName(key.kid, chain)) ?? startRatchet(chatChainKeyOf(this.space, key, chain));
  }

  #documentKey(scopeKey: ScopeKey, chain: ChainName): AeadKey {
    const name = ratchetName(scopeKey.kid, chain);
    let key = this.#documentKeys.get(name);
    if (key === undefined) {
      key = documentKeyOf(this.space, scopeKey, chain);
      // A member could name any number of chains.
      if (this.#documentKeys.size >= MAX_DOCUMENT_KEYS) this.#documentKeys.clear();
      this.#documentKeys.set(name, key);
    }
    return key;
  }

  #keep(name: string, ratchet: Ratchet): void {
    this.#ratchets.set(name, ratchet);
    this.#dirty.add(name);
  }
}

export function keyCollection(space: SpaceId): string {
  return `key:${space}`;
}

export function ratchetCollection(space: SpaceId): string {
  return `ratchet:${space}`;
}

function ratchetName(kid: Kid, chain: ChainName): string {
  const scope = chain.scope === EVERYONE ? '' : chain.scope;
  return `${kid}/${chain.device}/${scope}/${chain.incarnation}`;
}

function encodeHeldKey(held: HeldKey): Bytes {
  return encode({ scope: held.key.scope, secret: held.key.secret, since: held.since, messages: held.messages });
}

function decodeHeldKey(bytes: Uint8Array, space: SpaceId): HeldKey {
  const read = fields(decode(bytes, 'key row', 1_000), 'key row');
  const scope = read.text('scope', 80) as Scope;
  const key = scopeKeyOf(space, scope, read.bytes('secret', 32) as ScopeSecret);
  return { key, since: read.uint('since') as Millis, messages: read.uint('messages') };
}

type OfGroups = 'anchor' | 'isAnchorKnown' | 'formerMeetings' | 'refreshAt';
type LeafRow = Pick<SpaceKeys, 'leaf' | 'rendezvous' | 'otherSpoke' | OfGroups>;

export function encodeLeafRow(keys: Omit<LeafRow, OfGroups> & Partial<LeafRow>): Bytes {
  const { leaf, rendezvous, anchor, isAnchorKnown, formerMeetings = [], refreshAt, otherSpoke } = keys;
  return encode({
    number: leaf.number,
    current: spellLeafKey(leaf.current),
    former: leaf.former.map((former) => [...spellLeafKey(former), former.eraseAt]),
    rendezvous: rendezvous ?? null,
    otherSpoke,
    ...(anchor === undefined ? {} : { anchor: [hex.decode(anchor)!, isAnchorKnown === true] }),
    ...(refreshAt === undefined ? {} : { refreshAt }),
    ...(formerMeetings.length === 0
      ? {}
      : { formerMeetings: formerMeetings.map(({ secret, replacedAt }) => [secret, replacedAt]) }),
  });
}

function spellLeafKey(key: LeafKey): Encodable[] {
  return [hex.decode(key.id)!, key.seed, key.suite];
}

/** The sealing keys as the row has them; `undefined` where it is lost or damaged. */
export async function storedLeaf(rows: Rows, space: SpaceId): Promise<Leaf | undefined> {
  const row = await rows.get(keyCollection(space), 'leaf');
  try {
    return row === undefined ? undefined : decodeLeafRow(row).leaf;
  } catch (cause) {
    if (cause instanceof WireError) return undefined;
    throw cause;
  }
}

export function decodeLeafRow(bytes: Uint8Array): LeafRow {
  const read = fields(decode(bytes, 'leaf row', 100_000), 'leaf row');
  const former = read.list('former', 1_000).map((item) => {
    const parts = tuple(item, 'leaf row', 4);
    return { ...readLeafKey(parts.slice(0, 3)), eraseAt: uintOf(parts[3], 'leaf row') as Millis };
  });
  const rendezvous = read.value('rendezvous');
  const [anchor, isAnchorKnown] = read.has('anchor') ? tuple(read.value('anchor'), 'leaf row', 2) : [];
  return {
    leaf: { number: read.uint('number'), current: readLeafKey(read.value('current')), former },
    rendezvous: rendezvous === null ? undefined : bytesOf(rendezvous, 'leaf row', 32),
    anchor: anchor === undefined ? undefined : (hex.encode(bytesOf(anchor, 'leaf row', 16)) as Kid),
    isAnchorKnown: isAnchorKnown === true,
    formerMeetings: (read.has('formerMeetings') ? read.list('formerMeetings', 64) : []).map((item) => {
      const [secret, replacedAt] = tuple(item, 'leaf row', 2);
      return { secret: bytesOf(secret, 'leaf row', 32), replacedAt: uintOf(replacedAt, 'leaf row') as Millis };
    }),
    refreshAt: read.has('refreshAt') ? (read.uint('refreshAt') as Millis) : undefined,
    otherSpoke: read.bool('otherSpoke'),
  };
}

function readLeafKey(value: unknown): LeafKey {
  const [id, seed, suite] = tuple(value, 'leaf row', 3);
  return {
    id: hex.encode(bytesOf(id, 'leaf row', 32)) as SealingKeyId,
    seed: bytesOf(seed, 'leaf row', 32) as Seed,
    suite: uintOf(suite, 'leaf row', 2) as SealingSuite,
  };
}
