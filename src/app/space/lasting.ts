// What of a group's bodies is over or need not come, for as long as the group is open here: its rules let things disappear
// (retention.ts), and documents go to other readers (covered.ts).

import type { Header } from '#core/charter/header.ts';
import { Covered } from './covered.ts';
import type { Entry } from './log.ts';
import type { Lasting, Replica } from './replica.ts';
import { Retention } from './retention.ts';

export class GroupLasting implements Lasting {
  readonly retention: Retention;
  readonly #covered = new Covered();

  constructor(replica: Replica) {
    this.retention = new Retention(replica);
    for (const entry of [...replica.log.entries, ...replica.pending.values()]) this.note(entry);
  }

  isOver(entry: Entry): boolean {
    return this.retention.isOver(entry);
  }

  isCovered(header: Header): boolean {
    return this.#covered.has(header);
  }

  note(entry: Entry): void {
    this.#covered.note(entry);
  }
}
