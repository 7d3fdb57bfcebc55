// Messages whose bodies nobody needs any more, by what standing members say of them: those of documents that went to
// other readers (core/docs/SPEC.md §10). Only these, of all that documents are made of, may come without a body.

import type { Header } from '#core/charter/header.ts';
import { decodeDocMove } from '#core/docs/doc-move.ts';
import { chainKey, type Span } from '#core/sync/held.ts';
import { addSpan, covers } from '#core/sync/spans.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { Entry } from './log.ts';

const KIND = 'doc.move';
/** Changes of a document, and what they came to at a checkpoint. */
const GOES_ALONG: ReadonlySet<string> = new Set(['doc.update', 'doc.checkpoint']);

export class Covered {
  readonly #spans = new Map<string, readonly Span[]>();

  /** A message came, or was read from the disk. */
  note({ message, open, stands }: Entry): void {
    const { kind, scope } = message.header;
    if (kind !== KIND || open === undefined || !stands) return;
    for (const { device, incarnation, spans } of coversIn(open.body)) {
      const key = chainKey({ device, incarnation, scope });
      this.#spans.set(key, spans.reduce(addSpan, this.#spans.get(key) ?? []));
    }
  }

  has(header: Header): boolean {
    return GOES_ALONG.has(header.kind) && covers(this.#spans.get(chainKey(header)) ?? [], header.seq);
  }
}

function coversIn(body: Uint8Array): Extract<ReturnType<typeof decodeDocMove>, { is: 'went' }>['covers'] {
  try {
    const move = decodeDocMove(body);
    return move.is === 'went' ? move.covers : [];
  } catch (cause) {
    if (cause instanceof WireError) return [];
    throw cause;
  }
}
