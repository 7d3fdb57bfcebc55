// What a set of voices comes to, by each method (SPEC.md §3). Pure arithmetic over what was counted.

import type { MessageId, PrincipalId } from '../charter/ids.ts';
import type { Method, Option, Stance, Voice } from './decision-body.ts';

export interface Spoken {
  readonly id: MessageId;
  readonly by: PrincipalId;
  readonly voice: Voice;
  readonly note: string;
}

export type Result =
  /** Too few spoke. */
  | { readonly is: 'nothing'; readonly spoke: number; readonly needed: number }
  /** `leading`: all that share the most picks. */
  | { readonly is: 'picked'; readonly tally: readonly number[]; readonly leading: readonly Option[] }
  | { readonly is: 'passed' | 'blocked'; readonly tally: Readonly<Record<Stance, number>> }
  /** `winner` is absent where nobody ranked anything. Each round: how many stand behind each option still in. */
  | { readonly is: 'ranked'; readonly winner: Option | undefined; readonly rounds: readonly Round[] };

export interface Round {
  /** By option; `undefined` for those that dropped out before. */
  readonly tally: readonly (number | undefined)[];
  readonly drops: Option | undefined;
}

export interface Asked {
  readonly method: Method;
  readonly options: readonly string[];
  readonly turnout: number;
}

export function resultOf(asked: Asked, voices: readonly Spoken[]): Result {
  if (voices.length < Math.max(asked.turnout, 1)) {
    return { is: 'nothing', spoke: voices.length, needed: Math.max(asked.turnout, 1) };
  }
  switch (asked.method) {
    case 'poll':
      return pickedOf(asked, voices);
    case 'ranked':
      return rankedOf(asked, voices);
    case 'consent':
    case 'consensus':
      return agreedOf(voices);
  }
}

function pickedOf({ options }: Asked, voices: readonly Spoken[]): Result {
  const tally = options.map((_, option) => voices.filter(({ voice }) => optionsOf(voice).includes(option)).length);
  const most = Math.max(...tally);
  return { is: 'picked', tally, leading: most === 0 ? [] : tally.flatMap((count, i) => (count === most ? [i] : [])) };
}

function agreedOf(voices: readonly Spoken[]): Result {
  const tally = { agree: 0, 'stand-aside': 0, block: 0 };
  for (const { voice } of voices) if (voice.is === 'stance') tally[voice.stance]++;
  // Where everybody stands aside nobody wants it.
  return { is: tally.block === 0 && tally.agree > 0 ? 'passed' : 'blocked', tally };
}

/**
 * Instant run-off. The option that the fewest put first drops out, until one stands with more than half of those who
 * still rank anything. Of equals that one drops which fewer put first in the round before, and so on back; of those still
 * equal the later one in the question.
 */
function rankedOf({ options }: Asked, voices: readonly Spoken[]): Result {
  const left = new Set(options.keys());
  const rounds: Round[] = [];
  for (;;) {
    const tally = options.map((_, option) => (left.has(option) ? 0 : undefined));
    for (const { voice } of voices) {
      const first = optionsOf(voice).find((option) => left.has(option));
      if (first !== undefined) tally[first]!++;
    }
    const total = tally.reduce<number>((sum, count) => sum + (count ?? 0), 0);
    if (total === 0) return { is: 'ranked', winner: undefined, rounds: [...rounds, { tally, drops: undefined }] };
    const winner = tally.findIndex((count) => count !== undefined && 2 * count > total);
    if (winner >= 0 || left.size === 1) {
      return {
        is: 'ranked',
        winner: winner >= 0 ? winner : [...left][0],
        rounds: [...rounds, { tally, drops: undefined }],
      };
    }
    const drops = weakest([...left], [...rounds, { tally, drops: undefined }]);
    rounds.push({ tally, drops });
    left.delete(drops);
  }
}

function weakest(left: readonly Option[], rounds: readonly Round[]): Option {
  let candidates = left;
  for (const { tally } of rounds.toReversed()) {
    const fewest = Math.min(...candidates.map((option) => tally[option]!));
    candidates = candidates.filter((option) => tally[option] === fewest);
  }
  return candidates.at(-1)!;
}

function optionsOf(voice: Voice): readonly Option[] {
  return voice.is === 'stance' ? [] : voice.options;
}
