// Where in a document each struct stands: how deep, and in what kind of list. Kept beside Yjs, because Yjs forgets the
// place of what was deleted, and a verdict must not depend on what a replica has already forgotten.

import { firstAtOrAfter } from './past.ts';

/** What holds a struct: a root, an XML element or a text. `gone`: its place was already deleted when it was written. */
export type Holder = 'fragment' | 'map' | 'element' | 'text' | 'gone';
const HOLDERS: readonly Holder[] = ['fragment', 'map', 'element', 'text', 'gone'];

export interface Place {
  /** 1 = directly in a root. */
  readonly depth: number;
  readonly holder: Holder;
  /** A value under a key (an attribute, an entry of a map) rather than an item of the list. */
  readonly keyed: boolean;
  /** For shared types: what they hold in turn. */
  readonly opens: 'element' | 'text' | undefined;
}

/** Runs of equal places of one clientID: where each begins, and the place as a number. */
interface Runs {
  readonly starts: number[];
  readonly places: number[];
}

export interface SavedRuns {
  readonly client: number;
  readonly starts: readonly number[];
  readonly places: readonly number[];
}

/** One number per run instead of an object: a long document has some hundred thousand runs. */
function pack(place: Place): number {
  const opens = place.opens === undefined ? 0 : place.opens === 'element' ? 1 : 2;
  return ((place.depth * HOLDERS.length + HOLDERS.indexOf(place.holder)) * 2 + (place.keyed ? 1 : 0)) * 3 + opens;
}

function unpack(packed: number): Place {
  const rest = Math.floor(packed / 3);
  const placed = Math.floor(rest / 2);
  const opens = ([undefined, 'element', 'text'] as const)[packed % 3];
  return {
    depth: Math.floor(placed / HOLDERS.length),
    holder: HOLDERS[placed % HOLDERS.length]!,
    keyed: rest % 2 === 1,
    opens,
  };
}

/** The places of all structs that were admitted. Those of one docUpdate are staged first: it counts whole or not. */
export class Places {
  readonly #runs = new Map<number, Runs>();

  /** Of a struct that was admitted; callers have checked that it is. */
  at(client: number, clock: number): Place | undefined {
    const runs = this.#runs.get(client);
    if (runs === undefined) return undefined;
    const index = firstAtOrAfter(runs.starts, clock + 1) - 1;
    return index < 0 ? undefined : unpack(runs.places[index]!);
  }

  add(client: number, clock: number, place: Place): void {
    let runs = this.#runs.get(client);
    if (runs === undefined) {
      runs = { starts: [], places: [] };
      this.#runs.set(client, runs);
    }
    const packed = pack(place);
    if (runs.places.at(-1) === packed) return;
    runs.starts.push(clock);
    runs.places.push(packed);
  }

  save(): readonly SavedRuns[] {
    return [...this.#runs].map(([client, runs]) => ({ client, ...runs }));
  }

  static restore(saved: readonly SavedRuns[]): Places {
    const places = new Places();
    for (const { client, starts, places: packed } of saved) {
      places.#runs.set(client, { starts: [...starts], places: [...packed] });
    }
    return places;
  }
}
