// The kinds of fault a world knows, and how often each struck.

export const FAULT_KINDS = [
  'loss',
  'duplication',
  'reordering',
  'delay',
  'corruption',
  'one-way cut',
  'partition',
  'relay crash with disk',
  'relay crash without disk',
  'relays disagreeing',
  'relay holding back',
  'relay replaying',
  'app crash mid-write',
  'torn write',
  'clock jump',
  'hostile contact',
  'disk full',
  'removed while offline',
  'device ended while offline',
  'hostile member',
  'rarely online',
  'old app',
  'false neighbour',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** Kinds that only towns know, and only some of them. */
const OF_TOWNS: ReadonlySet<FaultKind> = new Set([
  'removed while offline',
  'device ended while offline',
  'hostile member',
  'old app',
]);
/** Some kinds need a city: one town in a hundred is one, with many who are hardly ever there. */
const CITY_EVERY = 100;
/** And some another group next door: far more than one town in so many. */
const NEIGHBOURS_IN = 10;
/** Shorter runs need not show every kind. */
const LONG = 100;

/** How often a kind must have struck in a run, so that a clean run says something. */
export function floorOf(kind: FaultKind, { pairWorlds, towns }: { pairWorlds: number; towns: number }): number {
  if (pairWorlds + towns < LONG) return 0;
  if (kind === 'rarely online') return Math.floor(towns / CITY_EVERY);
  if (OF_TOWNS.has(kind)) return Math.ceil(towns / 10);
  if (kind === 'false neighbour') return Math.floor(towns / NEIGHBOURS_IN);
  if (kind === 'relay holding back' || kind === 'relay replaying') return Math.ceil((pairWorlds + towns) / 4);
  return kind === 'hostile contact' ? pairWorlds : pairWorlds + towns;
}

export class Faults {
  readonly #counts = new Map<FaultKind, number>(FAULT_KINDS.map((kind) => [kind, 0]));

  strike(kind: FaultKind): void {
    this.#counts.set(kind, this.#counts.get(kind)! + 1);
  }

  counts(): Record<FaultKind, number> {
    return Object.fromEntries(this.#counts) as Record<FaultKind, number>;
  }
}
