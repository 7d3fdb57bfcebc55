// Where a space meets while it moves: nobody is lost, and no order takes a group apart.

import { describe, expect, test } from 'vitest';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import type { RelayAddress } from '#core/ports.ts';
import { Disk } from '../disk.ts';
import { EventQueue } from '../event-queue.ts';
import { MemoryRows } from '#tests/suites/group-replicas.ts';
import { handClock } from '#tests/suites/seeded.ts';
import { Moving } from './moving.ts';

const SPACE = 'aa'.repeat(32) as SpaceId;
const [OAK, ELM, ASH, FAR] = ['wss://oak', 'wss://elm', 'wss://ash', 'wss://far'] as RelayAddress[] as [
  RelayAddress,
  RelayAddress,
  RelayAddress,
  RelayAddress,
];
const [BOB, CAROL] = ['bb', 'cc'].map((byte) => byte.repeat(32)) as [DeviceId, DeviceId];
const all = [BOB, CAROL];
const began = [OAK];

describe('a space that moves to other relay nodes', () => {
  test('meets where it began as long as it never moved', () => {
    expect(new Moving(SPACE).relays(began, [])).toEqual([OAK]);
    expect(new Moving(SPACE).relays(began, [OAK])).toEqual([OAK]);
  });

  test('meets at the old ones too until everybody was heard at the new', () => {
    const moving = new Moving(SPACE);
    const now = [ELM];
    expect(moving.relays(began, now)).toEqual([OAK, ELM]);
    moving.heardAt(OAK, BOB, { began, now, all });
    moving.heardAt(ELM, BOB, { began, now, all });
    expect(moving.relays(began, now)).toEqual([OAK, ELM]);
    moving.heardAt(ELM, CAROL, { began, now, all });
    expect(moving.relays(began, now)).toEqual([ELM]);
  });

  test('forgets nothing by orders to meet where nobody is, one after the other', () => {
    const moving = new Moving(SPACE);
    for (let i = 0; i < 100; i++) {
      const now = [`wss://nowhere${i}` as RelayAddress];
      expect(moving.relays(began, now)).toEqual([OAK, ...now]);
    }
  });

  test('keeps those at which somebody was heard when it moves on before all were', () => {
    const moving = new Moving(SPACE);
    moving.heardAt(ELM, BOB, { began, now: [ELM], all });
    expect(moving.relays(began, [ASH])).toEqual([OAK, ELM, ASH]);
    moving.heardAt(ASH, BOB, { began, now: [ASH], all });
    expect(moving.relays(began, [FAR])).toEqual([OAK, ELM, ASH, FAR]);
    for (const device of all) moving.heardAt(FAR, device, { began, now: [FAR], all });
    expect(moving.relays(began, [FAR])).toEqual([FAR]);
  });

  test('goes on where it was after the app was closed', async () => {
    const rows = new MemoryRows();
    const queue = new EventQueue();
    const disk = new Disk({ rows, clock: handClock(), queue, changed: () => undefined });
    const moving = new Moving(SPACE);
    moving.heardAt(ELM, BOB, { began, now: [ELM], all });
    await queue.run(() => moving.put(disk));
    await disk.flush();
    const again = new Moving(SPACE);
    await again.load(rows);
    expect(again.relays(began, [ELM])).toEqual([OAK, ELM]);
    again.heardAt(ELM, CAROL, { began, now: [ELM], all });
    expect(again.relays(began, [ELM])).toEqual([ELM]);
  });
});
