// Which messages of a document a checkpoint may cover: what is let go because of it must be in it, whoever lets it go and
// whatever had gone there before (core/docs/SPEC.md §11).
//
// Invariants
// 1. A change goes into it only if what comes of it, or that nothing does, follows from what goes into it, whatever else
//    comes to count or not.
// 2. With a part of another checkpoint goes into it all that this one stands for.

import { comparePlaces } from '#core/chain/place.ts';
import type { MessageId } from '../api.ts';
import type { ContentCheckpoint, ContentMessage, ContentPlace, SpaceContents } from '../space-content.ts';
import { coveredBy, CoverSet, placeOf, union } from './cover-set.ts';
import { keyOf, partsFor, type DocumentParts } from './document-parts.ts';
import { coversFor } from './moved-rows.ts';

/** What is here by checkpoints alone. */
export interface StoodFor {
  readonly places: readonly (ContentPlace & { readonly kind: string })[];
  /** All that these checkpoints cover. */
  readonly sets: Pick<CoverSet, 'has'>;
}

/** What bodies went, or never came, because of checkpoints that are trusted; `taken` are such as were trusted before. */
export function stoodFor(
  contents: Pick<SpaceContents, 'heldAt'>,
  { space, claims }: DocumentParts,
  taken: ReadonlySet<MessageId>,
): StoodFor {
  const places = new Map<string, StoodFor['places'][number]>();
  const sets = trustedOf(claims, taken).flatMap(({ id }) => {
    const set = coveredBy(claims, id);
    const held = [...(set?.here((place) => contents.heldAt(space, place)) ?? [])];
    const gone = held.filter(([, { isOpen }]) => !isOpen);
    for (const [place, { kind }] of gone) places.set(keyOf(place), { ...place, kind });
    return set === undefined || gone.length === 0 ? [] : [set];
  });
  return { places: [...places.values()], sets: union(sets) };
}

/** The first messages in content order, which hold the past of all of them, as far as one claim can name them. */
export function firstThatFit(
  parts: DocumentParts,
  before: CoverSet,
  { places, sets }: StoodFor,
): ContentCheckpoint['claim']['covers'] {
  const open = parts.changes.map(({ message }) => message).filter((message) => !before.has(placeOf(message)));
  const isFirst = (message: (typeof open)[number]): boolean => sets.has(placeOf(message));
  const gone = places.flatMap((place) => (before.has(place) ? [] : [{ ...place, author: place.device }]));
  const first = [...gone, ...open.filter(isFirst)];
  const rest = open.filter((message) => !isFirst(message)).sort(comparePlaces);
  // Half of what is too much, until it fits.
  for (let count = rest.length; ; count = Math.floor(count / 2)) {
    const changes = [...first, ...rest.slice(0, count)];
    const covers = coversFor([...changes, ...statesWithin(parts, before, coversFor(changes).flat())]);
    if (covers.length === 1) return covers[0]!;
    if (count === 0) return [];
  }
}

/** States that nobody needs who has one in which all these changes are. */
function statesWithin(
  parts: DocumentParts,
  before: CoverSet,
  changes: ContentCheckpoint['claim']['covers'],
): readonly DocumentParts['parts'][number]['message'][] {
  const covered = new CoverSet();
  covered.add(changes);
  covered.addAll(before);
  const owners = parts.claims.map((claim) => ({
    set: coveredBy(parts.claims, claim.id),
    own: idsOfParts(parts, claim),
  }));
  // A later state covers earlier ones.
  const states = parts.parts.map(({ message }) => message).sort(comparePlaces);
  return states.filter((message) => {
    if (before.has(placeOf(message))) return false;
    // One whose claim did not come yet may stand for anything.
    const of = owners.filter(({ own }) => own.has(message.id));
    const isWithin = of.length > 0 && of.every(({ set }) => set?.isWithin(covered) === true);
    const { device, incarnation, seq } = placeOf(message);
    if (isWithin) covered.add([{ device, incarnation, spans: [{ from: seq, to: seq + 1 }] }]);
    return isWithin;
  });
}

/**
 * Of covered changes that were refused those that need not be so for ever: something of the document that they rest on is not
 * covered, because it does not count now, or is left out. Those that were not refused hold whatever is left out. A place does
 * not say which of two messages in it they had seen.
 */
export function refusedForNow(
  parts: DocumentParts,
  covered: CoverSet,
  by: { readonly refused: readonly ContentMessage[]; readonly gone: StoodFor },
): readonly ContentMessage[] {
  const first = new Map<string, ContentPlace>();
  const gone = by.gone.places.filter(({ kind }) => kind === 'doc.update');
  for (const place of [...parts.changes.map(({ message }) => placeOf(message)), ...parts.setAside, ...gone]) {
    const key = place.device + place.incarnation;
    const known = first.get(key);
    if (!covered.has(place) && (known === undefined || place.seq < known.seq)) first.set(key, place);
  }
  return by.refused.filter(({ past }) => {
    if (past.sawBeside()) return true;
    return [...first.values()].some(({ device, incarnation, seq }) => past.reach(device, incarnation) > seq);
  });
}

/** What covered states stand for is covered too. */
export function isWhole(parts: DocumentParts, covered: CoverSet, taken: ReadonlySet<MessageId>): boolean {
  return trustedOf(parts.claims, taken).every((claim) => isWholeIn(parts, claim, covered));
}

/** Nothing of a checkpoint is covered without all that it stands for. */
function isWholeIn(parts: DocumentParts, claim: ContentCheckpoint, covered: CoverSet): boolean {
  const own = idsOfParts(parts, claim);
  if (!parts.parts.some(({ message }) => own.has(message.id) && covered.has(placeOf(message)))) return true;
  return coveredBy(parts.claims, claim.id)?.isWithin(covered) !== false;
}

function idsOfParts(parts: DocumentParts, claim: ContentCheckpoint): ReadonlySet<MessageId> {
  return new Set(partsFor(parts, claim).map(({ message }) => message.id));
}

function trustedOf(claims: readonly ContentCheckpoint[], taken: ReadonlySet<MessageId>): readonly ContentCheckpoint[] {
  return claims.filter(({ id, state }) => state === 'vouched' || taken.has(id));
}
