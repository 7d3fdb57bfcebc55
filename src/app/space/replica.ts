// One space as this device holds it: charter log, keys, chains of each scope, settled messages, what other devices are
// known to hold.
// Only values and rows live here; intake.ts, author.ts and offer.ts act on it, one event at a time.

import type { Bytes } from '#core/bytes/bytes.ts';
import { addOps, emptyCharter, type Charter, type OpOutcome } from '#core/charter/charter.ts';
import { placeLog } from '#core/charter/place-sliced.ts';
import {
  EVERYONE,
  type DeviceId,
  type Incarnation,
  type MessageId,
  type PrincipalId,
  type Scope,
  type SpaceId,
} from '#core/charter/ids.ts';
import type { VerifiedOp } from '#core/charter/op.ts';
import { viewOf, type CharterView, type DeviceFacts } from '#core/charter/view.ts';
import { ChainSet } from '#core/chain/chain-set.ts';
import type { Message } from '#core/chain/message.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import { encodeSignedRecord, type SignedRecord } from '#core/keys/device-record.ts';
import type { Leaf } from '#core/keys/leaf.ts';
import { isReader, scopesOf } from '#core/keys/readers.ts';
import type { KeyAgreement } from '#core/keys/wrap.ts';
import type { Clock, Logger, Millis, Random } from '#core/ports.ts';
import { chainKey, nothingHeld, type ChainId, type Held, type HeldChain, type Span } from '#core/sync/held.ts';
import { addSpan, spansOf } from '#core/sync/spans.ts';
import type { Disk } from '../disk.ts';
import type { Breather } from '../event-queue.ts';
import { encodeIdentity, SPACE_COLLECTION, type SpaceIdentity } from './identity-row.ts';
import { Heard } from './heard.ts';
import { LASTING, type Lasting } from './lasting-ports.ts';
import { encodeEntries } from './log-rows.ts';
import { Log, shredded, type Entry } from './log.ts';
import { OpRows } from './op-rows.ts';
import { parkedRow } from './parked-row.ts';
import { Peers } from './peers.ts';
import { Moving } from './moving.ts';
import { SpaceKeys } from './space-keys.ts';
import { SeenOps } from './seen-ops.ts';
import { Standing } from './standing.ts';

export interface SpaceContext {
  readonly suite: CryptoSuite;
  readonly agreement: KeyAgreement;
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly disk: Disk;
  readonly breathe?: Breather | undefined;
  /** Makes the recovery key that a charter names beside a device, and keeps its sealed half; absent where there is none. */
  readonly nameRecovery?: (beside: DeviceId) => Promise<NamedRecovery | undefined>;
}

export interface NamedRecovery {
  readonly key: DeviceId;
  /** To be called when the space has its id. */
  readonly keep: (space: SpaceId) => void;
  /** It is still for the words that the person has on paper: one that was made ahead may not be. */
  readonly isCurrent: () => boolean;
}

/** A message as the rooms above get it: `position` counts what was handed out. */
export interface Settled {
  readonly entry: Entry;
  readonly position: number;
}

export interface ReplicaEvents {
  /** In the order of positions. */
  settled(messages: readonly Settled[]): void;
  /** Verified, but something before it is missing. */
  waiting(entries: readonly Entry[]): void;
  /** A device was ended, or the words of others saved some of its own: what was handed out stands otherwise now. */
  restood(): void;
  /** Members, relays, keys or gaps may be others now. */
  changed(): void;
}

export class Replica {
  readonly identity: SpaceIdentity;
  readonly incarnation: Incarnation;
  readonly context: SpaceContext;
  readonly keys: SpaceKeys;
  /** Chains of `everyone`; of roles see `chainsOf`. */
  readonly chains = new ChainSet(EVERYONE);
  /** Settled messages of all scopes, in the order of this device. */
  readonly log: Log;
  readonly peers: Peers;
  /** Of groups only. */
  readonly heard: Heard;
  readonly seenOps: SeenOps;
  readonly moving: Moving;
  readonly opRows: OpRows;
  readonly records = new Map<DeviceId, SignedRecord>();
  /** Verified messages that wait for their past. */
  readonly pending = new Map<MessageId, Entry>();
  /** What is held of each chain, settled or not. */
  readonly held = new Map<string, HeldChain>();
  /** Frames and wraps that no key here opens yet, by the hash of their bytes. */
  readonly parked = new Map<string, { readonly bytes: Bytes; readonly since: Millis }>();
  lasting: Lasting = LASTING;
  /** Our wraps for other devices, until they hold the rotation: `device/op` → encoded wrap. */
  readonly wraps = new Map<string, Bytes>();
  /** What a new device of the same person is to get of the past, until it has it: device → chain → spans. */
  readonly promises = new Map<DeviceId, ReadonlyMap<string, readonly Span[]>>();
  charter: Charter;
  /** What is on disk, for acknowledgements. */
  durable: Held = nothingHeld;
  arrivals = 0;
  positions = 0;
  #viewed: { readonly of: Charter; readonly view: CharterView | undefined } | undefined;
  readonly standing = new Standing();
  /** Of which chain a message was noted last. */
  #noted: { readonly key: string; readonly chain: ChainId } | undefined;
  readonly #scopes = new Map<Scope, ChainSet>([[EVERYONE, this.chains]]);
  /** This device signed an op: says what is due after the event. */
  afterOwnOp: () => void = () => undefined;
  events: ReplicaEvents = {
    settled: () => undefined,
    waiting: () => undefined,
    restood: () => undefined,
    changed: () => undefined,
  };

  constructor(context: SpaceContext, own: { identity: SpaceIdentity; leaf: Leaf; incarnation: Incarnation }) {
    this.context = context;
    this.identity = own.identity;
    this.incarnation = own.incarnation;
    this.keys = new SpaceKeys(own.identity.space, own.leaf);
    this.log = new Log(own.identity.space);
    this.peers = new Peers(own.identity.space);
    this.heard = new Heard(own.identity.space);
    this.seenOps = new SeenOps(own.identity.space);
    this.moving = new Moving(own.identity.space);
    this.opRows = new OpRows(own.identity.space);
    this.charter = emptyCharter(own.identity.space);
  }

  /** Asked for several times with each message, so it is kept for as long as the charter is the same. */
  get view(): CharterView | undefined {
    if (this.#viewed?.of !== this.charter) this.#viewed = { of: this.charter, view: viewOf(this.charter) };
    return this.#viewed.view;
  }

  get me(): DeviceFacts | undefined {
    return this.view?.devices.get(this.identity.device);
  }

  principalOf(device: DeviceId): PrincipalId | undefined {
    return this.view?.devices.get(device)?.principal;
  }

  isMine(device: DeviceId): boolean {
    const principal = this.principalOf(device);
    return device === this.identity.device || (principal !== undefined && principal === this.me?.principal);
  }

  /** Live devices other than this one. */
  others(): readonly DeviceFacts[] {
    const devices = [...(this.view?.devices.values() ?? [])];
    return devices.filter((facts) => facts.isLive && facts.device !== this.identity.device);
  }

  /** Scopes this device reads now: only these are kept, asked for and served. */
  scopes(): readonly Scope[] {
    return this.view?.group === undefined ? [EVERYONE] : scopesOf(this.view, this.identity.device);
  }

  /** Whether this device reads a scope now. What two people said to each other stays open to an ended device of theirs. */
  reads(scope: Scope): boolean {
    const { view } = this;
    if (view?.group === undefined) return scope === EVERYONE;
    return isReader(view, this.identity.device, scope);
  }

  /** Whether a device may hear now what is said in a scope. */
  mayServe(device: DeviceId, scope: Scope): boolean {
    const { view } = this;
    if (view?.group === undefined) return scope === EVERYONE;
    return this.reads(scope) && isReader(view, device, scope);
  }

  /** The same of a chain: what this person said in a scope and then lost that scope nobody else may have to give. */
  mayGive(device: DeviceId, { scope, device: author }: ChainId): boolean {
    if (this.mayServe(device, scope)) return true;
    return this.view?.group !== undefined && this.isMine(author) && isReader(this.view, device, scope);
  }

  chainsOf(scope: Scope): ChainSet {
    let chains = this.#scopes.get(scope);
    if (chains === undefined) this.#scopes.set(scope, (chains = new ChainSet(scope)));
    return chains;
  }

  /** Of every scope in which something was said, held now or once. */
  chainSets(): readonly ChainSet[] {
    return [...this.#scopes.values()];
  }

  hasMessage({ id, header }: Pick<Message, 'id' | 'header'>): boolean {
    return this.#scopes.get(header.scope)?.has(id) === true;
  }

  /** The message in a place of a chain. */
  messageAt({ device, scope, incarnation }: ChainId, seq: number): MessageId | undefined {
    return this.#scopes.get(scope)?.at(device, incarnation, seq);
  }

  /** Settled or waiting. */
  entryAt(id: MessageId): Entry | undefined {
    return this.log.get(id) ?? this.pending.get(id);
  }

  /** Whether people may see what a message says, settled or waiting. */
  mayShow({ message: { id, header }, stands }: Entry): boolean {
    return stands && this.standing.stands(id) && this.chainsOf(header.scope).mayShow(id);
  }

  spans(chain: ChainId): readonly Span[] {
    return this.held.get(chainKey(chain))?.spans ?? [];
  }

  noteHeld(chain: ChainId, seq: number): void {
    const { device, scope, incarnation } = chain;
    // Messages of one chain mostly come together, and its name is made of three long ones.
    const last = this.#noted;
    const isSame =
      last?.chain.incarnation === incarnation && last.chain.device === device && last.chain.scope === scope;
    const key = isSame ? last.key : chainKey(chain);
    const known = this.held.get(key) ?? { chain: { device, scope, incarnation }, spans: [] };
    this.held.set(key, { chain: known.chain, spans: addSpan(known.spans, { from: seq, to: seq + 1 }) });
    if (!isSame) this.#noted = { key, chain: known.chain };
  }

  /** All that is held of a chain. */
  setHeld(chain: ChainId, seqs: readonly number[]): void {
    this.held.set(chainKey(chain), { chain, spans: spansOf(seqs) });
  }

  /** Adds verified ops and puts them; false when none was new. */
  addOps(ops: readonly VerifiedOp[]): boolean {
    const { charter, outcomes } = addOps(this.charter, ops);
    return this.#tookOps(ops, charter, outcomes);
  }

  /** The same for a whole log: a few milliseconds at a time, all of it within one event. */
  async addLog(ops: readonly VerifiedOp[]): Promise<boolean> {
    const { charter, outcomes, inOrder } = await placeLog(this.charter, ops, this.context.breathe);
    return this.#tookOps(inOrder, charter, outcomes);
  }

  #tookOps(ops: readonly VerifiedOp[], charter: Charter, outcomes: readonly OpOutcome[]): boolean {
    const before = this.charter.ops.size + this.charter.waiting.size;
    this.charter = charter;
    const fresh = ops.filter((_, i) => outcomes[i] === 'added' || outcomes[i] === 'waiting');
    const { disk, clock } = this.context;
    this.opRows.put(fresh, disk);
    if (this.identity.kind === 'group')
      this.seenOps.note(
        fresh.map(({ id }) => id),
        clock.now(),
        disk,
      );
    if (this.standing.refresh(this)) this.events.restood();
    return charter.ops.size + charter.waiting.size !== before;
  }

  /** A device of a group gave a sign of life. */
  noteHeard(device: DeviceId): void {
    if (this.identity.kind !== 'group' || device === this.identity.device) return;
    this.heard.note(device, this.context.clock.now(), this.context.disk);
  }

  putRecord(signed: SignedRecord): void {
    this.records.set(signed.record.device, signed);
    this.context.disk.put(this.collection('record'), signed.record.device, encodeSignedRecord(signed));
  }

  putPending(entry: Entry): void {
    const { id } = entry.message;
    // Most are settled before the commit.
    const value = (): Bytes => encodeEntries([entry]);
    if (this.pending.has(id)) this.context.disk.put(this.collection('pending'), id, value);
    else this.context.disk.add(this.collection('pending'), id, value);
    this.pending.set(id, entry);
  }

  dropPending(id: MessageId): void {
    if (this.pending.delete(id)) this.context.disk.put(this.collection('pending'), id, null);
  }

  /** Destroys the bodies of messages, wherever they are kept. */
  shred(...ids: readonly MessageId[]): void {
    for (const id of ids) {
      const waiting = this.pending.get(id);
      if (waiting?.open !== undefined) this.putPending(shredded(waiting));
      this.log.shred(id);
      const left = this.entryAt(id);
      if (left !== undefined) this.lasting.note(left);
    }
    this.log.save(this.context.disk);
  }

  /** Gives a message the body that it was held without. */
  fill(whole: Entry): void {
    if (this.pending.has(whole.message.id)) this.putPending(whole);
    else this.log.fill(whole);
    this.lasting.note(whole);
  }

  park(id: string, bytes: Bytes): void {
    if (this.parked.has(id) || this.parked.size >= MAX_PARKED) return;
    const since = this.context.clock.now();
    this.parked.set(id, { bytes, since });
    this.context.disk.put(this.collection('parked'), parkedRow(id, since), bytes);
  }

  unpark(id: string): void {
    const parked = this.parked.get(id);
    if (parked === undefined) return;
    this.parked.delete(id);
    this.context.disk.put(this.collection('parked'), parkedRow(id, parked.since), null);
  }

  putWrap(id: string, wrap: Bytes): void {
    this.wraps.set(id, wrap);
    this.context.disk.put(this.collection('wrap'), id, wrap);
  }

  dropWrap(id: string): void {
    if (this.wraps.delete(id)) this.context.disk.put(this.collection('wrap'), id, null);
  }

  /** Puts all that changed in the parts that gather changes. Called at the end of what an event did here. */
  save(): void {
    this.log.save(this.context.disk);
    this.keys.save(this.context.disk);
  }

  /** A row of its own for a new space. */
  putIdentity(): void {
    this.context.disk.put(SPACE_COLLECTION, this.identity.space, encodeIdentity(this.identity));
    this.keys.saveAll(this.context.disk);
  }

  collection(part: 'op' | 'record' | 'pending' | 'parked' | 'wrap'): string {
    return `${part}:${this.identity.space}`;
  }
}

/** Frames and wraps that wait for a key. A contact who sends junk fills this and no more. */
const MAX_PARKED = 256;
