// Writes what a person decided in a group as ops: nothing without effect, done when it is on disk, with fresh keys where
// somebody may read no more or begins to.

import { refusalOf } from '#core/charter/may.ts';
import { EVERYONE, type OpId, type Scope } from '#core/charter/ids.ts';
import { decodeSignedOp } from '#core/charter/op.ts';
import type { Writable } from '#core/charter/write-op.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import type { Disk } from '../disk.ts';
import type { Engine } from '../traffic/engine.ts';
import type { EventQueue } from '../event-queue.ts';
import { isKnownScope } from './group-answers.ts';
import type { Answer, Refusal } from './group-api.ts';
import type { GroupSpace } from './group-space.ts';
import { writeOwnOp } from '../space/own-ops.ts';
import type { Replica } from '../space/replica.ts';
import { rotate, unsafeScopes } from '../space/rotate.ts';

export interface GroupWriterPorts {
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly engine: Engine;
  readonly space: () => GroupSpace | undefined;
  /** Takes the keys of those who knocked and were let in just now; true when there are some. */
  readonly letIn: (space: GroupSpace) => boolean;
}

/** What is to be written, and what else is due with it. */
export interface Plan {
  readonly bodies: readonly Writable[];
  readonly afterwards?: (op: OpId) => void;
  /** Scopes that get a new key. */
  readonly fresh?: readonly Scope[];
}

export type Planning = (space: GroupSpace) => Plan | undefined | Promise<Plan | undefined>;
export type Done = { readonly op: OpId } | Refusal;

export class GroupWriter {
  readonly #ports: GroupWriterPorts;

  constructor(ports: GroupWriterPorts) {
    this.#ports = ports;
  }

  /** Why nothing can be done in the group now. */
  problem(): Refusal | undefined {
    const standing = this.#ports.space()?.standing;
    if (standing === 'newer-version') return 'newer-version';
    if (standing !== 'in') return 'gone';
    return this.#ports.disk.state === 'well' ? undefined : 'no-room';
  }

  async answer(plan: Planning): Promise<Answer> {
    const done = await this.act(plan);
    return typeof done === 'string' ? done : 'done';
  }

  /** Writes ops that will have an effect, and nothing else; `done` only when they are on disk. */
  async act(plan: Planning): Promise<Done> {
    const { queue, disk } = this.#ports;
    const { done: outcome, saved: saving } = await disk.saving(() => this.#write(plan));
    if (typeof outcome === 'string') return outcome;
    const saved = await saving;
    // What is due after own ops comes before this.
    await queue.run(() => undefined);
    return saved === 'saved' ? outcome : 'no-room';
  }

  async #write(plan: Planning): Promise<Done> {
    const { engine, letIn } = this.#ports;
    const problem = this.problem();
    if (problem !== undefined) return problem;
    const space = this.#ports.space()!;
    const { replica } = space;
    const planned = await plan(space);
    if (planned === undefined) return 'gone';
    let op: OpId | undefined;
    for (const body of planned.bodies) {
      // The second of two may need the first; what is refused is not signed.
      if (refusalOf(replica.charter, replica.identity.device, body) !== undefined)
        return op === undefined ? 'not-allowed' : { op };
      const encoded = await writeOwnOp(replica, body);
      op ??= decodeSignedOp(encoded).id;
      engine.push(replica, { parcel: { ...emptyParcel, ops: [encoded] }, hasOps: true });
    }
    if (op === undefined) return 'gone';
    planned.afterwards?.(op);
    await this.#freshKeys(replica, [...(planned.fresh ?? []), ...(letIn(space) ? [EVERYONE] : [])]);
    replica.save();
    engine.noteDurable(replica);
    space.touch();
    return { op };
  }

  /** Who may read no more must not read what follows; the next message would wait for it otherwise. */
  async #freshKeys(replica: Replica, wanted: readonly Scope[]): Promise<void> {
    if (replica.me?.isLive !== true) return;
    const scopes = new Set([...wanted, ...unsafeScopes(replica).filter(isKnownScope(replica))]);
    if (scopes.size === 0) return;
    this.#ports.engine.push(replica, { parcel: await rotate(replica, [...scopes]), hasOps: true });
  }
}
