// What a group begins with on this device: its row, how far its channels were read, drafts. Read from the disk, or new.

import { textOf } from '#core/bytes/bytes.ts';
import type { MessageId, SpaceId } from '#core/charter/ids.ts';
import type { Clock, Row, Rows } from '#core/ports.ts';
import { Salvage } from '../salvage.ts';
import { DRAFT_COLLECTION } from '../talk/open-talk.ts';
import {
  decodeGonePlace,
  decodeGroupRow,
  decodeReadMark,
  goneCollection,
  GROUP_COLLECTION,
  READ_COLLECTION,
  type GonePlace,
  type GroupRow,
  type GroupStart,
} from './group-rows.ts';

export class GroupStarts {
  readonly #salvage = new Salvage();
  readonly #clock: Clock;
  #groups: readonly Row[] = [];
  #reads: readonly Row[] = [];
  #drafts: readonly Row[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Rows that could not be read. */
  get damagedRows(): number {
    return this.#salvage.damaged;
  }

  async load(rows: Rows): Promise<void> {
    [this.#groups, this.#reads, this.#drafts] = await Promise.all([
      rows.list(GROUP_COLLECTION),
      rows.list(READ_COLLECTION),
      rows.list(DRAFT_COLLECTION),
    ]);
  }

  fresh(row: Partial<GroupRow>): GroupStart {
    const empty = { madeAt: this.#clock.now(), myName: '', names: [], channels: [] };
    return { row: { ...empty, ...row }, reads: new Map(), drafts: new Map(), gone: new Map() };
  }

  of(space: SpaceId, gone: GroupStart['gone']): GroupStart {
    const prefix = `${space}/`;
    const ofSpace = (rows: readonly Row[]): readonly Row[] => rows.filter(({ id }) => id.startsWith(prefix));
    const keyOf = ({ id }: Row): string => id.slice(prefix.length);
    const reads = ofSpace(this.#reads).flatMap((row) => {
      const mark = this.#salvage.safely(() => decodeReadMark(row.value));
      return mark === undefined ? [] : [[keyOf(row), mark] as const];
    });
    const drafts = ofSpace(this.#drafts).map((row) => [keyOf(row), textOf(row.value) ?? ''] as const);
    const stored = this.#groups.find(({ id }) => id === space)?.value;
    const row = stored === undefined ? undefined : this.#salvage.safely(() => decodeGroupRow(stored));
    // A lost row takes names with it that only the welcome told; the group itself is whole.
    if (stored === undefined) this.#salvage.damaged++;
    return { ...this.fresh(row ?? {}), reads: new Map(reads), drafts: new Map(drafts), gone };
  }
}

/** In which channels messages were said whose bodies are destroyed. */
export async function goneIn(space: SpaceId, rows: Rows): Promise<GroupStart['gone']> {
  const gone = new Map<MessageId, GonePlace>();
  for (const { id, value } of await rows.list(goneCollection(space))) {
    const place = decodeGonePlace(value);
    if (place !== undefined) gone.set(id as MessageId, place);
  }
  return gone;
}
