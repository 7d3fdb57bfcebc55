// People, devices and spaces for tests of charter, keys and chains: repeatable, and quick enough for laws over
// hundreds of histories.

import { concat, equal, hex, type Bytes } from '#core/bytes/bytes.ts';
import { addOp, addOps, emptyCharter, type Charter } from '#core/charter/charter.ts';
import type { DeviceId, OpId, SpaceId } from '#core/charter/ids.ts';
import { encodeOp, signedOp, type Op, type VerifiedOp } from '#core/charter/op.ts';
import { viewOf, type CharterView } from '#core/charter/view.ts';
import {
  addDeviceBody,
  pairGenesis,
  selfGenesis,
  writeOp,
  type Author,
  type Writable,
} from '#core/charter/write-op.ts';
import { hash } from '#core/crypto/hash.ts';
import { SealFault, type CryptoSuite, type Seed, type Signature, type SigningKey } from '#core/crypto/suite.ts';

/** Signs and seals by hashing: no secret is safe in it, every check is real, and a key costs microseconds. */
export const quickSuite: CryptoSuite = {
  signingKeyOf: (seed) => Promise.resolve(hash('op', seed) as Bytes as SigningKey),
  sign: (label, message, seed) => Promise.resolve(mark(label, message, hash('op', seed))),
  verify: (label, message, signature, key) => Promise.resolve(equal(signature, mark(label, message, key))),
  isAcceptableKey: (key) => key.length === 32 && key.some((byte) => byte !== 0),
  sealingKeyOf: (seed, suite) => {
    const key = new Uint8Array(suite === 1 ? 1_217 : 33);
    key.set([suite, ...hash('sealingKey', seed)]);
    return Promise.resolve(key as Bytes as never);
  },
  wrap: (to, secret, { label, associated, coins }) => {
    const nonce = hash('wrap', coins).slice(0, 24);
    return Promise.resolve(concat(nonce, xor(secret, hash(label, to.slice(1, 33), associated, nonce))));
  },
  unwrap: async (seed, suite, wrapped, { label, associated }) => {
    const to = (await quickSuite.sealingKeyOf(seed, suite)).slice(1, 33);
    const nonce = wrapped.slice(0, 24);
    return xor(wrapped.slice(24), hash(label, to, associated, nonce), true);
  },
  seal: (key, nonce, plain, associated) => xor(plain, hash('body', key, nonce, associated)),
  open: (key, nonce, sealed, associated) => xor(sealed, hash('body', key, nonce, associated), true),
};

function mark(label: Parameters<CryptoSuite['sign']>[0], message: Uint8Array, key: Uint8Array): Signature {
  const half = hash(label, key, message);
  return concat(half, half) as Signature;
}

/** Masks with a short pad and ends with a tag, so that what was changed does not open. */
function xor(text: Uint8Array, pad: Bytes, isOpening = false): Bytes {
  const body = isOpening ? text.slice(0, -16) : text;
  const plain = new Uint8Array(body.map((byte, i) => byte ^ pad[i % 32]!));
  const tag = hash('header', pad, isOpening ? plain : body).slice(0, 16);
  if (!isOpening) return concat(plain, tag);
  if (text.length < 16 || !equal(tag, text.slice(-16))) throw new SealFault();
  return plain;
}

/** A device or recovery key; the same name always gives the same key. */
export async function deviceNamed(name: string, suite: CryptoSuite = quickSuite): Promise<Author> {
  const seed = hash('charterKey', new TextEncoder().encode(name)) as Bytes as Seed;
  return { device: hex.encode(await suite.signingKeyOf(seed)) as DeviceId, seed };
}

/** One replica of a space's log, and who writes to it. */
export class Replica {
  charter: Charter;
  readonly suite: CryptoSuite;

  constructor(space: SpaceId, suite: CryptoSuite = quickSuite) {
    this.charter = emptyCharter(space);
    this.suite = suite;
  }

  get view(): CharterView {
    const view = viewOf(this.charter);
    if (view === undefined) throw new Error('the genesis is not here');
    return view;
  }

  /** Every op of the log. */
  get ops(): VerifiedOp[] {
    return [...this.charter.ops.values()].map(({ signed }) => signed);
  }

  take(...ops: readonly VerifiedOp[]): void {
    this.charter = addOps(this.charter, ops).charter;
  }

  async write(author: Author, body: Writable): Promise<VerifiedOp> {
    const op = await writeOp(this.charter, author, body, this.suite);
    const { charter, outcome } = addOp(this.charter, op);
    if (outcome !== 'added') throw new Error(`own op ${outcome}`);
    this.charter = charter;
    return op;
  }

  async addDevice(author: Author, fresh: Author, recovery?: DeviceId): Promise<VerifiedOp> {
    const principal = principalOf(this.view, author.device);
    const binding = { space: this.charter.space, principal, recovery };
    return this.write(author, await addDeviceBody(fresh, binding, this.suite));
  }

  /** Ends a device of the author's principal. */
  endDevice(author: Author, ended: DeviceId): Promise<VerifiedOp> {
    const { binding } = this.view.devices.get(ended)!;
    return this.write(author, { type: 'device', act: 'end', binding, device: ended, frontier: [] });
  }

  /** A copy that goes its own way. */
  fork(): Replica {
    const copy = new Replica(this.charter.space, this.suite);
    copy.charter = this.charter;
    return copy;
  }

  isLive(device: Author): boolean {
    return this.view.devices.get(device.device)?.isLive ?? false;
  }
}

export function principalOf(view: CharterView, device: DeviceId) {
  const owner = view.principals.find(
    ({ devices, recovery }) => recovery?.key === device || devices.some((bound) => bound.device === device),
  );
  if (owner === undefined) throw new Error('bound nowhere');
  return owner.id;
}

export interface Pair {
  readonly card: Author;
  readonly alice: Author;
  readonly bob: Author;
  readonly aliceRecovery: Author;
  readonly bobRecovery: Author;
  readonly cardBytes: Bytes;
  readonly genesis: VerifiedOp;
  readonly replica: Replica;
}

/** Bob answered Alice's card; Alice replaced the card's key by her device, with a recovery key. */
export async function makePair(options: { suite?: CryptoSuite; name?: string; cardName?: string } = {}): Promise<Pair> {
  const { suite = quickSuite, name = 'pair', cardName = name } = options;
  const [card, alice, bob] = [
    await deviceNamed(`${cardName} card`, suite),
    await deviceNamed(`${name} alice`, suite),
    await deviceNamed(`${name} bob`, suite),
  ];
  const aliceRecovery = await deviceNamed(`${name} alice recovery`, suite);
  const bobRecovery = await deviceNamed(`${name} bob recovery`, suite);
  const cardBytes = new TextEncoder().encode(`card of ${cardName}`);
  const consent = await suite.sign('card', cardBytes, card.seed);
  const answered = { cardKey: card.device, card: cardBytes, consent, recovery: bobRecovery.device };
  const genesis = await pairGenesis(bob, answered, suite);
  const replica = new Replica(genesis.id as string as SpaceId, suite);
  replica.take(genesis);
  await replica.addDevice(card, alice, aliceRecovery.device);
  await replica.endDevice(card, card.device);
  return { card, alice, bob, aliceRecovery, bobRecovery, cardBytes, genesis, replica };
}

/** One person's own space with a first device and a recovery key. */
export async function makeSelf(suite: CryptoSuite = quickSuite) {
  const first = await deviceNamed('self first', suite);
  const recovery = await deviceNamed('self recovery', suite);
  const genesis = await selfGenesis(first, recovery.device, suite);
  const replica = new Replica(genesis.id as string as SpaceId, suite);
  replica.take(genesis);
  return { first, recovery, genesis, replica };
}

/** An op of any shape with a true signature: what a hostile member can make. */
export async function forge(op: Op, author: Author, suite: CryptoSuite = quickSuite): Promise<VerifiedOp> {
  const bytes = encodeOp(op);
  return signedOp(bytes, await suite.sign('op', bytes, author.seed)) as VerifiedOp;
}

/** The last op of a device in a log, as a starting point for forgeries. */
export function lastOf(replica: Replica, device: DeviceId): VerifiedOp | undefined {
  return replica.ops.filter(({ op }) => op.device === device).sort((a, b) => b.op.seq - a.op.seq)[0];
}

export function spaceOf(genesis: VerifiedOp): SpaceId {
  return genesis.id as string as SpaceId;
}

/** What two replicas must agree on, as plain values. */
export function stateOf(charter: Charter) {
  const view = viewOf(charter);
  if (view === undefined) return undefined;
  const { stands, isBefore: _isBefore, fallen, ...facts } = view;
  return {
    heads: charter.heads,
    ops: [...charter.ops.keys()].sort(),
    standing: [...charter.ops.keys()].filter((id: OpId) => stands(id)).sort(),
    ...facts,
    fallen: fallen(),
    devices: [...facts.devices].sort(([a], [b]) => (a < b ? -1 : 1)),
  };
}
