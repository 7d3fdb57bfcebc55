// What a person set or was told about a contact, beside the space itself: one row each.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { SpaceId } from '#core/charter/ids.ts';
import type { Millis, NetworkPolicy } from '#core/ports.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { fields } from '#core/wire/fields.ts';
import type { Disk } from '../disk.ts';
import { readReadMark, spellReadMark, withoutElsewhere, type ReadMark } from '../talk/read-mark.ts';

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

const MAX_ROW_BYTES = 200_000;

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
    read: read === undefined ? null : spellReadMark(read),
  });
}

/** As another device of the person gets it. */
export function forSibling(facts: ContactFacts): ContactFacts {
  return { ...facts, read: facts.read && withoutElsewhere(facts.read) };
}

/** Throws `WireError`. */
export function decodeFacts(bytes: Uint8Array): ContactFacts {
  const row = fields(decode(bytes, 'contact row', MAX_ROW_BYTES), 'contact row');
  const read = row.value('read');
  const nickname = row.value('nickname') === null ? undefined : row.text('nickname', 1_000);
  const facts: ContactFacts = {
    myName: row.text('myName', 1_000),
    theirName: row.text('theirName', 1_000),
    nickname,
    confirmed: row.bool('confirmed'),
    blocked: row.bool('blocked'),
    policy: row.oneOf('policy', ['direct', 'relays']),
    madeAt: row.uint('madeAt') as Millis,
    read: read === null ? undefined : readReadMark(read, 'contact row'),
  };
  row.end();
  return facts;
}
