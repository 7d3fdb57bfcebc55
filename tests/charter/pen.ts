// How an op of a scenario comes about: what its author has seen, which device signs, and how far it cares about the rules.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, GrantId, Incarnation, MessageId, OpId, Scope } from '#core/charter/ids.ts';
import type { OpBody } from '#core/charter/op-body.ts';
import { encodeOp, signedOp, type Op, type VerifiedOp } from '#core/charter/op.ts';
import { viewOf } from '#core/charter/view.ts';
import { citedHeads, writeOp, type Author, type Writable } from '#core/charter/write-op.ts';
import { hash } from '#core/crypto/hash.ts';
import { decode, encode, type Encodable } from '#core/wire/cbor.ts';
import type { Person, Seen, Book } from './book.ts';

/** What a forger says instead of the truth. */
export interface Claim {
  readonly auth?: readonly GrantId[];
  readonly under?: OpId;
  readonly prev?: readonly OpId[];
  readonly seq?: number;
}

export interface Mode {
  readonly device: string;
  /** Absent: everything there is. */
  readonly seen?: Seen;
  /** Has nothing but `seen`: not even its own later ops. */
  readonly isForking?: boolean;
  /** Writes by hand, whatever the rules say. */
  readonly claim?: Claim;
  /** Tries until the id is lower than this. */
  readonly below?: OpId;
  /** Signs with its own key what claims to be of this device. */
  readonly as?: DeviceId;
}

const RECOVERY = 'recovery';

/** Bytes for things that must differ where words do, alike in each run of a test. */
export function digest(words: string): Bytes {
  return hash('op', new TextEncoder().encode(words)) as Bytes;
}

export class Pen {
  readonly #town: Book;
  readonly name: string;
  readonly life: number;
  readonly mode: Mode;

  constructor(town: Book, name: string, life: number, mode: Mode) {
    this.#town = town;
    this.name = name;
    this.life = life;
    this.mode = mode;
  }

  get device(): string {
    return this.mode.device;
  }

  async write(body: Writable): Promise<VerifiedOp> {
    const author = await this.author(await this.person());
    const op = await this.#signed(body, author);
    await this.#town.take(op);
    return op;
  }

  async #signed(body: Writable, author: Author): Promise<VerifiedOp> {
    const { claim, below } = this.mode;
    if (claim === undefined && below === undefined) {
      return writeOp(this.#town.charterOf(this.seen(author)), author, body, this.#town.suite);
    }
    let op = await this.forge(body, author);
    for (let attempt = 0; below !== undefined && op.id >= below; attempt++) {
      const head = hex.encode(digest(`${attempt}`)) as MessageId;
      const cut = { device: author.device, scope: 'everyone' as Scope, incarnation: '00'.repeat(8) as Incarnation };
      op = await this.forge({ ...body, frontier: [{ ...cut, seq: 0, head }] } as OpBody, author);
    }
    return op;
  }

  /** Any op at all, with a true signature of the one who writes it. */
  async forge(body: OpBody, author: Author): Promise<VerifiedOp> {
    const town = this.#town;
    const charter = town.charterOf(this.seen(author));
    const claim = this.mode.claim ?? {};
    const own = body.type === 'join' ? undefined : town.newestOwn(charter, this.mode.as ?? author.device);
    const op: Op = {
      space: town.space,
      prev: [...(claim.prev ?? citedHeads(charter, author.device))].sort(),
      own: own?.id,
      under: claim.under ?? viewOf(charter)?.group?.charter ?? town.genesis.id,
      auth: body.type === 'join' ? [] : (claim.auth ?? this.#everyGrant(charter.ops)),
      device: this.mode.as ?? author.device,
      seq: claim.seq ?? (own === undefined ? 0 : own.op.seq + 1),
      body,
    };
    const bytes = encodeOp(op);
    return signedOp(bytes, await town.suite.sign('op', bytes, author.seed)) as VerifiedOp;
  }

  /** All that was ever granted to this person, as far as seen. */
  #everyGrant(seen: { has(id: OpId): boolean }): readonly GrantId[] {
    const { principal, devices, recovery } = this.#town.knownPerson(this.name);
    const binding = this.device === RECOVERY ? recovery.binding : devices.get(this.device)?.binding;
    const roles = this.#town.roles
      .filter((entry) => entry.principal === principal && seen.has(entry.grant.slice(0, 64) as OpId))
      .map(({ grant }) => grant);
    return [principal!, binding ?? principal!, ...(this.device === RECOVERY ? [] : roles)];
  }

  seen(author: Author): Seen {
    const { seen, isForking } = this.mode;
    if (seen === undefined) return this.#town.ops;
    const own = this.#town.ops.findLast(({ op }) => op.device === author.device);
    if (isForking === true || own === undefined || seen.includes(own)) return seen;
    const ownPast = this.#town.until(own);
    return this.#town.ops.filter((op) => seen.includes(op) || ownPast.includes(op));
  }

  person(): Promise<Person> {
    return this.#town.entry(this.name, this.life);
  }

  async author(person: Person): Promise<Author> {
    return this.device === RECOVERY ? person.recovery.author : this.#town.deviceOf(person, this.device);
  }

  /** An op of a kind that no app of today knows. */
  async writeUnknown(kind: string): Promise<VerifiedOp> {
    const author = await this.author(await this.person());
    const { bytes } = await this.forge({ type: 'leave' }, author);
    const map = decode(bytes, 'op', 1 << 16) as Record<string, Encodable>;
    const changedBytes = encode({ ...map, type: kind, body: { any: 1 } });
    const signature = await this.#town.suite.sign('op', changedBytes, author.seed);
    const op = signedOp(changedBytes, signature) as VerifiedOp;
    await this.#town.take(op);
    return op;
  }
}
