// What this device keeps about the person's other devices, one row each; none of it is in a backup.

import { hex, utf8, type Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import type { SealingKey, Seed } from '#core/crypto/suite.ts';
import { decodeDeviceOffer, encodeDeviceOffer, type DeviceCode } from '#core/identity/device-code.ts';
import { decodeDeviceRequest, encodeDeviceRequest, type DeviceRequest } from '#core/identity/device-request.ts';
import { decodeOwnMessage, encodeOwnMessage, type OwnRead } from '#core/identity/own-message.ts';
import type { Millis, Rows } from '#core/ports.ts';
import { readChain, spellChain, type HeldChain } from '#core/sync/held.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { bytesOf, fields, listOf } from '#core/wire/fields.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { Disk } from '../disk.ts';
import { encodeSibling, OWN_COLLECTION, type Sibling } from './sibling-rows.ts';

const MAX_CHAINS = 20_000;
const SEAL_ROW = 'seal';
const JOIN_ROW = 'join';
const READS_ROW = 'reads';
const MAX_READ_BYTES = 10_000_000;

/** A space that a sibling is to get (`todo`), or the past it is to get of one (`promise`), or that we wait for (`wait`). */
export type OwnTask =
  | { readonly is: 'todo'; readonly to: DeviceId; readonly space: SpaceId }
  | {
      readonly is: 'promise';
      readonly device: DeviceId;
      readonly space: SpaceId;
      readonly chains: readonly HeldChain[];
    }
  | { readonly is: 'wait'; readonly space: SpaceId; readonly chains: readonly HeldChain[] };

/** A request this device made and that was not answered yet. */
export interface JoinRow {
  readonly code: DeviceCode;
  readonly request: DeviceRequest;
  readonly blob: Bytes;
  readonly isLeft: boolean;
}

export interface OwnRows {
  readonly siblings: readonly Sibling[];
  readonly tasks: readonly OwnTask[];
  /** By which device the one a backup was made on stands in each space. */
  readonly places: readonly { readonly of: DeviceId; readonly space: SpaceId; readonly device: DeviceId }[];
  readonly seal: Seed | undefined;
  readonly join: JoinRow | undefined;
  /** What was read here and not told yet. */
  readonly reads: readonly OwnRead[];
}

/** Damaged rows are left out: what they stood for is asked for or made again. */
export async function loadOwnRows(rows: Rows): Promise<OwnRows> {
  const siblings: Sibling[] = [];
  const tasks: OwnTask[] = [];
  const places: OwnRows['places'][number][] = [];
  let seal: Seed | undefined;
  let join: JoinRow | undefined;
  let reads: readonly OwnRead[] = [];
  for (const { id, value } of await rows.list(OWN_COLLECTION)) {
    try {
      if (id === SEAL_ROW) seal = bytesOf(value, 'own row', 32) as Seed;
      else if (id === JOIN_ROW) join = decodeJoin(value);
      else if (id === READS_ROW) reads = decodeReads(value);
      else if (id.startsWith('device:')) siblings.push(decodeSibling(id.slice(7) as DeviceId, value));
      else if (id.startsWith('place:')) places.push(decodePlace(id.slice(6), value));
      else tasks.push(decodeTask(id, value));
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
    }
  }
  return { siblings, tasks, places, seal, join, reads };
}

export function putSeal(disk: Disk, seed: Seed): void {
  disk.put(OWN_COLLECTION, SEAL_ROW, seed);
}

export function putSibling(disk: Disk, sibling: Sibling): void {
  disk.put(OWN_COLLECTION, `device:${sibling.device}`, encodeSibling(sibling));
}

function decodePlace(name: string, value: Bytes): OwnRows['places'][number] {
  const [of, space] = name.split('|') as [DeviceId, SpaceId];
  return { of, space, device: hex.encode(bytesOf(value, 'own row', 32)) as DeviceId };
}

function decodeSibling(device: DeviceId, value: Bytes): Sibling {
  const row = fields(decode(value, 'own row', 10_000), 'own row');
  const seal = row.value('seal');
  const seen = row.value('lastSeen');
  const sibling = {
    device,
    name: row.text('name', 1_000),
    sealingKey: seal === null ? undefined : (bytesOf(seal, 'own row', { max: 2_000 }) as SealingKey),
    addedAt: row.uint('addedAt') as Millis,
    lastSeen: seen === null ? undefined : (row.uint('lastSeen') as Millis),
    isKnown: row.bool('known'),
  };
  row.end();
  return sibling;
}

export function putTask(disk: Disk, task: OwnTask): void {
  const value = task.is === 'todo' ? utf8('') : encode(task.chains.map(spellChain));
  disk.put(OWN_COLLECTION, taskName(task), value);
}

export function dropTask(disk: Disk, task: OwnTask): void {
  disk.put(OWN_COLLECTION, taskName(task), null);
}

function taskName(task: OwnTask): string {
  if (task.is === 'wait') return `wait:${task.space}`;
  return task.is === 'todo' ? `todo:${task.to}|${task.space}` : `promise:${task.device}|${task.space}`;
}

function decodeTask(id: string, value: Bytes): OwnTask {
  const [is, name] = id.split(':') as [string, string | undefined];
  const [first, second] = (name ?? '').split('|') as [string, string | undefined];
  if (is === 'todo') return { is, to: first as DeviceId, space: second as SpaceId };
  const chains = listOf(decode(value, 'own row', 2_000_000), 'own row', MAX_CHAINS).map(readChain);
  if (is === 'wait') return { is, space: first as SpaceId, chains };
  if (is === 'promise') return { is, device: first as DeviceId, space: second as SpaceId, chains };
  throw new WireError('unknown-kind', 'own row');
}

/** As they will be told, some at a time. */
export function putReads(disk: Disk, batches: readonly (readonly OwnRead[])[]): void {
  const spelled = (): Bytes => encode(batches.map((reads) => encodeOwnMessage({ is: 'read', to: undefined, reads })));
  disk.put(OWN_COLLECTION, READS_ROW, batches.length === 0 ? null : spelled);
}

function decodeReads(value: Bytes): readonly OwnRead[] {
  return listOf(decode(value, 'own row', MAX_READ_BYTES), 'own row', MAX_CHAINS).flatMap((batch) => {
    const message = decodeOwnMessage(bytesOf(batch, 'own row', { max: MAX_READ_BYTES }));
    return message.is === 'read' ? message.reads : [];
  });
}

export function putJoin(disk: Disk, join: JoinRow | undefined): void {
  const value =
    join === undefined
      ? null
      : encode([encodeDeviceOffer(join.code), encodeDeviceRequest(join.request), join.blob, join.isLeft]);
  disk.put(OWN_COLLECTION, JOIN_ROW, value);
}

function decodeJoin(value: Bytes): JoinRow {
  const [code, request, blob, isLeft] = listOf(decode(value, 'own row', 20_000), 'own row', 4);
  return {
    code: decodeDeviceOffer(bytesOf(code, 'own row', { max: 5_000 })),
    request: decodeDeviceRequest(bytesOf(request, 'own row', { max: 10_000 })),
    blob: bytesOf(blob, 'own row', { max: 20_000 }),
    isLeft: isLeft === true,
  };
}

interface RowName {
  readonly collection: string;
  readonly id: string;
}

/** The rows by which a space is known: without them nobody reads what else is of it. */
export function namesOfSpace(space: SpaceId): readonly RowName[] {
  return [
    { collection: 'space', id: space },
    { collection: 'incarnation', id: space },
  ];
}

/** All others of a space, to be removed: one that was never used. */
export async function rowsOfSpace(rows: Rows, space: SpaceId): Promise<readonly RowName[]> {
  const parts = ['op', 'record', 'pending', 'parked', 'wrap', 'peer', 'moving', 'key', 'ratchet', 'log'];
  const lists = await Promise.all(
    parts.map(async (part) => {
      const collection = `${part}:${space}`;
      return (await rows.list(collection)).map(({ id }) => ({ collection, id }));
    }),
  );
  return lists.flat();
}
