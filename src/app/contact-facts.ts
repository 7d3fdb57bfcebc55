// What a person set or was told about a contact, beside the space itself: one row each.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import type { MessageId, SpaceId } from '#core/charter/ids.ts';
import type { Millis, NetworkPolicy } from '#core/ports.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { fields, tuple, bytesOf, uintOf } from '#core/wire/fields.ts';
import type { Disk } from './disk.ts';

/** Everything at or before this place that had arrived by then was seen by the person. */
export interface ReadMark {
  readonly lamport: number;
  readonly id: MessageId;
  readonly arrivals: number;
}

export interface ContactFacts {
  readonly myName: string;
  /** As they gave it, already safe to show. */
  readonly theirName: string;
  readonly nickname: string | undefined;
  readonly confirmed: boolean;
  readonly blocked: boolean;
  readonly policy: NetworkPolicy;
  readonly madeAt: Millis;
  readonly read: ReadMark | undefined;
}

export const CONTACT_COLLECTION = 'contact';

export function putFacts(disk: Disk, space: SpaceId, facts: ContactFacts): void {
  disk.put(CONTACT_COLLECTION, space, encodeFacts(facts));
}

export function encodeFacts(facts: ContactFacts): Bytes {
  const { read } = facts;
  return encode({
    myName: facts.myName,
    theirName: facts.theirName,
    nickname: facts.nickname ?? null,
    confirmed: facts.confirmed,
    blocked: facts.blocked,
    policy: facts.policy,
    madeAt: facts.madeAt,
    read: read === undefined ? null : [read.lamport, hex.decode(read.id)!, read.arrivals],
  });
}

/** Throws `WireError`. */
export function decodeFacts(bytes: Uint8Array): ContactFacts {
  const row = fields(decode(bytes, 'contact row', 10_000), 'contact row');
  const nickname = row.value('nickname') === null ? undefined : row.text('nickname', 1_000);
  const facts: ContactFacts = {
    myName: row.text('myName', 1_000),
    theirName: row.text('theirName', 1_000),
    nickname,
    confirmed: row.bool('confirmed'),
    blocked: row.bool('blocked'),
    policy: row.oneOf('policy', ['direct', 'relays']),
    madeAt: row.uint('madeAt') as Millis,
    read: readMark(row.value('read')),
  };
  row.end();
  return facts;
}

function readMark(value: unknown): ReadMark | undefined {
  if (value === null) return undefined;
  const [lamport, id, arrivals] = tuple(value, 'contact row', 3);
  return {
    lamport: uintOf(lamport, 'contact row'),
    id: hex.encode(bytesOf(id, 'contact row', 32)) as MessageId,
    arrivals: uintOf(arrivals, 'contact row'),
  };
}
