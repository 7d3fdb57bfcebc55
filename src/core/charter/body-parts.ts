// What bodies of several op types share: ids, frontiers, recovery keys (charter/SPEC.md §3).

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { Encodable } from '../wire/cbor.ts';
import { bytesOf, textField, tuple, uintOf, type Fields } from '../wire/fields.ts';
import type { DeviceId, Incarnation, MessageId, Scope } from './ids.ts';

/** How one type's body is read and spelled. */
export interface BodyFormat<B> {
  read(map: Fields): B;
  spell(body: B): Encodable;
}

/** How far a chain of somebody who was ended stands: up to this message and with this id. */
export interface Cut {
  readonly scope: Scope;
  readonly incarnation: Incarnation;
  readonly seq: number;
  readonly head: MessageId;
}

/** A cut of a chain of a device among several. */
export interface DeviceCut extends Cut {
  readonly device: DeviceId;
}

/** Chains a frontier names. */
export const MAX_FRONTIER = 256;
export const MAX_SCOPE_BYTES = 64;

export function readFrontier(map: Fields): readonly Cut[] {
  return map.list('frontier', MAX_FRONTIER).map((item) => {
    const [scope, incarnation, seq, head] = tuple(item, 'cut', 4);
    return cutOf([scope, incarnation, seq, head]);
  });
}

/** A frontier over chains of several devices: of a person, or of a group. */
export function readDeviceFrontier(map: Fields): readonly DeviceCut[] {
  return map.list('frontier', MAX_FRONTIER).map((item) => {
    const [device, ...cut] = tuple(item, 'cut', 5);
    return { device: hex.encode(bytesOf(device, 'cut', 32)) as DeviceId, ...cutOf(cut) };
  });
}

function cutOf([scope, incarnation, seq, head]: readonly unknown[]): Cut {
  return {
    scope: textField(scope, 'cut', MAX_SCOPE_BYTES) as Scope,
    incarnation: hex.encode(bytesOf(incarnation, 'cut', 8)) as Incarnation,
    seq: uintOf(seq, 'cut'),
    head: hex.encode(bytesOf(head, 'cut', 32)) as MessageId,
  };
}

export function spellFrontier(frontier: readonly Cut[]): Encodable {
  return frontier.map((cut) => [cut.scope, raw(cut.incarnation), cut.seq, raw(cut.head)]);
}

export function spellDeviceFrontier(frontier: readonly DeviceCut[]): Encodable {
  return frontier.map((cut) => [raw(cut.device), cut.scope, raw(cut.incarnation), cut.seq, raw(cut.head)]);
}

export function readRecovery(map: Fields): DeviceId | undefined {
  return map.has('recovery') ? map.id<DeviceId>('recovery', 32) : undefined;
}

export function spellRecovery(recovery: DeviceId | undefined): { readonly recovery?: Bytes } {
  return recovery === undefined ? {} : { recovery: raw(recovery) };
}

/** The bytes of an id. Ids in memory are always lower-case hex, so this cannot fail for one of ours. */
export function raw(id: string): Bytes {
  const bytes = hex.decode(id);
  if (bytes === undefined) throw new Error('not an id');
  return bytes;
}
