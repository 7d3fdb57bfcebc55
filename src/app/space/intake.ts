// Takes in what others sent of a space. Every part is judged by itself and refused with a word, never an exception: a
// hostile contact's parcel costs a bounded amount of work and changes nothing that the rules do not allow.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, MessageId } from '#core/charter/ids.ts';
import { decodeSignedOp, type SignedOp, type VerifiedOp } from '#core/charter/op.ts';
import { verifyOps } from '#core/charter/verify-op.ts';
import { beginRun, decodeFrame, frameKid } from '#core/chain/frame.ts';
import { openBody, type Message, type OpenBody } from '#core/chain/message.ts';
import type { Fork, MessageOutcome } from '#core/chain/chain-set.ts';
import type { Link } from '#core/chain/link.ts';
import { decodeSignedRecord, newerRecord, verifyRecord } from '#core/keys/device-record.ts';
import { decodeOpenRun, proveOpenRun, type OpenMessage } from '#core/sync/open-run.ts';
import type { Parcel } from '#core/sync/parcel.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import { inSteps } from '../event-queue.ts';
import { withBare } from './bare.ts';
import { byScope } from './by-scope.ts';
import { refill } from './refills.ts';
import { shredded, type Entry } from './log.ts';
import { parkId, refuse } from './refusals.ts';
import type { Replica, Settled } from './replica.ts';
import { dropLost, retryWraps, settleMeeting, takeWraps } from './take-wraps.ts';
import { devicesOfVoidJoins } from './void-joins.ts';

export interface Taken {
  /** Messages that are new here, settled or waiting. */
  readonly messages: readonly Message[];
  /** Keys came, so that an own new sealing key is due. */
  readonly openedWrap: boolean;
  readonly forks: readonly Fork[];
}

/**
 * Takes a parcel as one event. `by`: which device it came from over a proven link, or true where that is not known. `runs`
 * are looked at only then.
 */
export async function takeParcel(replica: Replica, parcel: Parcel, by: boolean | DeviceId): Promise<Taken> {
  const before = replica.charter;
  await takeOps(replica, parcel.ops);
  await takeRecords(replica, parcel.records);
  let openedWrap = await takeWraps(replica, parcel.wraps);
  if (replica.charter !== before) openedWrap = (await retryWraps(replica)) || openedWrap;
  const found: OpenMessage[] = [];
  // An answer of another device may hold more than a page has time for at once.
  const { breathe } = replica.context;
  await breathe?.();
  await inSteps(
    by === false ? [] : parcel.runs,
    breathe,
    async (run) => void found.push(...(await takeRun(replica, run))),
  );
  found.push(...(await takeFrames(replica, parcel.frames)));
  if (openedWrap) found.push(...(await retryFrames(replica)));
  if (replica.charter !== before) recheck(replica);
  const hasFilled = refill(replica, found);
  const { messages, forks } = await adoptInSteps(replica, withBare(replica, found, by));
  replica.save();
  if (hasFilled) replica.events.restood();
  if (replica.charter !== before || openedWrap || parcel.records.length > 0) replica.events.changed();
  return { messages, openedWrap, forks };
}

async function takeOps(replica: Replica, encoded: readonly Bytes[]): Promise<void> {
  const fresh = encoded.flatMap((bytes) => {
    const signed = tryDecode(() => decodeSignedOp(bytes));
    return signed === undefined || isKnownOp(replica, signed) ? [] : [signed];
  });
  const verified: VerifiedOp[] = [];
  for (const op of await verifyOps(fresh, replica.context.suite)) {
    if (op === undefined) refuse(replica, 'op');
    else verified.push(op);
  }
  await takeVerified(replica, verified);
}

/** Ops whose signatures were looked at before. */
export async function takeVerified(replica: Replica, verified: readonly VerifiedOp[]): Promise<void> {
  if (verified.length === 0) return;
  await replica.addLog(verified);
  for (const { op } of verified) replica.noteHeard(op.device);
  settleMeeting(replica);
  dropLost(replica);
}

function isKnownOp(replica: Replica, { id }: SignedOp): boolean {
  return replica.charter.ops.has(id) || replica.charter.waiting.has(id);
}

async function takeRecords(replica: Replica, encoded: readonly Bytes[]): Promise<void> {
  for (const bytes of encoded) {
    const signed = tryDecode(() => decodeSignedRecord(bytes));
    if (signed === undefined) continue;
    const { device, space, number } = signed.record;
    const known = replica.records.get(device);
    // An own record is made here and nowhere else.
    if (space !== replica.identity.space || device === replica.identity.device) continue;
    // Who came in vain is told that by the record they left.
    const isKnown = replica.view?.devices.has(device) === true || devicesOfVoidJoins(replica).includes(device);
    if (!isKnown || number < (known?.record.number ?? 0)) continue;
    if (newerRecord(known, signed) === known) continue;
    if (await verifyRecord(signed, replica.context.suite)) {
      replica.putRecord(signed);
      replica.noteHeard(device);
    } else refuse(replica, 'record');
  }
}

async function takeRun(replica: Replica, bytes: Bytes): Promise<readonly OpenMessage[]> {
  const run = tryDecode(() => decodeOpenRun(bytes));
  if (run === undefined || !run.every(({ message }) => mayBelong(replica, message))) return refused(replica, 'run');
  if (!run.some((said) => isNews(replica, said))) return [];
  if (!(await proveOpenRun(run, replica.context.suite))) return refused(replica, 'run');
  const now = replica.context.clock.now();
  // The bodies came open; their keys must not outlive them here.
  for (const { message, open } of run) {
    if (message.header.n !== undefined && open !== undefined) replica.keys.eraseBodyKey(message.header, now);
  }
  return run;
}

/** A message, or the body of one that is held without it. */
function isNews(replica: Replica, { message, open }: OpenMessage): boolean {
  if (!replica.hasMessage(message)) return true;
  const held = open === undefined ? undefined : replica.entryAt(message.id);
  return held !== undefined && held.open === undefined && replica.lasting.mayHave?.({ ...held, open }) === true;
}

/** While the platform verifies one frame the next one is unsealed. */
async function takeFrames(replica: Replica, frames: readonly Bytes[]): Promise<readonly OpenMessage[]> {
  const found: OpenMessage[] = [];
  let before: Begun | undefined;
  await inSteps(frames, replica.context.breathe, async (frame) => {
    const begun = await beginFrame(replica, frame);
    if (before !== undefined) found.push(...(await finishFrame(replica, before)));
    before = begun;
  });
  if (before !== undefined) found.push(...(await finishFrame(replica, before)));
  return found;
}

type Begun = Extract<Awaited<ReturnType<typeof beginRun>>, { readonly isSigned: unknown }>;

async function beginFrame(replica: Replica, frame: Bytes): Promise<Begun | undefined> {
  const parts = tryDecode(() => decodeFrame(frame));
  if (parts === undefined) {
    refuse(replica, 'frame');
    return undefined;
  }
  const headerKey = replica.keys.headerKey(parts.kid);
  if (headerKey === undefined) {
    replica.park(parkId('f', frame), frame);
    return undefined;
  }
  const run = await beginRun(parts, headerKey, replica.context.suite, replica.context.breathe);
  if (!('problem' in run)) return run;
  refuse(replica, run.problem);
  return undefined;
}

async function finishFrame(replica: Replica, run: Begun): Promise<readonly OpenMessage[]> {
  // While the platform verifies, a single message is opened; its key stays where it is until that is done.
  const [only] = run.messages.length === 1 ? run.messages : [];
  const opening = only === undefined || replica.hasMessage(only) ? undefined : openOne(replica, only);
  if (!(await run.isSigned)) return refused(replica, 'bad-signature');
  if (!run.messages.every((message) => mayBelong(replica, message))) return refused(replica, 'frame');
  return openBodies(replica, run.messages, opening);
}

interface Opening {
  readonly open: OpenBody | undefined;
  /** Takes the key out of its ratchet. */
  readonly take: () => void;
}

function openOne(replica: Replica, message: Message): Opening | undefined {
  const found = replica.keys.findBodyKey(message.header, replica.context.clock.now());
  if (message.sealed === undefined || found === undefined) return undefined;
  return { open: openBody(message, found.key, replica.context.suite), take: found.take };
}

/** `opening`: what came of the first one already. */
async function openBodies(
  replica: Replica,
  messages: readonly Message[],
  opening?: Opening,
): Promise<readonly OpenMessage[]> {
  const found: OpenMessage[] = [];
  await inSteps(messages, replica.context.breathe, (message) => {
    if (replica.hasMessage(message)) return;
    if (message.sealed === undefined) {
      found.push({ message, open: undefined });
      return;
    }
    const { open, take } = opening ?? openOne(replica, message) ?? { open: undefined, take: () => undefined };
    take();
    // Without its body a message is not held: it is asked for again, and shows as missing until then.
    if (open !== undefined) found.push({ message: isOwn(replica, message) ? message : bare(message), open });
    else refuse(replica, 'body');
  });
  return found;
}

async function retryFrames(replica: Replica): Promise<readonly OpenMessage[]> {
  const found: OpenMessage[] = [];
  for (const [id, { bytes: frame }] of [...replica.parked]) {
    const kid = id.startsWith('f') ? tryDecode(() => frameKid(frame)) : undefined;
    if (kid === undefined || !replica.keys.has(kid)) continue;
    replica.unpark(id);
    found.push(...(await takeFrames(replica, [frame])));
  }
  return found;
}

/**
 * Of this space, of a scope this device reads, and under a key of that very scope: what was sealed for more readers than
 * it says would be for all of them.
 */
function mayBelong(replica: Replica, { header }: Message): boolean {
  const scope = replica.keys.held.get(header.kid)?.key.scope ?? header.scope;
  return header.space === replica.identity.space && header.scope === scope && replica.reads(scope);
}

function isOwn(replica: Replica, { header }: Message): boolean {
  return replica.isMine(header.device);
}

/** Others' messages are kept open; only own ones are sent again sealed. */
function bare(message: Message): Message {
  return { ...message, sealed: undefined };
}

/** What is placed in chains, stored and told between two looks at the page: a few milliseconds. */
const ADOPTED_AT_ONCE = 800;

/** Places verified messages that may be held in their chains, stores them, hands out what settled. */
export function adopt(
  replica: Replica,
  found: readonly OpenMessage[],
): { readonly messages: readonly Message[]; readonly forks: readonly Fork[] } {
  const fresh = found.filter(({ message }) => !replica.hasMessage(message));
  if (fresh.length === 0) return { messages: [], forks: [] };
  const now = replica.context.clock.now();
  const { outcomes, settled, forks } = addToChains(
    replica,
    fresh.map(({ message }) => message),
  );
  const entries = new Map<MessageId, Entry>();
  const kept: Message[] = [];
  fresh.forEach(({ message, open }) => {
    const outcome = outcomes.get(message)!;
    const branch = outcome === 'fork' ? replica.chainsOf(message.header.scope).link(message.id) : undefined;
    if (outcome === 'known' || (branch !== undefined && !isSecond(branch))) return;
    const isBad = outcome === 'bad' || branch?.state === 'bad';
    const came: Entry = { message, open, arrival: replica.arrivals++, heardAt: now, stands: !isBad };
    const entry = replica.lasting.isOver(came) ? shredded(came) : came;
    replica.noteHeld(message.header, message.header.seq);
    replica.lasting.note(entry);
    // What is held without its body is not to be opened later.
    if (open === undefined && message.header.n !== undefined) replica.keys.takeBodyKey(message.header, now);
    // Keys of documents outlive their messages anyway, so only those that are erased after use count.
    if (message.header.n !== undefined) replica.keys.countMessage(message.header.kid);
    if (message.header.device !== replica.identity.device) {
      replica.peers.noteHeard(message.header.device, replica.context.disk);
      replica.noteHeard(message.header.device);
      if (!isOwn(replica, message)) replica.keys.noteTurn(true);
    }
    kept.push(message);
    if (isBad) replica.log.append({ ...entry, open: undefined });
    else entries.set(message.id, entry);
  });
  settle(replica, settled, entries);
  const waiting = [...entries.values()].filter(({ message }) => replica.log.get(message.id) === undefined);
  for (const entry of waiting) replica.putPending(entry);
  const shown = standingOf(replica, waiting);
  if (shown.length > 0) replica.events.waiting(shown);
  return { messages: kept, forks };
}

/**
 * As `adopt`, within one event: nothing is shown or goes to disk before all of it is there. It comes to the same as parcels
 * that hold less.
 */
async function adoptInSteps(
  replica: Replica,
  found: readonly OpenMessage[],
): Promise<{ readonly messages: readonly Message[]; readonly forks: readonly Fork[] }> {
  const parts = Array.from({ length: Math.ceil(found.length / ADOPTED_AT_ONCE) }, (_, i) =>
    found.slice(i * ADOPTED_AT_ONCE, (i + 1) * ADOPTED_AT_ONCE),
  );
  const taken: ReturnType<typeof adopt>[] = [];
  await inSteps(parts, replica.context.breathe, (part) => void taken.push(adopt(replica, part)));
  return { messages: taken.flatMap(({ messages }) => messages), forks: taken.flatMap(({ forks }) => forks) };
}

/** What was said second in one place is kept as well: others may rest on it. A third time is a flood. */
function isSecond({ id, chain, header }: Link): boolean {
  return chain.forks.find((fork) => fork.header.seq === header.seq)?.id === id;
}

/** Scopes know nothing of each other: each has its own order. */
function addToChains(
  replica: Replica,
  messages: readonly Message[],
): {
  readonly outcomes: ReadonlyMap<Message, MessageOutcome>;
  readonly settled: readonly MessageId[];
  readonly forks: readonly Fork[];
} {
  const outcomes = new Map<Message, MessageOutcome>();
  const settled: MessageId[] = [];
  const forks: Fork[] = [];
  for (const [scope, said] of byScope(messages)) {
    const taken = replica.chainsOf(scope).add(said, replica.charter);
    said.forEach((message, i) => outcomes.set(message, taken.outcomes[i]!));
    settled.push(...taken.settled);
    forks.push(...taken.forks);
  }
  return { outcomes, settled, forks };
}

/** Messages whose past is complete now move to the log, in that order. */
function settle(replica: Replica, ids: readonly MessageId[], fresh: ReadonlyMap<MessageId, Entry>): void {
  const handed: Settled[] = [];
  for (const id of ids) {
    const waited = replica.pending.get(id);
    const late = waited !== undefined && replica.lasting.isOver(waited) ? shredded(waited) : waited;
    const entry = fresh.get(id) ?? late;
    if (entry === undefined || replica.log.get(id) !== undefined) continue;
    replica.log.append(entry);
    replica.dropPending(id);
    handed.push({ entry, position: replica.positions++ });
  }
  const standing = new Set(
    standingOf(
      replica,
      handed.map(({ entry }) => entry),
    ),
  );
  const shown = handed.filter(({ entry }) => standing.has(entry));
  if (shown.length > 0) replica.events.settled(shown);
}

/** Those of new messages that may be shown; tells first when they, or the charter, changed what may be of others. */
function standingOf(replica: Replica, fresh: readonly Entry[]): readonly Entry[] {
  const messages = fresh.map(({ message }) => message);
  if (replica.standing.refresh(replica, messages)) replica.events.restood();
  return fresh.filter((entry) => replica.mayShow(entry));
}

/** The charter log grew: messages that waited for it may settle. */
export function recheck(replica: Replica): void {
  for (const chains of replica.chainSets()) settle(replica, chains.recheck(replica.charter), new Map());
}

function refused(replica: Replica, what: string): readonly OpenMessage[] {
  refuse(replica, what);
  return [];
}
