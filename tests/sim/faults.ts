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
  'hostile member',
  'rarely online',
  'old app',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export class Faults {
  readonly #counts = new Map<FaultKind, number>(FAULT_KINDS.map((kind) => [kind, 0]));

  strike(kind: FaultKind): void {
    this.#counts.set(kind, this.#counts.get(kind)! + 1);
  }

  counts(): Record<FaultKind, number> {
    return Object.fromEntries(this.#counts) as Record<FaultKind, number>;
  }
}
