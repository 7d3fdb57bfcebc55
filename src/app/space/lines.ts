// Which line counts of each chain that went on twice, where only one can (chain/SPEC.md §7.1); kept as messages settle.

import type { ChainSet } from '#core/chain/chain-set.ts';
import type { Chain, Link } from '#core/chain/link.ts';
import { MainLine } from '#core/chain/main-line.ts';
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

interface Known {
  readonly chains: ChainSet;
  line: MainLine;
  /** How many entries of the log it has heard. */
  heard: number;
}

export class Lines {
  readonly #known = new Map<Chain, Known>();
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
    const before = this.#known.size;
    for (const chains of sets.chainSets()) this.#notice(chains, by.added);
    this.#isLoaded = true;
    let isOther = this.#known.size > before;
    for (const [chain, known] of this.#known) {
      if (by.isAnew) Object.assign(known, { line: new MainLine(chain), heard: 0 });
      if (hear(known, sets.log, by.stands) || by.isAnew) isOther = true;
    }
    return isOther;
  }

  /** Whether a message that settled is of such a chain, and not on its line. */
  isBeside(id: MessageId): boolean {
    for (const { chains } of this.#known.values()) {
      const link = chains.link(id);
      const line = link === undefined ? undefined : this.#known.get(link.chain)?.line;
      if (link !== undefined && line !== undefined) return link.state === 'settled' && !line.has(link);
    }
    return false;
  }

  /** All of them. */
  *beside(): Iterable<MessageId> {
    for (const [{ links, forks }, { line }] of this.#known) {
      for (const link of [...links.values(), ...forks]) {
        if (link.state === 'settled' && !line.has(link)) yield link.id;
      }
    }
  }

  /** Whether any of them lies in the past of a message. */
  restsBeside(of: MessageId): boolean {
    return [...this.#known.values()].some(({ chains, line }) => {
      const link = chains.link(of);
      return link !== undefined && line.isBeside(link);
    });
  }

  /** Whether the past of one message holds another one in the place of a second, and not that. */
  sawOther(chains: ChainSet, of: MessageId, second: MessageId): boolean {
    const [link, there] = [chains.link(of), chains.link(second)];
    const line = there === undefined ? undefined : this.#known.get(there.chain)?.line;
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

  #lineOf(chains: ChainSet, { device, incarnation }: Place): MainLine | undefined {
    for (const [chain, known] of this.#known) {
      if (chain.device === device && chain.incarnation === incarnation && known.chains === chains) return known.line;
    }
    return undefined;
  }

  /** Chains that went on twice, as far as new messages show it; at first, all. */
  #notice(chains: ChainSet, added: readonly Message[]): void {
    const ofAdded = (): Iterable<Chain> => added.flatMap(({ id }) => chains.link(id)?.chain ?? []);
    for (const chain of this.#isLoaded ? ofAdded() : chains.chains()) {
      const isForked = chain.forks.length > 0 && !this.#known.has(chain);
      if (isForked) this.#known.set(chain, { chains, line: new MainLine(chain), heard: 0 });
    }
  }
}

function hear(known: Known, log: Log, stands: (id: MessageId) => boolean): boolean {
  const { chains, line, heard } = known;
  known.heard = log.entries.length;
  // In the log everything comes after its past. What breaks a rule is in it too.
  for (let i = heard; i < known.heard; i++) {
    const { message } = log.entries[i]!;
    const link: Link | undefined = chains.link(message.id);
    if (link?.state === 'settled') line.take(link, stands(message.id));
  }
  return line.settle();
}
