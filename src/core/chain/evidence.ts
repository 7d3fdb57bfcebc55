// Evidence that a device contradicted itself, as bodies of ops (chain/SPEC.md §7).

import type { Charter } from '../charter/charter.ts';
import { accusedIn, forkedOps } from '../charter/forked-ops.ts';
import { encodeHeader } from '../charter/header.ts';
import type { DeviceId } from '../charter/ids.ts';
import { MAX_FRONTIER, type Cut, type DeviceCut } from '../charter/body-parts.ts';
import { MAX_PROOF_HEADERS, type Equivocation, type HeaderProof } from '../charter/evidence-body.ts';
import { viewOf } from '../charter/view.ts';
import type { ChainSet } from './chain-set.ts';
import type { Chain, Link } from './link.ts';

/**
 * What to state of devices that signed two ops or two messages with one number and of which nobody said so yet.
 * Any other device of the space may write it; one such op is enough for everybody.
 */
export function accusations(sets: Iterable<ChainSet>, charter: Charter): readonly Equivocation[] {
  const held = [...sets];
  const accused = new Map<DeviceId, Equivocation>();
  for (const body of forkedOps(charter)) {
    accused.set(body.device, { ...body, frontier: undisputed(held, body.device) });
  }
  for (const chain of held.flatMap((chains) => [...chains.chains()])) {
    const facts = viewOf(charter)?.devices.get(chain.device);
    if (chain.forks.length === 0 || facts === undefined || facts.isFrozen || accused.has(chain.device)) continue;
    if (accusedIn(charter).has(chain.device)) continue;
    const proofs = forkIn(chain);
    if (proofs === undefined) continue;
    const { device, binding } = facts;
    const frontier = undisputed(held, device);
    accused.set(device, { type: 'equivocation', evidence: 'headers', device, binding, frontier, ...proofs });
  }
  return [...accused.values()];
}

/** Two messages with one number, each with its proof; `undefined` where signatures are missing or too far away. */
function forkIn(chain: Chain): { readonly first: HeaderProof; readonly second: HeaderProof } | undefined {
  for (const branch of chain.forks) {
    const first = proofOf(chain.links.get(branch.header.seq)!);
    const second = proofOf(branch);
    if (first !== undefined && second !== undefined) return { first, second };
  }
  return undefined;
}

/** A message is proved by the first signature on it or on what rests on it. */
function proofOf(statement: Link): HeaderProof | undefined {
  const headers: HeaderProof['headers'][number][] = [];
  for (let at: Link | undefined = statement; at !== undefined && headers.length < MAX_PROOF_HEADERS; at = nextOf(at)) {
    headers.push(encodeHeader(at.header));
    if (at.signature !== undefined) return { headers, signature: at.signature };
  }
  return undefined;
}

function nextOf({ id, chain, header }: Link): Link | undefined {
  const next = chain.links.get(header.seq + 1);
  return next?.header.own === id ? next : chain.forks.find((branch) => branch.header.own === id);
}

/** How far each chain of a device is settled and free of contradiction; the newest ones, if there are very many. */
function undisputed(sets: readonly ChainSet[], device: DeviceId): readonly Cut[] {
  return frontierOf(sets, (chain) => chain.device === device).map(({ scope, incarnation, seq, head }) => {
    return { scope, incarnation, seq, head };
  });
}

/**
 * How far chains of devices that are to be ended, or to lose a role, stand: as far as this device knows them. `sets`:
 * of the scopes that are lost, as far as its author holds them.
 */
export function frontierOf(sets: Iterable<ChainSet>, isMeant: (chain: Chain) => boolean): readonly DeviceCut[] {
  const ends: Reached[] = [];
  for (const chains of sets) {
    for (const chain of chains.chains()) {
      if (!isMeant(chain)) continue;
      const end = Math.min(chain.settled, ...chain.forks.map(({ header }) => header.seq));
      const head = chain.links.get(end - 1);
      if (head === undefined) continue;
      const { device, incarnation } = chain;
      const { seq, lamport } = head.header;
      ends.push({ cut: { device, scope: chains.scope, incarnation, seq, head: head.id }, lamport });
    }
  }
  return newest(ends);
}

/**
 * All that this device has seen, by its newest messages: what lies in their past was seen. For rights that may be used in
 * scopes which nobody loses.
 */
export function seenIn(sets: Iterable<ChainSet>): readonly DeviceCut[] {
  const heads = [...sets].flatMap((chains) => chains.tops().map((link) => ({ scope: chains.scope, link })));
  const ends = heads.map(({ scope, link: { id, chain, header } }) => {
    const { device, incarnation } = chain;
    return { cut: { device, scope, incarnation, seq: header.seq, head: id }, lamport: header.lamport };
  });
  return newest(ends);
}

interface Reached {
  readonly cut: DeviceCut;
  readonly lamport: number;
}

function newest(ends: readonly Reached[]): readonly DeviceCut[] {
  return [...ends]
    .sort((a, b) => b.lamport - a.lamport)
    .slice(0, MAX_FRONTIER)
    .map(({ cut }) => cut);
}
