// How the benches measure: ours and a peer in turn (A B A B …), medians, one JSON line per metric.

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which the given share of the numbers lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Runs two measurements in turn, so that a slow moment of the machine hits both. */
export async function inTurn<A, B>(
  pairs: number,
  ours: () => Promise<A>,
  peer: () => Promise<B>,
): Promise<{ readonly ours: A[]; readonly peer: B[] }> {
  const results = { ours: [] as A[], peer: [] as B[] };
  for (let i = 0; i < pairs; i++) {
    results.ours.push(await ours());
    results.peer.push(await peer());
  }
  return results;
}

export interface Outcome {
  readonly metric: string;
  readonly ours: number;
  /** `null` where no peer can be packaged; the goal is then absolute. */
  readonly peer: number | null;
  /** Largest ratio allowed, or the largest value where there is no peer. */
  readonly goal: number;
  readonly unit: 'ms' | 'kB' | 'requests' | 'ratio';
}

const round = (value: number) => Math.round(value * 1000) / 1000;

/** Prints one line: {"metric","ours","peer","ratio","goal","ok"} and says whether the goal was reached. */
export function report({ metric, ours, peer, goal, unit }: Outcome): boolean {
  const ratio = peer === null ? null : ours / peer;
  const ok = (ratio ?? ours) <= goal;
  console.log(
    JSON.stringify({
      metric,
      ours: round(ours),
      peer: peer === null ? null : round(peer),
      ratio: ratio === null ? null : round(ratio),
      goal,
      unit,
      ok,
    }),
  );
  return ok;
}

/** Prints both medians and their ratio, held against nothing. */
export function noteRatio(
  note: string,
  times: { readonly ours: readonly number[]; readonly peer: readonly number[] },
): void {
  const [ours, peer] = [median(times.ours), median(times.peer)];
  console.log(JSON.stringify({ note, ours: round(ours), peer: round(peer), ratio: round(ours / peer), unit: 'ms' }));
}

/** Prints the medians of what cannot be left out, their sum, and how many times that ours is. */
export function noteFloor(note: string, floors: readonly object[], ours: number): void {
  const runs = floors as readonly Readonly<Record<string, number>>[];
  const medians = Object.keys(runs[0]!).map((part) => [part, median(runs.map((run) => run[part]!))] as const);
  const sum = medians.reduce((total, [, ms]) => total + ms, 0);
  const parts = Object.fromEntries(medians.map(([part, ms]) => [part, round(ms)]));
  console.log(JSON.stringify({ note, ...parts, sum: round(sum), timesFloor: round(ours / sum) }));
}
