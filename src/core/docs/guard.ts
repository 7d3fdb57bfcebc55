// Judges every docUpdate before it reaches a Yjs document (SPEC §4). One guard keeps what one document needs for that.
//
// Invariants
// 1. The verdict depends on the docUpdate and on the messages in its author's declared past, on nothing else: replicas
//    that settle messages in different orders admit the same ones.
// 2. What was admitted finds everything it refers to in the document: nothing is ever pending inside Yjs.
// 3. Nothing is thrown, and a refused docUpdate leaves no trace.

import { decodeUpdate } from 'yjs';
import { clientIdOf, type Author, type ClientId } from './client-id.ts';
import { MAX_UPDATE_BYTES, type DocumentId, type DocUpdate } from './doc-update.ts';
import { judgeDeletes, judgeStructs, type DocRefusal, type Past } from './judge.ts';
import { Clocks, type Reach, type SavedTrack } from './past.ts';
import { Places, type Place, type SavedRuns } from './places.ts';
import { scanUpdate } from './update-scan.ts';

export type DocVerdict = { readonly ok: true } | { readonly ok: false; readonly refusal: DocRefusal };

/** A docUpdate with its author and what that author had seen. */
export interface AuthoredUpdate {
  readonly author: Author;
  readonly seq: number;
  readonly past: Reach;
  readonly body: DocUpdate;
}

/** A guard as it is kept on disk beside the stored document. */
export interface SavedGuard {
  readonly schema: number;
  readonly tracks: readonly SavedTrack[];
  readonly runs: readonly SavedRuns[];
}

interface Finding {
  readonly clock: number;
  readonly places: readonly { readonly clock: number; readonly place: Place }[];
}

export class DocumentGuard {
  readonly #document: DocumentId;
  readonly #clocks: Clocks;
  readonly #places: Places;
  readonly #clientIds = new Map<string, ClientId>();
  #schema: number;

  constructor(document: DocumentId, saved?: SavedGuard) {
    this.#document = document;
    this.#schema = saved?.schema ?? 0;
    this.#clocks = Clocks.restore(saved?.tracks ?? []);
    this.#places = Places.restore(saved?.runs ?? []);
  }

  /** The highest schema an admitted docUpdate named; see schema.ts. */
  get schema(): number {
    return this.#schema;
  }

  /** Where each clientID stands; a Yjs document that stands elsewhere is not the one this guard admitted. */
  heads(): ReadonlyMap<number, number> {
    return this.#clocks.heads();
  }

  /** Who writes here as a clientID, as far as anything of theirs was admitted. */
  authorOf(client: number): Author | undefined {
    return this.#clocks.authorOf(client);
  }

  clientIdOf(author: Author): ClientId {
    const key = `${author.device}/${author.incarnation}`;
    let client = this.#clientIds.get(key);
    if (client === undefined) {
      client = clientIdOf(author, this.#document);
      this.#clientIds.set(key, client);
    }
    return client;
  }

  /** The verdict alone: what an author asks before publishing. */
  judge(message: AuthoredUpdate): DocVerdict {
    const finding = this.#find(message);
    return typeof finding === 'string' ? { ok: false, refusal: finding } : { ok: true };
  }

  /** The verdict; when it is `ok`, the docUpdate counts from now on and must be given to Yjs. */
  admit(message: AuthoredUpdate): DocVerdict {
    const finding = this.#find(message);
    if (typeof finding === 'string') return { ok: false, refusal: finding };
    const client = this.clientIdOf(message.author);
    for (const { clock, place } of finding.places) this.#places.add(client, clock, place);
    this.#clocks.advance(client, message.author, { seq: message.seq, clock: finding.clock });
    this.#schema = Math.max(this.#schema, message.body.schema);
    return { ok: true };
  }

  save(): SavedGuard {
    return { schema: this.#schema, tracks: this.#clocks.save(), runs: this.#places.save() };
  }

  #find(message: AuthoredUpdate): Finding | DocRefusal {
    const { update, schema } = message.body;
    if (update.length > MAX_UPDATE_BYTES) return 'too-long';
    const client = this.clientIdOf(message.author);
    if (!this.#clocks.admits(client, message.author)) return 'client-taken';
    const fault = scanUpdate(update);
    if (fault !== undefined) return fault;
    const decoded = decodeOrNothing(update);
    if (decoded === undefined) return 'malformed';
    const past: Past = {
      client,
      schema,
      clockOf: (other) => this.#clocks.known(other, message.past),
      placeOf: (other, clock) => this.#places.at(other, clock),
    };
    const structs = judgeStructs(decoded.structs, past);
    if (typeof structs === 'string') return structs;
    return judgeDeletes(decoded.ds, past, structs.clock) ?? structs;
  }
}

/** Yjs throws whatever it stumbles over; texts that are not UTF-8 are the usual cause once the scan has passed. */
function decodeOrNothing(update: Uint8Array): ReturnType<typeof decodeUpdate> | undefined {
  try {
    return decodeUpdate(update);
  } catch {
    return undefined;
  }
}
