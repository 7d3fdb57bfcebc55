// Cuts one's own docUpdate into pieces that each keep the guard's limits: a pasted book is many messages.

import { length as lengthOf, toUint8Array, writeVarUint } from 'lib0/encoding';
import { ContentDeleted, ContentString, Item, UpdateEncoderV1, createID, decodeUpdate } from 'yjs';
import type { Bytes } from '../bytes/bytes.ts';
import { MAX_UPDATE_BYTES } from './doc-update.ts';
import { MAX_DELETE_RANGES, MAX_STRUCTS, scanUpdate } from './update-scan.ts';

/** Characters in one struct: in UTF-8 at most three bytes each, so it fits one piece with room for the rest. */
const MAX_TEXT = 16_000;
/** For counts, clientID and an empty set of deletes. */
const OVERHEAD = 64;

type Struct = ReturnType<typeof decodeUpdate>['structs'][number];

interface DeleteRange {
  readonly client: number;
  readonly clock: number;
  readonly length: number;
}

export interface SplitUpdate {
  readonly pieces: readonly Bytes[];
  /**
   * Set when a single value was too long for any message: the pieces hold it as already deleted, and the author's own
   * document must take this docUpdate to lose it too.
   */
  readonly loss: Bytes | undefined;
}

/** Pieces that lead, one after the other, where the whole would have led. The input is one's own and well-formed. */
export function splitUpdate(update: Bytes): SplitUpdate {
  if (update.length <= MAX_UPDATE_BYTES && scanUpdate(update) === undefined) {
    return { pieces: [update], loss: undefined };
  }
  const { structs, ds } = decodeUpdate(update);
  const deletes = rangesOf(ds);
  const lost: DeleteRange[] = [];
  const pieces: Bytes[] = [];
  let held: Struct[] = [];
  let size = OVERHEAD;
  for (const struct of structs.flatMap(shortened)) {
    const bytes = sizeOf(struct);
    const fits = bytes + OVERHEAD <= MAX_UPDATE_BYTES;
    const kept = fits ? struct : emptied(struct as Item);
    if (!fits) lost.push({ client: struct.id.client, clock: struct.id.clock, length: struct.length });
    if (held.length === MAX_STRUCTS || size + (fits ? bytes : OVERHEAD) > MAX_UPDATE_BYTES) {
      pieces.push(encodePiece(held, []));
      held = [];
      size = OVERHEAD;
    }
    held.push(kept);
    size += fits ? bytes : OVERHEAD;
  }
  if (held.length > 0) pieces.push(encodePiece(held, []));
  const gone = [...deletes, ...lost];
  for (let at = 0; at < gone.length; at += MAX_DELETE_RANGES) {
    pieces.push(encodePiece([], gone.slice(at, at + MAX_DELETE_RANGES)));
  }
  return { pieces, loss: lost.length === 0 ? undefined : encodePiece([], lost) };
}

/** Slices of at most `maxStructs` structs that lead, one after the other, where the whole leads. */
export function sliceUpdate(update: Bytes, maxStructs: number): readonly Bytes[] {
  const { structs, ds } = decodeUpdate(update);
  if (structs.length <= maxStructs) return [update];
  const slices: Bytes[] = [];
  for (let at = 0; at < structs.length; at += maxStructs) {
    slices.push(encodePiece(structs.slice(at, at + maxStructs), []));
  }
  if (ds.clients.size > 0) slices.push(encodePiece([], rangesOf(ds)));
  return slices;
}

function rangesOf(deletes: ReturnType<typeof decodeUpdate>['ds']): DeleteRange[] {
  return [...deletes.clients].flatMap(([client, ranges]) =>
    ranges.map(({ clock, len }) => ({ client, clock, length: len })),
  );
}

/** A long text as several structs, as Yjs itself cuts one when somebody writes into its middle. */
function shortened(struct: Struct): Struct[] {
  const parts: Struct[] = [];
  let rest = struct;
  while (rest instanceof Item && rest.content instanceof ContentString && rest.length > MAX_TEXT) {
    const cut = boundary(rest.content.str, MAX_TEXT);
    const { client, clock } = rest.id;
    const right = rest.content.splice(cut);
    const { rightOrigin, parent, parentSub } = rest;
    parts.push(new Item(rest.id, null, rest.origin, null, rightOrigin, parent, parentSub, rest.content));
    const from = createID(client, clock + cut);
    rest = new Item(from, null, createID(client, clock + cut - 1), null, rightOrigin, parent, parentSub, right);
  }
  parts.push(rest);
  return parts;
}

/** Not between the halves of a surrogate pair: Yjs would replace both. */
function boundary(text: string, near: number): number {
  const code = text.charCodeAt(near - 1);
  return code >= 0xd800 && code <= 0xdbff ? near - 1 : near;
}

function emptied(item: Item): Struct {
  const { id, origin, rightOrigin, parent, parentSub, length } = item;
  return new Item(id, null, origin, null, rightOrigin, parent, parentSub, new ContentDeleted(length));
}

function sizeOf(struct: Struct): number {
  const encoder = new UpdateEncoderV1();
  struct.write(encoder, 0);
  return lengthOf(encoder.restEncoder);
}

function encodePiece(structs: readonly Struct[], deletes: readonly DeleteRange[]): Bytes {
  const encoder = new UpdateEncoderV1();
  const { restEncoder } = encoder;
  const first = structs[0];
  writeVarUint(restEncoder, first === undefined ? 0 : 1);
  if (first !== undefined) {
    writeVarUint(restEncoder, structs.length);
    writeVarUint(restEncoder, first.id.client);
    writeVarUint(restEncoder, first.id.clock);
    for (const struct of structs) struct.write(encoder, 0);
  }
  const byClient = Map.groupBy(deletes, (range) => range.client);
  writeVarUint(restEncoder, byClient.size);
  for (const [client, ranges] of byClient) {
    writeVarUint(restEncoder, client);
    writeVarUint(restEncoder, ranges.length);
    for (const { clock, length } of ranges) {
      writeVarUint(restEncoder, clock);
      writeVarUint(restEncoder, length);
    }
  }
  return toUint8Array(restEncoder);
}
