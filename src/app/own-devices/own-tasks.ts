// What own devices still owe each other: kept in rows, so that it goes on after a restart.

import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import { chainKey, type HeldChain } from '#core/sync/held.ts';
import { countOf, subtractSpans } from '#core/sync/spans.ts';
import type { Disk } from '../disk.ts';
import type { Replica } from '../space/replica.ts';
import { dropTask, putTask, type OwnTask } from './own-rows.ts';

interface OwnTasksPorts {
  readonly disk: Disk;
  readonly replica: (space: SpaceId) => Replica | undefined;
}

export class OwnTasks {
  readonly #ports: OwnTasksPorts;
  readonly #tasks = new Map<string, OwnTask>();

  constructor(ports: OwnTasksPorts) {
    this.#ports = ports;
  }

  all(): readonly OwnTask[] {
    return [...this.#tasks.values()];
  }

  load(tasks: readonly OwnTask[]): void {
    for (const task of tasks) this.#keep(task);
  }

  put(task: OwnTask): void {
    putTask(this.#ports.disk, task);
    this.#keep(task);
  }

  drop(task: OwnTask): void {
    this.#tasks.delete(nameOf(task));
    dropTask(this.#ports.disk, task);
    if (task.is === 'promise') this.#ports.replica(task.space)?.promises.delete(task.device);
  }

  #keep(task: OwnTask): void {
    this.#tasks.set(nameOf(task), task);
    if (task.is !== 'promise') return;
    const spans = new Map(task.chains.map((held) => [chainKey(held.chain), held.spans]));
    this.#ports.replica(task.space)?.promises.set(task.device, spans);
  }
}

/** How much of a promised past has not arrived: here, or at the device it was promised to. */
export function missing(task: Exclude<OwnTask, { is: 'todo' }>, replica: Replica): number {
  return task.is === 'wait' ? missingHere(replica, task.chains) : missingThere(replica, task);
}

function nameOf(task: OwnTask): string {
  if (task.is === 'wait') return `wait ${task.space}`;
  return task.is === 'todo' ? `todo ${task.to} ${task.space}` : `promise ${task.device} ${task.space}`;
}

function missingHere(replica: Replica, chains: readonly HeldChain[]): number {
  if (replica.me?.isLive !== true) return 1;
  return chains.reduce((sum, { chain, spans }) => sum + countOf(subtractSpans(spans, replica.spans(chain))), 0);
}

function missingThere(
  replica: Replica,
  { device, chains }: { readonly device: DeviceId; readonly chains: readonly HeldChain[] },
): number {
  if (replica.view?.devices.get(device)?.isLive !== true) return 0;
  const spans = (chain: HeldChain['chain']) => replica.peers.confirmedSpans(device, chainKey(chain));
  return chains.reduce((sum, held) => sum + countOf(subtractSpans(held.spans, spans(held.chain))), 0);
}
