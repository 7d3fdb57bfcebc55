// The recovery keys of this person: one secret for paper, a key of its own in every space, made without the secret.
//
// Invariants
// 1. The secret is in the open vault never: until its words are on paper it lies under a second asking of the passphrase.
// 2. A space whose principal named a recovery key keeps it; the first one counts.

import { equal, hex, utf8, wipe, type Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, GrantId, OpId, SpaceId } from '#core/charter/ids.ts';
import { decodeSignedOp, grantIdOf } from '#core/charter/op.ts';
import { addDeviceBody } from '#core/charter/write-op.ts';
import { orJunk } from '#core/crypto/or-junk.ts';
import type { AeadKey, SealingKey, Seed } from '#core/crypto/suite.ts';
import {
  openRecovery,
  PAPER_SECRET_BYTES,
  paperSeed,
  paperWords,
  readPaperWords,
  sealRecovery,
  type WordsProblem,
} from '#core/identity/recovery-words.ts';
import type { Rows } from '#core/ports.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { bytesOf, fields } from '#core/wire/fields.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { PaperState, ShowWordsAnswer } from '../api.ts';
import type { Disk } from '../disk.ts';
import type { Engine } from '../traffic/engine.ts';
import type { EventQueue } from '../event-queue.ts';
import { LiveValue } from '../live-value.ts';
import { writeOwnOp } from '../space/own-ops.ts';
import { freshDevice } from '../space/found.ts';
import type { NamedRecovery, Replica, SpaceContext } from '../space/replica.ts';

/** Sealed private halves by space, and the row about the paper. In backups, and told to the person's other devices. */
export const RECOVERY_COLLECTION = 'recovery';
const PAPER_ROW = 'paper';
const NONCE_BYTES = 24;
const SEALED_FOR = utf8('recovery');

export interface RecoveryPorts {
  readonly suite: SpaceContext['suite'];
  readonly random: SpaceContext['random'];
  readonly disk: Disk;
  readonly rows: Rows;
  readonly queue: EventQueue;
  readonly engine: () => Engine;
  readonly replicas: () => readonly Replica[];
  readonly askPassphrase: (passphrase: string) => Promise<Bytes | undefined>;
  /** Part of an event: the person's other devices hear of the paper. */
  readonly tell: (told: Told) => Promise<void>;
  readonly self: () => SpaceId;
}

/** What the person's other devices hear (identity/SPEC.md §8). */
export interface Told {
  readonly key: SealingKey;
  readonly isOnPaper: boolean;
  readonly sealed: Bytes | undefined;
}

interface Paper {
  readonly key: SealingKey;
  /** The secret, under a second asking; gone once it is on paper, and never there on devices that were told of it. */
  readonly sealed: Bytes | undefined;
  readonly isOnPaper: boolean;
}

export class Recovery {
  readonly live = new LiveValue<PaperState>({ is: 'none' });
  readonly #ports: RecoveryPorts;
  readonly #sealed = new Map<SpaceId, Bytes>();
  #paper: Paper | undefined;

  constructor(ports: RecoveryPorts) {
    this.#ports = ports;
  }

  /** Before the spaces are read. With `second`, the passphrase just typed, a vault without a secret gets one. */
  async load(rows: Rows, second: Bytes | undefined): Promise<void> {
    for (const { id, value } of await rows.list(RECOVERY_COLLECTION)) {
      if (id === PAPER_ROW) this.#paper = readPaper(value);
      else this.#sealed.set(id as SpaceId, value);
    }
    if (this.#paper === undefined && second !== undefined) await this.#ports.queue.run(() => this.#make(second));
    this.#show();
  }

  get told(): Told | undefined {
    if (this.#paper === undefined) return undefined;
    const { key, isOnPaper } = this.#paper;
    return { key, isOnPaper, sealed: this.#sealed.get(this.#ports.self()) };
  }

  of(space: SpaceId): Bytes | undefined {
    return this.#sealed.get(space);
  }

  keep(space: SpaceId, sealed: Bytes): void {
    this.#sealed.set(space, sealed);
    this.#ports.disk.put(RECOVERY_COLLECTION, space, sealed);
  }

  /** Another device of the person has the say: one secret for all. */
  take(told: Told): void {
    if (told.sealed !== undefined) this.keep(this.#ports.self(), told.sealed);
    const isSame = this.#paper !== undefined && hex.encode(this.#paper.key) === hex.encode(told.key);
    // What is on paper stays so, and what it was sealed to stays what it is.
    if (isSame && !told.isOnPaper) return;
    this.#put({ key: told.key, isOnPaper: told.isOnPaper, sealed: told.isOnPaper ? undefined : this.#paper?.sealed });
  }

  /** For new spaces (SpaceContext.nameRecovery). */
  async name(beside: DeviceId): Promise<NamedRecovery | undefined> {
    const { suite, random } = this.#ports;
    if (this.#paper === undefined) return undefined;
    const paper = this.#paper.key;
    const { key, sealed } = await sealRecovery(suite, random, { beside, paper });
    const isCurrent = (): boolean => this.#paper !== undefined && equal(this.#paper.key, paper);
    return { key: hex.encode(key) as DeviceId, keep: (space) => this.keep(space, sealed), isCurrent };
  }

  /** Spaces of an earlier version get what they lack, one event after another. */
  nameEverywhere(): void {
    for (const { identity } of this.#ports.replicas()) this.nameLater(identity.space);
  }

  /** After what is going on now: the space gets what it lacks. */
  nameLater(space: SpaceId): void {
    void this.#ports.queue.later(async () => {
      const replica = this.#ports.replicas().find(({ identity }) => identity.space === space);
      if (replica !== undefined) await this.#nameIn(replica);
    });
  }

  /** A key is named with a device; it is made for this and ends itself at once. */
  async #nameIn(replica: Replica): Promise<void> {
    const { me, view, identity, context } = replica;
    const mine = view?.principals.find(({ id }) => id === me?.principal);
    const isLacking = mine?.recovery === undefined && me?.isLive === true && view?.isVoid !== true;
    if (!isLacking || this.#paper === undefined || this.#ports.disk.state !== 'well') return;
    const fresh = await freshDevice(context);
    const named = await this.name(fresh.device);
    const binding = { space: identity.space, principal: me.principal, recovery: named?.key };
    const added = decodeSignedOp(await writeOwnOp(replica, await addDeviceBody(fresh, binding, context.suite))).id;
    const grant = grantIdOf(added as OpId, 0) as GrantId;
    const end = { type: 'device', act: 'end', device: fresh.device, binding: grant, frontier: [] } as const;
    await writeOwnOp(replica, end, fresh);
    named?.keep(identity.space);
    replica.save();
    this.#ports.engine().noteDurable(replica);
    if (identity.kind === 'self') await this.#ports.tell(this.told!);
  }

  async showWords(passphrase: string): Promise<ShowWordsAnswer> {
    const second = await this.#ports.askPassphrase(passphrase);
    if (second === undefined) return { is: 'wrong-passphrase' };
    const sealed = this.#paper?.sealed;
    const secret = sealed === undefined ? undefined : this.#open(second, sealed);
    wipe(second);
    if (secret === undefined) return { is: 'not-here' };
    const words = paperWords(secret);
    wipe(secret);
    return { is: 'words', words };
  }

  /** The person typed the words from their paper: from now on they are nowhere else. */
  async rehearse(text: string): Promise<'on-paper' | WordsProblem | 'other-words'> {
    const seed = await this.seedOf(text);
    if (typeof seed === 'string') return seed;
    wipe(seed);
    const { queue, disk, tell } = this.#ports;
    await queue.run(async () => {
      const paper = { ...this.#paper!, sealed: undefined, isOnPaper: true };
      this.#put(paper);
      await tell(this.told!);
    });
    await disk.flush();
    return 'on-paper';
  }

  /** The private half of the paper's key, if these are its words. To be wiped by the caller. */
  async seedOf(text: string): Promise<Seed | WordsProblem | 'other-words'> {
    const secret = readPaperWords(text);
    if (typeof secret === 'string') return secret;
    const seed = paperSeed(secret);
    wipe(secret);
    const key = await this.#ports.suite.sealingKeyOf(seed, 1);
    const isIt = this.#paper !== undefined && hex.encode(key) === hex.encode(this.#paper.key);
    if (isIt) return seed;
    wipe(seed);
    return 'other-words';
  }

  /** The recovery key of a space; `undefined` where it was not made for this paper. To be wiped by the caller. */
  async openFor(replica: Replica, seed: Seed): Promise<{ readonly device: DeviceId; readonly seed: Seed } | undefined> {
    const sealed = this.#sealed.get(replica.identity.space);
    const mine = replica.view?.principals.find(({ id }) => id === replica.me?.principal);
    if (sealed === undefined || mine?.recovery === undefined) return undefined;
    const opened = await openRecovery(this.#ports.suite, seed, sealed);
    if (opened === undefined) return undefined;
    const device = hex.encode(await this.#ports.suite.signingKeyOf(opened)) as DeviceId;
    return device === mine.recovery.key ? { device, seed: opened } : undefined;
  }

  async #make(second: Bytes): Promise<void> {
    const { random, suite } = this.#ports;
    const secret = random.bytes(PAPER_SECRET_BYTES);
    const seed = paperSeed(secret);
    const key = await suite.sealingKeyOf(seed, 1);
    wipe(seed);
    const nonce = random.bytes(NONCE_BYTES);
    const sealed = encode([nonce, suite.seal(second as AeadKey, nonce, secret, SEALED_FOR)]);
    wipe(secret);
    this.#put({ key, sealed, isOnPaper: false });
  }

  #open(second: Bytes, sealed: Bytes): Bytes | undefined {
    return orJunk(() => {
      const [nonce, box] = decode(sealed, 'paper row', 1_000) as [Bytes, Bytes];
      return this.#ports.suite.open(second as AeadKey, nonce, box, SEALED_FOR);
    });
  }

  #put(paper: Paper): void {
    this.#paper = paper;
    this.#ports.disk.put(RECOVERY_COLLECTION, PAPER_ROW, spellPaper(paper));
    this.#show();
  }

  #show(): void {
    const paper = this.#paper;
    if (paper === undefined) this.live.set({ is: 'none' });
    else if (paper.isOnPaper) this.live.set({ is: 'on-paper' });
    else this.live.set({ is: 'not-on-paper', isHere: paper.sealed !== undefined });
  }
}

function spellPaper({ key, sealed, isOnPaper }: Paper): Bytes {
  return encode({ key, sealed: sealed ?? null, paper: isOnPaper });
}

function readPaper(value: Bytes): Paper | undefined {
  try {
    const row = fields(decode(value, 'paper row', 5_000), 'paper row');
    const sealed = row.value('sealed');
    const paper = {
      key: row.bytes('key', { max: 1_500 }) as SealingKey,
      sealed: sealed === null ? undefined : bytesOf(sealed, 'paper row', { max: 1_000 }),
      isOnPaper: row.bool('paper'),
    };
    row.end();
    return paper;
  } catch (cause) {
    if (cause instanceof WireError) return undefined;
    throw cause;
  }
}

/** What a backup may hold of the row: the secret under another vault's passphrase would open nowhere. */
export function paperForBackup(value: Bytes): Bytes | undefined {
  const paper = readPaper(value);
  return paper === undefined ? undefined : spellPaper({ ...paper, sealed: undefined });
}

export function isPaperRow(id: string): boolean {
  return id === PAPER_ROW;
}
