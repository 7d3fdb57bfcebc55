// What a decoded docUpdate may contain, given what its author had seen: the rules behind the guard, without state.

import {
  ContentAny,
  ContentDeleted,
  ContentEmbed,
  ContentFormat,
  ContentString,
  ContentType,
  Item,
  XmlElement,
  type AbstractStruct,
  type decodeUpdate,
  type ID,
} from 'yjs';
import type { ClientId } from './client-id.ts';
import type { Place } from './places.ts';
import { rootsOf, SCHEMA_VERSION } from './schema.ts';
import type { ShapeFault } from './update-scan.ts';

/** Why a docUpdate does not reach the document. */
export type DocRefusal =
  | ShapeFault
  | 'too-long'
  /** Not where this author's clock stood: a clock used twice, a gap, or one beyond counting. */
  | 'not-contiguous'
  /** Refers to something its author cannot have seen. */
  | 'unknown-reference'
  /** Deletes something its author cannot have seen. */
  | 'deletes-unknown'
  /** Its derived clientID belongs to another author of this document. */
  | 'client-taken';

/** What an author can have seen: clocks by clientID, and the places of what is below them. */
export interface Past {
  readonly client: ClientId;
  readonly schema: number;
  clockOf(client: number): number;
  placeOf(client: number, clock: number): Place | undefined;
}

interface Step {
  readonly clock: number;
  readonly place: Place;
}

/** Deepest nesting of elements. Recursion inside Yjs and the editor stays far below any stack. */
export const MAX_DEPTH = 200;
/** Longest struct. A person pastes and deletes less; a forger would claim more to exhaust the clock. */
const MAX_STRUCT_LENGTH = 2 ** 26;
/** Highest clock of one author in one document. */
const MAX_CLOCK = 2 ** 50;
/** Roots that hold values under keys, and no list. */
const MAPS: readonly string[] = ['meta', 'tool', 'state'];
/** Longest name of a root in a document of a newer schema. */
const MAX_ROOT_NAME = 64;

const GONE: Place = { depth: 1, holder: 'gone', keyed: false, opens: undefined };

/** The structs of one docUpdate: where the author's clock stands after them and where each stands, or the refusal. */
export function judgeStructs(
  structs: readonly AbstractStruct[],
  past: Past,
): { readonly clock: number; readonly places: readonly Step[] } | DocRefusal {
  let clock = past.clockOf(past.client);
  const places: Step[] = [];
  for (const struct of structs) {
    if (struct.id.client !== past.client) return 'foreign-author';
    if (struct.id.clock !== clock) return 'not-contiguous';
    if (struct.length < 1 || struct.length > MAX_STRUCT_LENGTH) return 'too-many';
    const place = struct instanceof Item ? placeOf(struct, past, places) : GONE;
    if (typeof place === 'string') return place;
    places.push({ clock, place });
    clock += struct.length;
    if (clock > MAX_CLOCK) return 'not-contiguous';
  }
  return { clock, places };
}

/** Delete ranges lie within what the author had seen, or wrote in the same docUpdate (up to `ownClock`). */
export function judgeDeletes(
  deletes: ReturnType<typeof decodeUpdate>['ds'],
  past: Past,
  ownClock: number,
): DocRefusal | undefined {
  for (const [client, ranges] of deletes.clients) {
    const known = client === past.client ? ownClock : past.clockOf(client);
    for (const { clock, len } of ranges) if (clock + len > known) return 'deletes-unknown';
  }
  return undefined;
}

function placeOf(item: Item, past: Past, staged: readonly Step[]): Place | DocRefusal {
  const { origin, rightOrigin } = item;
  const isKnown = (id: ID | null): boolean =>
    id === null || id.clock < (id.client === past.client ? item.id.clock : past.clockOf(id.client));
  const find = (id: ID): Place | undefined =>
    (id.client === past.client ? stagedPlace(staged, id.clock) : undefined) ?? past.placeOf(id.client, id.clock);
  if (!isKnown(origin) || !isKnown(rightOrigin)) return 'unknown-reference';
  const opens = openedBy(item);
  const beside = origin ?? rightOrigin;
  if (beside !== null) {
    const neighbour = find(beside);
    if (neighbour === undefined) return 'unknown-reference';
    const place = { ...neighbour, opens };
    return allows(place, item, past.schema) ? place : 'forbidden-content';
  }
  const within = parentPlace(item.parent, { past, isKnown, find });
  if (typeof within === 'string') return within;
  const place: Place = { ...within, keyed: item.parentSub !== null, opens };
  if (place.depth > MAX_DEPTH) return 'too-deep';
  return allows(place, item, past.schema) ? place : 'forbidden-content';
}

interface Look {
  readonly past: Past;
  isKnown(id: ID | null): boolean;
  find(id: ID): Place | undefined;
}

function parentPlace(parent: unknown, look: Look): Pick<Place, 'depth' | 'holder'> | DocRefusal {
  if (typeof parent === 'string') {
    const { schema } = look.past;
    if (schema <= SCHEMA_VERSION && !rootsOf(schema).includes(parent)) return 'forbidden-content';
    // Yjs makes a root of any name that it is given.
    if (parent.length > MAX_ROOT_NAME) return 'too-many';
    return { depth: 1, holder: MAPS.includes(parent) ? 'map' : 'fragment' };
  }
  const id = parent as ID | null;
  if (id === null || !look.isKnown(id)) return 'unknown-reference';
  const holder = look.find(id);
  if (holder === undefined) return 'unknown-reference';
  if (holder.holder === 'gone') return GONE;
  if (holder.opens === undefined) return 'forbidden-content';
  return { depth: holder.depth + 1, holder: holder.opens };
}

function stagedPlace(staged: readonly Step[], clock: number): Place | undefined {
  let low = 0;
  let high = staged.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (staged[middle]!.clock <= clock) low = middle + 1;
    else high = middle;
  }
  return staged[low - 1]?.place;
}

function openedBy(item: Item): Place['opens'] {
  if (!(item.content instanceof ContentType)) return undefined;
  return item.content.type instanceof XmlElement ? 'element' : 'text';
}

/**
 * Whether a holder may hold this content. Editors walk the tree on these terms and throw on others: a text among
 * elements, or an element inside a text, would close the document for whoever opens it.
 */
function allows(place: Place, item: Item, schema: number): boolean {
  const { content } = item;
  if (content instanceof ContentFormat && reachesPrototype(content.value)) return false;
  if (content instanceof ContentEmbed && reachesPrototype(content.embed)) return false;
  // A newer schema may hold other things; here it opens read-only and no editor walks it.
  if (schema > SCHEMA_VERSION || content instanceof ContentDeleted || place.holder === 'gone') return true;
  if (place.keyed) return content instanceof ContentAny && content.arr.length === 1 && place.holder !== 'fragment';
  if (place.holder === 'text') {
    return content instanceof ContentString || content instanceof ContentFormat;
  }
  return place.holder !== 'map' && content instanceof ContentType;
}

/** Whether a parsed value has a key that would reach a prototype when somebody copies it. Its depth is bounded. */
function reachesPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => key === '__proto__' || reachesPrototype(inner));
}
