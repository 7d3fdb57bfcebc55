// What this device holds of a space, and what of it another device lacks: for links (serve), for mail (mailFor).

import { orderedOps, isInPast } from '#core/charter/charter.ts';
import { EVERYONE, type DeviceId, type Kid, type OpId } from '#core/charter/ids.ts';
import { encodeSignedOp } from '#core/charter/op.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import { encodeSignedRecord } from '#core/keys/device-record.ts';
import { mayHaveKey, type Reader } from '#core/keys/entitled.ts';
import { scopesOf } from '#core/keys/readers.ts';
import { decodeWrap } from '#core/keys/wrap.ts';
import type { Want } from '#core/sync/channel-messages.ts';
import { chainKey, type ChainId, type Held, type HeldChain, type Span } from '#core/sync/held.ts';
import { encodeOpenRun, MAX_OPEN_RUN, type OpenMessage } from '#core/sync/open-run.ts';
import { emptyParcel, piecesOf, type Parcel } from '#core/sync/parcel.ts';
import { commonSpans, countOf, subtractSpans } from '#core/sync/spans.ts';
import { inSteps } from '../event-queue.ts';
import type { Written } from './author.ts';
import { lacksBodyFor, openFor } from './bodies-for.ts';
import { withWitnesses } from './end-witnesses.ts';
import type { Replica } from './replica.ts';
import { framesOf } from './sealed-runs.ts';
import { causesOfVoidJoin } from './void-joins.ts';

/** Bytes of one answer frame; a few fit a slow connection's buffer. */
const GIVE_BYTES = 48_000;
/** Bytes of the whole answer to one request: bounds what a request makes us do. */
const ANSWER_BYTES = 600_000;
/** Messages looked up for one answer; an honest request names fewer. */
const MAX_LOOKED_UP = 10_000;
/** Of these in one answer: more than its bytes hold. */
const MAX_GIVEN = 4_000;
/** Messages of all chains that go before the next of any: less than one piece of an answer holds. */
const SIDE_BY_SIDE = 100;
/** Rotations whose missing keys are worth asking for. */
const RECENT_ROTATIONS = 4;

/** Everything held now of the scopes this device reads, and what was said here in others, whether on disk or not. */
export function heldNow(replica: Replica): Held {
  return {
    heads: replica.charter.heads,
    chains: [...replica.held.values()].filter(
      ({ chain }) => replica.reads(chain.scope) || replica.isMine(chain.device),
    ),
    records: [...replica.records.values()].map(({ record }) => ({ device: record.device, number: record.number })),
    lacks: recentKids(replica).filter((kid) => !replica.keys.has(kid)),
  };
}

/** Of each scope this device reads the newest keys it may have. */
function recentKids(replica: Replica): readonly Kid[] {
  const { view, identity, charter } = replica;
  if (view === undefined) return [];
  return scopesOf(view, identity.device).flatMap((scope) => {
    const recent = view.rotations.filter(({ scopes }) => scopes.some((rotated) => rotated.scope === scope));
    return recent
      .slice(-RECENT_ROTATIONS)
      .map(({ scopes }) => scopes.find((rotated) => rotated.scope === scope)!.kid)
      .filter((kid) => mayHaveKey(charter, identity.device, kid));
  });
}

/** What was found for a device, as long as nothing changed: the sync machine compares what it said by identity. */
const told = new WeakMap<Replica, Map<DeviceId, { of: Held; view: unknown; held: Held }>>();

/** What is on disk of the scopes that a device reads: it must not even learn that anything was said in others. */
export function durableFor(replica: Replica, device: DeviceId): Held {
  const { durable, view } = replica;
  if (view?.group === undefined) return durable;
  const devices = told.get(replica) ?? new Map<DeviceId, { of: Held; view: unknown; held: Held }>();
  told.set(replica, devices);
  const known = devices.get(device);
  if (known?.of === durable && known.view === view) return known.held;
  const scopeOf = new Map(view.rotations.flatMap(({ scopes }) => scopes.map(({ kid, scope }) => [kid, scope])));
  const held = {
    ...durable,
    chains: durable.chains.filter(({ chain }) => replica.mayGive(device, chain)),
    lacks: durable.lacks.filter((kid) => replica.mayServe(device, scopeOf.get(kid) ?? EVERYONE)),
  };
  devices.set(device, { of: durable, view, held });
  return held;
}

/**
 * The answer to a device's request, in pieces that fit a frame, each as soon as it is made up: the first is on its way while
 * the others are. Of scopes it does not read now it gets nothing.
 */
export function* serve(replica: Replica, asked: Want, device: DeviceId): Generator<Parcel> {
  const chains = asked.chains.filter(({ chain }) => replica.mayGive(device, chain));
  const want = { ...asked, chains };
  const ops = want.ops ? opsFor(replica, device, want.heads) : [];
  const records = want.records.flatMap(({ device, number }) => {
    const signed = replica.records.get(device);
    return signed === undefined || signed.record.number < number ? [] : [encodeSignedRecord(signed)];
  });
  const runs = bytesOfRuns(replica, want.chains, device);
  yield* piecesOf({ ...emptyParcel, ops, records, runs }, GIVE_BYTES);
}

function* bytesOfRuns(replica: Replica, chains: readonly HeldChain[], to: DeviceId): Generator<Bytes> {
  for (const { run } of fewRuns(replica, chains, to)) yield run;
}

/** Who was ended learns by what, and nothing that was done since. */
export function opsFor(replica: Replica, device: DeviceId, heads: readonly OpId[]): readonly Bytes[] {
  const { charter, view } = replica;
  const facts = view?.devices.get(device);
  const ends = endsOf(replica, device);
  if (facts?.isLive === true || (facts === undefined && ends.length === 0)) return opsBeyond(replica, heads);
  const shown = withWitnesses(replica, ends);
  return opsBeyond(replica, heads, (op) => shown.some((end) => isInPast(charter, op, end)));
}

/** By which ops a device, or the membership of its person, was ended, or came to nothing. */
export function endsOf(replica: Replica, device: DeviceId): readonly OpId[] {
  const { view } = replica;
  const facts = view?.devices.get(device);
  if (view === undefined || facts === undefined) return causesOfVoidJoin(replica, device);
  const member = view.group?.members.get(facts.principal);
  return [...facts.ends, ...(member?.ends ?? [])].map(({ op }) => op);
}

/** Open runs of some chains, as many as one answer or one mail holds, and what they are of. */
function openRuns(replica: Replica, chains: readonly HeldChain[], to: DeviceId): { runs: Bytes[]; sent: HeldChain[] } {
  const runs: Bytes[] = [];
  const sent: HeldChain[] = [];
  let bytes = 0;
  for (const { run, of } of fewRuns(replica, chains, to)) {
    runs.push(run);
    sent.push(of);
    bytes += run.length;
  }
  if (bytes >= ANSWER_BYTES) return { runs, sent };
  // What is in no run cannot be given; it must not be tried again and again.
  const wanted = chains.reduce((sum, { spans }) => sum + countOf(spans), 0);
  const isAll = wanted < MAX_GIVEN || sent.length === 0;
  return { runs, sent: isAll ? chains.filter(({ spans }) => spans.length > 0) : sent };
}

/** Ops that are not in the past of the given heads, parents first. Heads not known here count for nothing. */
export function opsBeyond(
  replica: Replica,
  heads: readonly OpId[],
  isMeant: (op: OpId) => boolean = () => true,
): readonly Bytes[] {
  const { charter } = replica;
  const known = heads.filter((head) => charter.ops.has(head));
  return orderedOps(charter)
    .filter(({ signed }) => !known.some((head) => isInPast(charter, signed.id, head)) && isMeant(signed.id))
    .map(({ signed }) => encodeSignedOp(signed));
}

/** As many as one answer or one mail holds. */
function* fewRuns(replica: Replica, chains: readonly HeldChain[], to: DeviceId): ReturnType<typeof runsInOrder> {
  let room = ANSWER_BYTES;
  for (const found of runsInOrder(replica, chains, to)) {
    yield found;
    room -= found.run.length;
    if (room <= 0) return;
  }
}

interface Wanted {
  readonly chain: ChainId;
  readonly seq: number;
  /** In the log of this device, where everything comes after its past. */
  readonly place: number;
}

/**
 * What is wanted and may be given, as far as one answer looks: of all of it what stands first in the log, for what comes
 * after something that is asked for later would wait at the other end.
 */
function wantedHere(replica: Replica, chains: readonly HeldChain[], to: Reader): readonly Wanted[] {
  const wanted: Wanted[] = [];
  let lookedUp = 0;
  for (const { chain, spans } of chains) {
    for (const span of spans) {
      for (const held of replica.spans(chain)) {
        const end = Math.min(span.to, held.to);
        for (let seq = Math.max(span.from, held.from); seq < end && lookedUp < MAX_LOOKED_UP; seq++) {
          lookedUp++;
          const id = replica.messageAt(chain, seq);
          const entry = id === undefined ? undefined : replica.entryAt(id);
          if (entry === undefined || !entry.stands || lacksBodyFor(replica, entry, to)) continue;
          wanted.push({ chain, seq, place: replica.log.placeOf(entry.message.id) ?? Number.MAX_SAFE_INTEGER });
        }
      }
    }
  }
  return wanted.sort((a, b) => a.place - b.place || a.seq - b.seq).slice(0, MAX_GIVEN);
}

/**
 * Chains cite each other: whole chains one after the other would each wait for the next at the other end. So all of
 * them go on side by side, in pieces long enough that one signature proves many messages.
 */
export function* runsInOrder(
  replica: Replica,
  chains: readonly HeldChain[],
  to: Reader,
): Generator<{ readonly run: Bytes; readonly of: HeldChain }> {
  const wanted = wantedHere(replica, chains, to);
  for (const { chain, seq } of replica.lasting.evidenceFor?.(to, wanted) ?? []) {
    const run = openRunFrom(replica, chain, { from: seq, end: seq + 1, to });
    if (run.length > 0) yield { run: encodeOpenRun(openFor(replica, run, to)), of: { chain, spans: [] } };
  }
  const done = new Map<ChainId, number>();
  for (let at = 0; at < wanted.length; at += SIDE_BY_SIDE) {
    const ends = new Map<ChainId, number[]>();
    for (const { chain, seq } of wanted.slice(at, at + SIDE_BY_SIDE)) {
      const seqs = ends.get(chain);
      if (seqs === undefined) ends.set(chain, [seq]);
      else seqs.push(seq);
    }
    for (const [chain, seqs] of ends) {
      const end = Math.max(...seqs) + 1;
      for (const seq of seqs.sort((a, b) => a - b)) {
        if (seq < (done.get(chain) ?? 0)) continue;
        const run = openRunFrom(replica, chain, { from: seq, end, to });
        done.set(chain, seq + Math.max(1, run.length));
        const of = { chain, spans: [{ from: seq, to: seq + run.length }] };
        if (run.length > 0) yield { run: encodeOpenRun(openFor(replica, run, to)), of };
      }
    }
  }
  yield* branchesOf(replica, chains, to);
}

/** What was said second in the places asked for, as far as its own signature is held. */
function* branchesOf(
  replica: Replica,
  chains: readonly HeldChain[],
  to: Reader,
): Generator<{ readonly run: Bytes; readonly of: HeldChain }> {
  for (const { chain, spans } of chains) {
    for (const { id, header } of replica.chainsOf(chain.scope).branches(chain.device, chain.incarnation)) {
      const entry = replica.entryAt(id);
      const isWanted = spans.some(({ from, to: end }) => header.seq >= from && header.seq < end);
      if (!isWanted || entry?.message.signature === undefined || lacksBodyFor(replica, entry, to)) continue;
      const { message, open } = entry;
      yield { run: encodeOpenRun(openFor(replica, [{ message, open }], to)), of: { chain, spans: [] } };
    }
  }
}

/** Messages from `from` to before `end`, and on to one whose signature is held. */
function openRunFrom(
  replica: Replica,
  chain: ChainId,
  { from, end, to }: { readonly from: number; readonly end: number; readonly to: Reader },
): readonly OpenMessage[] {
  const run: OpenMessage[] = [];
  let signedLength = 0;
  let bytes = 0;
  for (let seq = from; run.length < MAX_OPEN_RUN; seq++) {
    const id = replica.messageAt(chain, seq);
    const entry = id === undefined ? undefined : replica.entryAt(id);
    if (entry === undefined || !entry.stands || lacksBodyFor(replica, entry, to)) break;
    // Of a chain that went on twice not each message follows the one before it.
    const before = run.at(-1)?.message.id;
    if (before !== undefined && entry.message.header.own !== before) break;
    bytes += entry.message.bytes.length + (entry.open?.body.length ?? 0);
    // A run may exceed what is wanted, or a frame's worth, only to reach the next signature.
    if ((seq >= end || bytes > GIVE_BYTES) && signedLength > 0) break;
    run.push({ message: entry.message, open: entry.open });
    if (entry.message.signature !== undefined) signedLength = run.length;
  }
  return run.slice(0, signedLength);
}

/**
 * Own messages (of all devices of this person) that a device has not confirmed; and everybody's that this device has
 * promised to a new device of the same person.
 */
export function unconfirmed(replica: Replica, device: DeviceId): readonly HeldChain[] {
  return [...replica.held.values()].flatMap(({ chain, spans }) => {
    if (chain.device === device || !replica.mayServe(device, chain.scope)) return [];
    const due = replica.isMine(chain.device) ? spans : commonSpans(spans, promised(replica, device, chain));
    const missing = subtractSpans(due, replica.peers.confirmedSpans(device, chainKey(chain)));
    return missing.length === 0 ? [] : [{ chain, spans: missing }];
  });
}

function promised(replica: Replica, device: DeviceId, chain: ChainId): readonly Span[] {
  return replica.promises.get(device)?.get(chainKey(chain)) ?? [];
}

export interface Mail {
  readonly parcel: Parcel;
  /** What of it counts as left once it is stored. */
  readonly chains: readonly HeldChain[];
}

/** A parcel for a device that lacks `chains`: with them all ops, keys and records it needs to read them. Part of an event. */
export async function mailFor(replica: Replica, device: DeviceId, chains: readonly HeldChain[]): Promise<Mail> {
  const heads = replica.peers.confirmedHeads(device);
  const ops = opsBeyond(replica, heads);
  const records = [...replica.records.values()]
    .filter(({ record }) => replica.isMine(record.device))
    .filter(({ record }) => record.number > replica.peers.confirmedRecord(device, record.device))
    .map(encodeSignedRecord);
  const frames: Bytes[] = [];
  const split = chains.map(({ chain, spans }) => ({ chain, spans, open: promised(replica, device, chain) }));
  // A new device of the same person has no keys of the past: it gets the past open, inside the mail's own seal.
  const { runs, sent } = openRuns(
    replica,
    split.map(({ chain, spans, open }) => ({ chain, spans: commonSpans(spans, open) })),
    device,
  );
  for (const { chain, spans } of split.map((due) => ({ ...due, spans: subtractSpans(due.spans, due.open) }))) {
    if (spans.length === 0) continue;
    await inSteps(framesOf(replica, { chain, spans }), replica.context.breathe, ({ frame }) => void frames.push(frame));
    // What cannot be sealed any more is healed over a link; it must not be tried again and again.
    sent.push({ chain, spans });
  }
  return { parcel: { ...emptyParcel, ops, records, wraps: wrapsFor(replica, device), frames, runs }, chains: sent };
}

/** Our wraps for a device, as long as it does not hold their rotation. */
function wrapsFor(replica: Replica, device: DeviceId): readonly Bytes[] {
  const heads = replica.peers.confirmedHeads(device).filter((head) => replica.charter.ops.has(head));
  const wraps: Bytes[] = [];
  for (const [id, wrap] of [...replica.wraps]) {
    const [to, op] = id.split('/') as [DeviceId, OpId];
    if (to !== device) continue;
    if (heads.some((head) => isInPast(replica.charter, op, head))) replica.dropWrap(id);
    else wraps.push(wrap);
  }
  return wraps;
}

const sorted = new WeakMap<readonly Bytes[], ReadonlyMap<DeviceId, readonly Bytes[]>>();

/** A rotation makes hundreds, and each of a dozen linked devices gets its own. */
function wrapsByDevice({ wraps }: Parcel): ReadonlyMap<DeviceId, readonly Bytes[]> {
  const known = sorted.get(wraps);
  if (known !== undefined) return known;
  const byDevice = new Map<DeviceId, Bytes[]>();
  for (const wrap of wraps) {
    const { device } = decodeWrap(wrap);
    byDevice.set(device, [...(byDevice.get(device) ?? []), wrap]);
  }
  sorted.set(wraps, byDevice);
  return byDevice;
}

/** What a device that is linked now gets of what was just made: messages of scopes it reads, its own keys. */
export function pushFor(replica: Replica, { parcel, scope }: Written, device: DeviceId): Parcel {
  const { view } = replica;
  if (view?.group === undefined) return parcel;
  if (view.devices.get(device)?.isLive !== true) {
    return { ...emptyParcel, ops: opsFor(replica, device, replica.peers.confirmedHeads(device)) };
  }
  const wraps = parcel.wraps.length === 0 ? [] : (wrapsByDevice(parcel).get(device) ?? []);
  const frames = replica.mayServe(device, scope ?? EVERYONE) ? parcel.frames : [];
  return { ...parcel, wraps, frames };
}
