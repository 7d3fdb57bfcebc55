// What of a group goes with a welcome (core/sync/SPEC.md §9): documents, tasks and decisions that whoever comes may read, each
// whole, with all it rests on. So a group can be seen while everybody is away.

import type { Bytes } from '#core/bytes/bytes.ts';
import { concat, hex } from '#core/bytes/bytes.ts';
import type { Link } from '#core/chain/link.ts';
import type { Scope } from '#core/charter/ids.ts';
import { hash } from '#core/crypto/hash.ts';
import { isWithheld, type Reader } from '#core/keys/entitled.ts';
import { chainKey, type ChainId, type HeldChain } from '#core/sync/held.ts';
import { MAX_WELCOME_RUN_BYTES } from '#core/sync/welcome.ts';
import { decode } from '#core/wire/cbor.ts';
import { fields } from '#core/wire/fields.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import type { Entry } from './log.ts';
import { runsInOrder } from './offer.ts';
import type { Replica } from './replica.ts';

/** Three of the largest envelopes: an invitation is left at up to four relay nodes, and anew while it is open. */
const MAX_BYTES = 330_000;
/** In a group where more was said even the links are too many. */
const MAX_LOOKED_AT = 4_000;
/** What a signature and the run around a message take, about. */
const ENTRY_OVERHEAD = 80;
const DOCUMENT_ID_BYTES = 16;
const OF_DOCUMENTS: ReadonlySet<string> = new Set(['doc.update', 'doc.checkpoint', 'doc.move']);
/** What people work with. What they are called, and the channels, a welcome names itself. */
const OF_WORK: ReadonlySet<string> = new Set([...OF_DOCUMENTS, 'attest', 'task', 'decision']);
const MAX_BODY_BYTES = 102_400;

export interface Said {
  /** Open runs of messages. */
  readonly runs: readonly Bytes[];
  readonly bytes: number;
  /** The same as long as they are. */
  readonly mark: string;
}

export function saidFor(replica: Replica, to: Reader, scopes: readonly Scope[]): Said {
  const runs: Bytes[] = [];
  let room = MAX_BYTES;
  for (const scope of scopes.filter((each) => replica.reads(each))) {
    for (const { run } of runsInOrder(replica, wholeThings(replica, to, { scope, room }), to)) {
      if (run.length > MAX_WELCOME_RUN_BYTES || run.length > room) continue;
      runs.push(run);
      room -= run.length;
    }
  }
  return { runs, bytes: MAX_BYTES - room, mark: hex.encode(hash('header', concat(...runs))) };
}

/** How far chains go so that as many things as there is room for are whole, those that rest on least first. */
function wholeThings(
  replica: Replica,
  to: Reader,
  { scope, room }: { readonly scope: Scope; readonly room: number },
): readonly HeldChain[] {
  if (replica.log.entries.length > MAX_LOOKED_AT) return [];
  const chains = replica.chainsOf(scope);
  const taken = new Map<string, { readonly chain: ChainId; to: number }>();
  let left = room;
  for (const ends of thingsIn(replica, scope)) {
    const further: { readonly chain: ChainId; readonly to: number }[] = [];
    for (const { device, incarnation } of chains.chains()) {
      const reach = Math.max(...ends.map(({ id }) => chains.reach(id, device, incarnation)));
      const chain = { device, incarnation, scope };
      const from = taken.get(chainKey(chain))?.to ?? 0;
      for (let seq = from; seq < reach; seq++) left -= costOf(replica, to, chain, seq);
      if (reach > from) further.push({ chain, to: reach });
    }
    if (left < 0) break;
    for (const one of further) taken.set(chainKey(one.chain), one);
  }
  return [...taken.values()].map(({ chain, to: end }) => ({ chain, spans: [{ from: 0, to: end }] }));
}

/** Of each document, and of all tasks and of all decisions, the last message in each chain; what is oldest first. */
function thingsIn(replica: Replica, scope: Scope): readonly (readonly Link[])[] {
  const things = new Map<string, Map<object, Link>>();
  const { log } = replica;
  for (const kind of log.kinds()) {
    if (!OF_WORK.has(kind)) continue;
    for (const { entry } of log.ofKind(kind)) {
      const { id, header } = entry.message;
      const link = header.scope === scope ? replica.chainsOf(scope).link(id) : undefined;
      if (link === undefined || !entry.stands) continue;
      const name = thingOf(kind, entry);
      const ends = things.get(name) ?? new Map<object, Link>();
      const known = ends.get(link.chain);
      if (known === undefined || known.header.seq < header.seq) ends.set(link.chain, link);
      things.set(name, ends);
    }
  }
  const all = [...things.values()].map((ends) => [...ends.values()]);
  const newest = (ends: readonly Link[]): number => Math.max(...ends.map(({ header }) => header.lamport));
  return all.sort((a, b) => newest(a) - newest(b));
}

function thingOf(kind: string, { open }: Entry): string {
  if (!OF_DOCUMENTS.has(kind) || open === undefined) return kind;
  const read = (): string =>
    fields(decode(open.body, 'doc.update', MAX_BODY_BYTES), 'doc.update').id('document', DOCUMENT_ID_BYTES);
  return tryDecode(read) ?? kind;
}

function costOf(replica: Replica, to: Reader, chain: ChainId, seq: number): number {
  const id = replica.messageAt(chain, seq);
  const entry = id === undefined ? undefined : replica.entryAt(id);
  if (entry === undefined) return 0;
  const { header, bytes } = entry.message;
  const isBare =
    entry.open === undefined ||
    isWithheld(replica.charter, to, header) ||
    replica.lasting.isReplacedFor?.(to, header) === true;
  return bytes.length + ENTRY_OVERHEAD + (isBare ? 0 : header.bodyLength);
}
