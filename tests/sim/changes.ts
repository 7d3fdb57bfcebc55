// Changes of documents as a judge reads them, without asking any app: whose they are, and which structs they bring.

import { Item, decodeUpdate } from 'yjs';
import { clientIdOf, type Author } from '#core/docs/client-id.ts';
import { decodeDocUpdate, type DocumentId } from '#core/docs/doc-update.ts';
import { scanUpdate } from '#core/docs/update-scan.ts';

/** Structs of one clientID, `from` to before `to`. */
export interface Span {
  readonly client: number;
  readonly from: number;
  readonly to: number;
}

export interface Change {
  readonly document: DocumentId;
  /** Of its author; an app writes under no other. */
  readonly client: number;
  /** What it brings of its author’s own; nothing where it only deletes. */
  readonly brings: Span | undefined;
  readonly deletes: readonly Span[];
  /** What its own structs lie beside or in. */
  readonly beside: readonly Span[];
}

/** `undefined`: who keeps no rules sends what cannot be read. */
export function readChange(author: Author, body: Uint8Array): Change | undefined {
  try {
    const { document, update } = decodeDocUpdate(body);
    const client = clientIdOf(author, document);
    if (scanUpdate(update) !== undefined) return undefined;
    const { structs, ds } = decodeUpdate(update);
    const own = structs.filter(({ id }) => id.client === client);
    const [first, last] = [own[0], own.at(-1)];
    const brings = first && last && { client, from: first.id.clock, to: last.id.clock + last.length };
    const ids = own.flatMap((struct) => {
      if (!(struct instanceof Item)) return [];
      const { origin, rightOrigin, parent } = struct;
      // Before it is in a document, what it lies in is a root by name, or an id.
      const within = parent !== null && typeof parent === 'object' && 'clock' in parent ? parent : null;
      return [origin, rightOrigin, within].filter((id) => id !== null);
    });
    const deletes = [...ds.clients].flatMap(([of, ranges]) => {
      return ranges.map(({ clock, len }) => ({ client: of, from: clock, to: clock + len }));
    });
    return { document, client, brings, deletes, beside: ids.map(spanOf) };
  } catch {
    return undefined;
  }
}

export function spanOf({ client, clock }: { readonly client: number; readonly clock: number }): Span {
  return { client, from: clock, to: clock + 1 };
}

export function overlap(one: Span, other: Span): boolean {
  return one.client === other.client && one.from < other.to && other.from < one.to;
}
