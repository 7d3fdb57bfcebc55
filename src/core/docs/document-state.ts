// What a document came to, spelled in one way only (SPEC §11): whoever puts the same messages together, in whatever
// order, gets the same bytes. With it goes what the guard knows, so that what is written later is judged alike.

import { GC, Item, applyUpdate, encodeStateAsUpdate, getState, type Doc } from 'yjs';
import type { Bytes } from '../bytes/bytes.ts';
import { decode, encode } from '../wire/cbor.ts';
import { fields } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import { clientIdOf } from './client-id.ts';
import { MAX_PART_BYTES, MAX_PARTS } from './doc-checkpoint.ts';
import type { DocumentId } from './doc-update.ts';
import type { SavedGuard } from './guard.ts';
import { decodeGuardRow, encodeGuardRow } from './guard-row.ts';
import { MAX_DEPTH } from './judge.ts';
import type { SavedTrack } from './past.ts';
import type { SavedRuns } from './places.ts';
import { scanState } from './update-scan.ts';

export interface DocumentState {
  readonly guard: SavedGuard;
  /** All that the document holds, V1. */
  readonly update: Bytes;
}

/** Why a state is not taken, though it is what its hash says. */
export type StateFault =
  /** Its clientIDs are not those of the authors it names, or its clocks are not what it says they are. */
  'not-its-authors' | 'not-whole' | 'too-deep';

const MAX_STATE_BYTES = MAX_PART_BYTES * MAX_PARTS;

/** `doc` is joined together where it can be: it must not be one that somebody writes in. */
export function stateOf(doc: Doc, guard: SavedGuard): Bytes {
  for (const structs of doc.store.clients.values()) join(structs);
  return encodeDocumentState({ guard, update: encodeStateAsUpdate(doc) as Bytes });
}

export function encodeDocumentState({ guard, update }: DocumentState): Bytes {
  const byClient = (a: { readonly client: number }, b: { readonly client: number }): number => a.client - b.client;
  const { schema, tracks, runs } = guard;
  const sorted = { schema, tracks: [...tracks].sort(byClient), runs: [...runs].sort(byClient) };
  return encode({ v: 1, guard: encodeGuardRow({ guard: sorted, next: 0 }), update });
}

/** Throws only `WireError`. */
export function decodeDocumentState(bytes: Uint8Array): DocumentState {
  const f = fields(decode(bytes, 'document state', MAX_STATE_BYTES), 'document state');
  f.version('v', 1);
  const { guard, next } = decodeGuardRow(f.bytes('guard', { max: MAX_STATE_BYTES }));
  const update = f.bytes('update', { min: 2, max: MAX_STATE_BYTES });
  f.end();
  const isSorted = [guard.tracks, guard.runs].every((list) => {
    return list.every(({ client }, i) => i === 0 || list[i - 1]!.client < client);
  });
  if (next !== 0 || !isSorted) throw new WireError('not-canonical', 'document state');
  const fault = scanState(update);
  if (fault !== undefined) throw new WireError(fault === 'too-many' ? 'too-long' : 'bad-field', 'document state');
  return { guard, update };
}

/** Puts a state into a document that may hold a part of it already. A refusal leaves the document unusable. */
export function plant(doc: Doc, state: DocumentState, document: DocumentId): StateFault | undefined {
  if (state.guard.tracks.some(({ client, author }) => clientIdOf(author, document) !== client))
    return 'not-its-authors';
  try {
    applyUpdate(doc, state.update);
  } catch {
    return 'not-whole';
  }
  const { store } = doc;
  if (store.pendingStructs !== null || store.pendingDs !== null) return 'not-whole';
  const heads = new Map(state.guard.tracks.map(({ client, clocks }) => [client, clocks.at(-1) ?? 0]));
  const clients = new Set([...heads.keys(), ...store.clients.keys()]);
  if ([...clients].some((client) => getState(store, client) !== (heads.get(client) ?? 0))) return 'not-its-authors';
  return depthOf(doc) > MAX_DEPTH ? 'too-deep' : undefined;
}

/** What two guards know together. Each knows authors from their first message on, so of each the longer counts. */
export function mergeGuards(one: SavedGuard, other: SavedGuard): SavedGuard {
  const tracks = longer<SavedTrack>([...one.tracks, ...other.tracks], ({ seqs }) => seqs);
  const runs = longer<SavedRuns>([...one.runs, ...other.runs], ({ starts }) => starts);
  return { schema: Math.max(one.schema, other.schema), tracks, runs };
}

/** Whether all that one guard knows is in what the other does. */
export function isGuardWithin(part: SavedGuard, whole: SavedGuard): boolean {
  const tracks = new Map(whole.tracks.map((track) => [track.client, track]));
  const runs = new Map(whole.runs.map((run) => [run.client, run]));
  return (
    part.schema <= whole.schema &&
    part.tracks.every(({ client, seqs, clocks }) => {
      const known = tracks.get(client);
      return known !== undefined && begins(known.seqs, seqs) && begins(known.clocks, clocks);
    }) &&
    part.runs.every(({ client, starts, places }) => {
      const known = runs.get(client);
      return known !== undefined && begins(known.starts, starts) && begins(known.places, places);
    })
  );
}

function begins(whole: readonly number[], part: readonly number[]): boolean {
  return part.length <= whole.length && part.every((number, i) => number === whole[i]);
}

/** Of each clientID the longest list; the others are beginnings of it. */
function longer<Of extends { readonly client: number }>(
  found: readonly Of[],
  listOf: (of: Of) => readonly number[],
): readonly Of[] {
  const all = new Map<number, Of>();
  for (const of of found) {
    const known = all.get(of.client);
    if (known === undefined || listOf(of).length > listOf(known).length) all.set(of.client, of);
  }
  return [...all.values()];
}

type Structs = Doc['store']['clients'] extends Map<number, infer List> ? List : never;

/** As Yjs joins neighbours that were written one after the other, but wherever it can be done. */
function join(structs: Structs): void {
  let last = 0;
  for (let i = 1; i < structs.length; i++) {
    const [left, right] = [structs[last]!, structs[i]!];
    if (joined(left, right)) continue;
    structs[++last] = right;
  }
  if (structs.length > 0) structs.length = last + 1;
}

function joined(left: Structs[number], right: Structs[number]): boolean {
  if (left instanceof GC && right instanceof GC) return left.mergeWith(right);
  if (!(left instanceof Item) || !(right instanceof Item) || left.deleted !== right.deleted) return false;
  if (!left.mergeWith(right)) return false;
  const { parent, parentSub } = right;
  if (parentSub !== null && parent !== null && '_map' in parent && parent._map.get(parentSub) === right) {
    parent._map.set(parentSub, left);
  }
  return true;
}

function depthOf(doc: Doc): number {
  let deepest = 0;
  for (const structs of doc.store.clients.values()) {
    for (const struct of structs) {
      if (!(struct instanceof Item)) continue;
      let depth = 1;
      let at: unknown = struct.parent;
      while (typeof at === 'object' && at !== null && '_item' in at && at._item instanceof Item && depth <= MAX_DEPTH) {
        depth++;
        at = at._item.parent;
      }
      deepest = Math.max(deepest, depth);
    }
  }
  return deepest;
}
