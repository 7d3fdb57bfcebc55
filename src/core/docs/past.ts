// How far each author of one document was known at each message: who wrote what under which clientID, and up to which
// clock a message's author can have seen it.

import type { Author, ClientId } from './client-id.ts';

/**
 * What an author had seen when writing, for each chain: messages of that chain in the past, 0 = none, n = seq 0 … n - 1.
 * The author's own chain is included.
 */
export interface Reach {
  reach(device: string, incarnation: string): number;
}

/** One chain in one document: after which of its messages its clock stood where. Both lists ascend. */
interface Track {
  readonly author: Author;
  readonly seqs: number[];
  readonly clocks: number[];
}

/** A track as it is kept on disk. */
export interface SavedTrack {
  readonly client: number;
  readonly author: Author;
  readonly seqs: readonly number[];
  readonly clocks: readonly number[];
}

/**
 * Clocks per author and message. A message's past is a cut through the chains, so one number per chain and message that
 * moved its clock is enough: nothing is kept for chat, and no vector per message.
 */
export class Clocks {
  readonly #tracks = new Map<number, Track>();

  /** Whether `client` is free or this author's. */
  admits(client: ClientId, author: Author): boolean {
    const track = this.#tracks.get(client);
    return (
      track === undefined || (track.author.device === author.device && track.author.incarnation === author.incarnation)
    );
  }

  /** The clock up to which `client`'s structs lie in this past; 0 when its author was unknown then. */
  known(client: number, past: Reach): number {
    const track = this.#tracks.get(client);
    if (track === undefined) return 0;
    const reach = past.reach(track.author.device, track.author.incarnation);
    const index = firstAtOrAfter(track.seqs, reach) - 1;
    return index < 0 ? 0 : track.clocks[index]!;
  }

  /** Notes that message `seq` brought `client` to `clock`. */
  advance(client: ClientId, author: Author, step: { readonly seq: number; readonly clock: number }): void {
    let track = this.#tracks.get(client);
    if (track === undefined) {
      track = { author, seqs: [], clocks: [] };
      this.#tracks.set(client, track);
    }
    if (track.clocks.at(-1) === step.clock) return;
    track.seqs.push(step.seq);
    track.clocks.push(step.clock);
  }

  /** Who writes as a clientID. */
  authorOf(client: number): Author | undefined {
    return this.#tracks.get(client)?.author;
  }

  /** Where each clientID stands after all messages. */
  heads(): ReadonlyMap<number, number> {
    return new Map([...this.#tracks].map(([client, track]) => [client, track.clocks.at(-1) ?? 0]));
  }

  save(): readonly SavedTrack[] {
    return [...this.#tracks].map(([client, track]) => ({ client, ...track }));
  }

  static restore(saved: readonly SavedTrack[]): Clocks {
    const clocks = new Clocks();
    for (const { client, author, seqs, clocks: at } of saved) {
      clocks.#tracks.set(client, { author, seqs: [...seqs], clocks: [...at] });
    }
    return clocks;
  }
}

/** Index of the first number that is not below `bound`, in an ascending list. */
export function firstAtOrAfter(ascending: readonly number[], bound: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
