// What is known of each other device of a space: how far it has things on disk, and what was left for it at which relay
// node. Both are kept, so that a restart neither sends everything again nor forgets what never arrived.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, Kid, OpId, SpaceId } from '#core/charter/ids.ts';
import type { Millis, RelayAddress, Rows } from '#core/ports.ts';
import { chainKey, readHeld, spellHeld, type Held, type HeldChain, type Span } from '#core/sync/held.ts';
import { addSpan, holesOf, subtractSpans } from '#core/sync/spans.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { fields, textField, tuple, uintOf } from '#core/wire/fields.ts';
import type { Disk } from '../disk.ts';
import { Salvage } from '../salvage.ts';

interface Peer {
  readonly chains: Map<string, HeldChain>;
  readonly records: Map<DeviceId, number>;
  readonly deposited: Map<RelayAddress, { chains: Map<string, HeldChain>; heads: Set<OpId>; at: Millis }>;
  heads: readonly OpId[];
  lacks: readonly Kid[];
  /** It said something itself, so it runs somewhere. */
  isHeard: boolean;
}

const MAX_ROW_BYTES = 1_000_000;

export class Peers {
  readonly #space: SpaceId;
  readonly #peers = new Map<DeviceId, Peer>();

  constructor(space: SpaceId) {
    this.#space = space;
  }

  isHeard(device: DeviceId): boolean {
    return this.#peers.get(device)?.isHeard ?? false;
  }

  confirmedSpans(device: DeviceId, chain: string): readonly Span[] {
    return this.#peers.get(device)?.chains.get(chain)?.spans ?? [];
  }

  confirmedHeads(device: DeviceId): readonly OpId[] {
    return this.#peers.get(device)?.heads ?? [];
  }

  confirmedRecord(device: DeviceId, of: DeviceId): number {
    return this.#peers.get(device)?.records.get(of) ?? -1;
  }

  lacks(device: DeviceId): readonly Kid[] {
    return this.#peers.get(device)?.lacks ?? [];
  }

  /** The last time anything was left for a device at a relay node. */
  depositedAt(device: DeviceId, relay: RelayAddress): Millis | undefined {
    return this.#peers.get(device)?.deposited.get(relay)?.at;
  }

  depositedSpans(device: DeviceId, relay: RelayAddress, chain: string): readonly Span[] {
    return this.#peers.get(device)?.deposited.get(relay)?.chains.get(chain)?.spans ?? [];
  }

  depositedHeads(device: DeviceId, relay: RelayAddress): ReadonlySet<OpId> {
    return this.#peers.get(device)?.deposited.get(relay)?.heads ?? new Set();
  }

  /** What lies for a device at each relay node. */
  depositedAnywhere(device: DeviceId, chain: string): readonly (readonly Span[])[] {
    const deposited = [...(this.#peers.get(device)?.deposited.values() ?? [])];
    return deposited.map(({ chains }) => chains.get(chain)?.spans ?? []);
  }

  noteHeard(device: DeviceId, disk: Disk): void {
    const peer = this.#peer(device);
    if (peer.isHeard) return;
    peer.isHeard = true;
    this.#put(device, disk);
  }

  /** The device said what it has on disk. */
  confirm(device: DeviceId, held: Held, disk: Disk): void {
    const peer = this.#peer(device);
    for (const chain of held.chains) {
      const key = chainKey(chain.chain);
      let spans = peer.chains.get(key)?.spans ?? [];
      for (const span of chain.spans) spans = addSpan(spans, span);
      peer.chains.set(key, { chain: chain.chain, spans });
      forgetHoles(peer, key, spans);
    }
    for (const { device: of, number } of held.records) {
      peer.records.set(of, Math.max(number, peer.records.get(of) ?? -1));
    }
    peer.heads = held.heads;
    peer.lacks = held.lacks;
    peer.isHeard = true;
    this.#put(device, disk);
  }

  noteDeposit(
    device: DeviceId,
    at: { relay: RelayAddress; now: Millis },
    what: Pick<Held, 'chains' | 'heads'>,
    disk: Disk,
  ): void {
    const { deposited } = this.#peer(device);
    const there = deposited.get(at.relay) ?? { chains: new Map(), heads: new Set(), at: at.now };
    for (const chain of what.chains) {
      const key = chainKey(chain.chain);
      let spans = there.chains.get(key)?.spans ?? [];
      for (const span of chain.spans) spans = addSpan(spans, span);
      there.chains.set(key, { chain: chain.chain, spans });
    }
    there.heads = new Set(what.heads);
    deposited.set(at.relay, { ...there, at: at.now });
    this.#put(device, disk);
  }

  /** What was left at a relay node may be gone: everything unconfirmed is to be left again. */
  forgetDeposits(device: DeviceId, relay: RelayAddress, disk: Disk): void {
    if (this.#peers.get(device)?.deposited.delete(relay) === true) this.#put(device, disk);
  }

  async load(rows: Rows): Promise<number> {
    const salvage = new Salvage();
    for (const row of await rows.list(this.#collection)) {
      salvage.safely(() => this.#peers.set(row.id as DeviceId, decodePeer(row.value)));
    }
    return salvage.damaged;
  }

  get #collection(): string {
    return `peer:${this.#space}`;
  }

  #peer(device: DeviceId): Peer {
    let peer = this.#peers.get(device);
    if (peer === undefined) {
      peer = { chains: new Map(), records: new Map(), deposited: new Map(), heads: [], lacks: [], isHeard: false };
      this.#peers.set(device, peer);
    }
    return peer;
  }

  #put(device: DeviceId, disk: Disk): void {
    disk.put(this.#collection, device, () => encodePeer(this.#peer(device)));
  }
}

/** What is missing before something that came was lost where it had been left: it is to be left again. */
function forgetHoles(peer: Peer, key: string, confirmed: readonly Span[]): void {
  const holes = holesOf(confirmed);
  if (holes.length === 0) return;
  for (const { chains } of peer.deposited.values()) {
    const there = chains.get(key);
    if (there !== undefined) chains.set(key, { chain: there.chain, spans: subtractSpans(there.spans, holes) });
  }
}

function encodePeer(peer: Peer): Bytes {
  const records = [...peer.records].map(([device, number]) => ({ device, number }));
  const held = { heads: peer.heads, chains: [...peer.chains.values()], records, lacks: peer.lacks };
  const deposited = [...peer.deposited].map(([relay, there]) => {
    const what = { heads: [...there.heads], chains: [...there.chains.values()], records: [], lacks: [] };
    return [relay, there.at, spellHeld(what)];
  });
  return encode({ held: spellHeld(held), deposited, heard: peer.isHeard });
}

function decodePeer(bytes: Uint8Array): Peer {
  const read = fields(decode(bytes, 'peer row', MAX_ROW_BYTES), 'peer row');
  const held = readHeld(read.value('held'));
  const deposited = new Map<RelayAddress, { chains: Map<string, HeldChain>; heads: Set<OpId>; at: Millis }>();
  for (const item of read.list('deposited', 64)) {
    const [relay, at, what] = tuple(item, 'peer row', 3);
    const there = readHeld(what);
    const address = textField(relay, 'peer row', 1_000) as RelayAddress;
    const time = uintOf(at, 'peer row') as Millis;
    deposited.set(address, { chains: byKey(there.chains), heads: new Set(there.heads), at: time });
  }
  return {
    chains: byKey(held.chains),
    records: new Map(held.records.map(({ device, number }) => [device, number])),
    deposited,
    heads: held.heads,
    lacks: held.lacks,
    isHeard: read.bool('heard'),
  };
}

function byKey(chains: readonly HeldChain[]): Map<string, HeldChain> {
  return new Map(chains.map((chain) => [chainKey(chain.chain), chain]));
}
