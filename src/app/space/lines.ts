// Which line counts of each chain that went on twice, where only one can (chain/SPEC.md §7.1); kept as messages settle.

import type { ChainSet } from '#core/chain/chain-set.ts';
import { ForkedPasts } from '#core/chain/forked-pasts.ts';
import type { Chain } from '#core/chain/link.ts';
import type { MainLine } from '#core/chain/main-line.ts';
import type { Message } from '#core/chain/message.ts';
import type { DeviceId, Incarnation, MessageId } from '#core/charter/ids.ts';
import type { Log } from './log.ts';

/** What of a space it depends on. */
interface Sets {
  chainSets(): readonly ChainSet[];
  readonly log: Log;
}

interface Place {
  readonly device: DeviceId;
  readonly incarnation: Incarnation;
}

/** A scope in which somebody said two things in one place. */
interface Known {
  readonly forked: ReadonlyMap<string, Chain>;
  readonly pasts: ForkedPasts;
  /** How many entries of the log it has heard. */
  heard: number;
}

export class Lines {
  readonly #known = new Map<ChainSet, Known>();
  #isLoaded = false;

  /** After `added` settled, or (`isAnew`) others stand than before. True when another line may count of some chain. */
  refresh(
    sets: Sets,
    by: {
      readonly added: readonly Message[];
      readonly stands: (id: MessageId) => boolean;
      readonly isAnew: boolean;
    },
  ): boolean {
    let isOther = false;
    for (const chains of sets.chainSets()) {
      const known = this.#known.get(chains);
      const fresh = this.#freshIn(chains, by.added);
      if (known === undefined && fresh.length === 0) continue;
      const isFromStart = by.isAnew || fresh.length > 0;
      if (isFromStart) this.#begin(chains, [...(known?.forked.values() ?? []), ...fresh]);
      if (hear(chains, this.#known.get(chains)!, { ...by, log: sets.log }) || isFromStart) isOther = true;
    }
    this.#isLoaded = true;
    return isOther;
  }

  /** Whether a message that settled is of such a chain, and not on its line. */
  isBeside(id: MessageId): boolean {
    for (const [chains, { pasts }] of this.#known) {
      const link = chains.link(id);
      const line = link === undefined ? undefined : pasts.line(link.chain);
      if (link !== undefined && line !== undefined) return link.state === 'settled' && !line.has(link);
    }
    return false;
  }

  /** All of them. */
  *beside(): Iterable<MessageId> {
    for (const { pasts } of this.#known.values()) {
      for (const [{ links, forks }, line] of pasts.lines()) {
        for (const link of [...links.values(), ...forks]) {
          if (link.state === 'settled' && !line.has(link)) yield link.id;
        }
      }
    }
  }

  /** Whether any of them lies in the past of a message. */
  restsBeside(of: MessageId): boolean {
    for (const [chains, { pasts }] of this.#known) {
      const link = chains.link(of);
      if (link === undefined) continue;
      for (const [, line] of pasts.lines()) if (line.isBeside(link)) return true;
    }
    return false;
  }

  /** Whether the past of one message holds another one in the place of a second, and not that. */
  sawOther(chains: ChainSet, of: MessageId, second: MessageId): boolean {
    const [link, there] = [chains.link(of), chains.link(second)];
    const line = there === undefined ? undefined : this.#known.get(chains)?.pasts.line(there.chain);
    return link !== undefined && there !== undefined && line?.sawOther(link, there) === true;
  }

  /** How many messages of a chain that count lie in the past of one. */
  reach(chains: ChainSet, of: MessageId, { device, incarnation }: Place): number {
    const line = this.#lineOf(chains, { device, incarnation });
    if (line === undefined) return chains.reach(of, device, incarnation);
    const link = chains.link(of);
    return link?.state === 'settled' ? line.reach(link) : 0;
  }

  /** What counts in a place. */
  at(chains: ChainSet, { device, incarnation, seq }: Place & { readonly seq: number }): MessageId | undefined {
    const line = this.#lineOf(chains, { device, incarnation });
    return line === undefined ? chains.at(device, incarnation, seq) : line.at(seq)?.id;
  }

  #lineOf(chains: ChainSet, place: Place): MainLine | undefined {
    const known = this.#known.get(chains);
    const chain = known?.forked.get(nameOf(place));
    return chain === undefined ? undefined : known?.pasts.line(chain);
  }

  #begin(chains: ChainSet, forked: readonly Chain[]): void {
    const named = new Map(forked.map((chain) => [nameOf(chain), chain]));
    this.#known.set(chains, { forked: named, pasts: new ForkedPasts(forked), heard: 0 });
  }

  /** Chains that went on twice and of which that is new, as far as new messages show it; at first, all. */
  #freshIn(chains: ChainSet, added: readonly Message[]): readonly Chain[] {
    const known = this.#known.get(chains);
    const ofAdded = (): Iterable<Chain> => added.flatMap(({ id }) => chains.link(id)?.chain ?? []);
    const isFresh = (chain: Chain): boolean => chain.forks.length > 0 && known?.pasts.line(chain) === undefined;
    return [...new Set(this.#isLoaded ? ofAdded() : chains.chains())].filter(isFresh);
  }
}

function hear(
  chains: ChainSet,
  known: Known,
  { log, stands }: { readonly log: Log; readonly stands: (id: MessageId) => boolean },
): boolean {
  const { pasts, heard } = known;
  known.heard = log.entries.length;
  // In the log everything comes after its past. What breaks a rule is in it too.
  for (let i = heard; i < known.heard; i++) {
    const { message } = log.entries[i]!;
    const link = chains.link(message.id);
    if (link?.state === 'settled') pasts.take(link, stands(message.id));
  }
  return pasts.settle();
}

function nameOf({ device, incarnation }: Place): string {
  return `${device}/${incarnation}`;
}
