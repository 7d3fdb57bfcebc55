// Which of the messages held here do not stand since a device was ended (chain/SPEC.md §8), kept as the sets grow.

import type { ChainSet } from '#core/chain/chain-set.ts';
import { voidMessages } from '#core/chain/content-standing.ts';
import type { Charter } from '#core/charter/charter.ts';
import type { Header } from '#core/charter/header.ts';
import type { DeviceId, MessageId, PrincipalId } from '#core/charter/ids.ts';
import type { CharterView } from '#core/charter/view.ts';
import type { HeldChain } from '#core/sync/held.ts';
import type { Entry, Log } from './log.ts';

/** What of a space it depends on. */
interface Sets {
  readonly charter: Charter;
  readonly view: CharterView | undefined;
  chainSets(): readonly ChainSet[];
  readonly log: Log;
  readonly pending: ReadonlyMap<MessageId, Entry>;
  readonly held: ReadonlyMap<string, HeldChain>;
}

interface Known {
  readonly voided: ReadonlySet<MessageId>;
  /** What of the charter it depends on. */
  readonly ends: string;
}

export class Standing {
  #known: Known = { voided: new Set(), ends: '' };

  /** Whether a message may be shown. One of an ended device that waits for its past may not: it could still be void. */
  stands(id: MessageId): boolean {
    return !this.#known.voided.has(id);
  }

  get voided(): ReadonlySet<MessageId> {
    return this.#known.voided;
  }

  /**
   * Looks again after the charter changed or after `added` settled or began to wait. True when a message that may have
   * been shown stands no more, or one that was taken back stands again. Costs nothing as long as nobody who wrote was
   * ended.
   */
  refresh(sets: Sets, added: readonly Header[] = []): boolean {
    const before = this.#known;
    const ended = endedWriters(sets);
    if (ended.size === 0 && before.voided.size === 0) return false;
    const ends = endsOf(sets);
    // Messages of live devices can only save what was void.
    const isTouched = before.voided.size > 0 || added.some(({ device }) => ended.has(device));
    if (ends === before.ends && !(added.length > 0 && isTouched)) return false;
    const voided = new Set(sets.chainSets().flatMap((chains) => [...voidMessages(chains, sets.charter)]));
    for (const { message } of sets.pending.values()) if (ended.has(message.header.device)) voided.add(message.id);
    this.#known = { voided, ends };
    const isNewHere = new Set(added);
    const wasShown = (id: MessageId): boolean => {
      const header = (sets.log.get(id) ?? sets.pending.get(id))?.message.header;
      return header !== undefined && !isNewHere.has(header);
    };
    const changed = [...symmetricDifference(voided, before.voided)];
    return changed.some(wasShown);
  }
}

function symmetricDifference(a: ReadonlySet<MessageId>, b: ReadonlySet<MessageId>): MessageId[] {
  return [...[...a].filter((id) => !b.has(id)), ...[...b].filter((id) => !a.has(id))];
}

/** Devices that wrote something and were ended, or lost a role that they wrote in. */
function endedWriters({ view, held }: Sets): ReadonlySet<DeviceId> {
  const ended = new Set<DeviceId>();
  const unroled = membersWithEndedRoles(view);
  for (const { chain } of held.values()) {
    const facts = view?.devices.get(chain.device);
    if (facts === undefined) continue;
    if (facts.ends.length > 0 || unroled.has(facts.principal)) ended.add(chain.device);
  }
  return ended;
}

function membersWithEndedRoles(view: CharterView | undefined): ReadonlySet<PrincipalId> {
  const grants = [...(view?.group?.grants.values() ?? [])];
  return new Set(grants.filter(({ role, ends }) => role !== undefined && ends.length > 0).map(({ on }) => on));
}

/** Who is live and by what the others ended; which roles ended, and what was said of their chains. */
function endsOf({ view, charter }: Sets): string {
  const devices = [...(view?.devices.values() ?? [])];
  const grants = [...(view?.group?.grants.values() ?? [])].filter(
    ({ role, ends }) => role !== undefined && ends.length > 0,
  );
  const frontiers = view?.group === undefined ? [] : [...charter.ops.values()].filter(isFrontier).map(({ id }) => id);
  return [
    ...devices.map(({ device, isLive, ends }) => [device, isLive, ...ends.map(({ op }) => op)].join(' ')),
    ...grants.map(({ id, ends }) => [id, ...ends.map(({ op }) => op)].join(' ')),
    ...frontiers,
  ].join('\n');
}

function isFrontier({
  signed,
}: {
  readonly signed: { readonly op: { readonly body: { readonly type: string } } };
}): boolean {
  return signed.op.body.type === 'frontier';
}
