// What a backup holds: the rows of this device, with a spare device in the place of this one in every space. Restoring
// goes on as the spare and never signs with the old device's keys, so an old copy does no harm to anybody.

import { concat, hex, utf8, equal, type Bytes } from '#core/bytes/bytes.ts';
import type { SpaceId } from '#core/charter/ids.ts';
import { refusalOf } from '#core/charter/may.ts';
import { addDeviceBody } from '#core/charter/write-op.ts';
import { hash } from '#core/crypto/hash.ts';
import { encodeSignedRecord, signRecord } from '#core/keys/device-record.ts';
import { newLeaf } from '#core/keys/leaf.ts';
import type { RowWrite, Rows } from '#core/ports.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { bytesOf, textField, tuple } from '#core/wire/fields.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { CARD_COLLECTION, decodeOwnCard, encodeOwnCard } from './people/card-rows.ts';
import { CONTACT_COLLECTION, decodeFacts } from './people/contact-facts.ts';
import { DRAFT_COLLECTION } from './talk/open-talk.ts';
import type { Disk } from './disk.ts';
import type { EventQueue } from './event-queue.ts';
import {
  GROUP_COLLECTION,
  INVITATION_COLLECTION,
  READ_COLLECTION,
  RESTORED_COLLECTION,
} from './groups/group-collections.ts';
import { rowsOfFormer } from './own-devices/sibling-rows.ts';
import { isPaperRow, paperForBackup, RECOVERY_COLLECTION } from './own-devices/recovery.ts';
import type { ImportAnswer, SessionPorts } from './session-ports.ts';
import { freshLeafKey } from './space/author.ts';
import { writeOwnOp } from './space/own-ops.ts';
import { freshDevice } from './space/found.ts';
import { encodeIdentity, SPACE_COLLECTION } from './space/identity-row.ts';
import { decodeEntries } from './space/log-rows.ts';
import { logCollection } from './space/log.ts';
import type { Replica, SpaceContext } from './space/replica.ts';
import { encodeLeafRow, keyCollection, ratchetCollection } from './space/space-keys.ts';

const MAGIC = utf8('understory-state');
const VERSION = 1;
const LENGTH_BYTES = 4;
const MAX_ROW_BYTES = 1_100_000;
/** Rows in one commit of an import: one transaction should not hold all of a large history in memory. */
const ROWS_PER_COMMIT = 500;

/** Collections that are copied whole beside those of the spaces. */
const SHARED_COLLECTIONS = [
  CONTACT_COLLECTION,
  DRAFT_COLLECTION,
  GROUP_COLLECTION,
  INVITATION_COLLECTION,
  READ_COLLECTION,
  'settings',
  'answer',
];
/** A space's own collections, without the keys of this device. */
const SPACE_PARTS = ['op', 'record', 'pending', 'parked', 'wrap', 'peer', 'heard', 'gone', 'anchor', 'seen'];

export interface ExportPorts {
  readonly rows: Rows;
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly context: SpaceContext;
  readonly replicas: () => readonly Replica[];
  /** A space got a device: it is to be told to the others. */
  readonly changed: (replica: Replica) => void;
  /** What the person calls this device: the restored one knows it by that, and can end it. */
  readonly name: string;
}

/** Adds a spare device to every space and returns the state it goes on from. */
export async function exportState(ports: ExportPorts): Promise<Bytes> {
  const spares = await ports.queue.run(async () => {
    const made: RowWrite[] = [];
    for (const replica of ports.replicas()) {
      made.push(...(await addSpare(replica, ports.context)));
      ports.changed(replica);
    }
    return made;
  });
  await ports.disk.flush();
  const rows = [
    ...(await copiedRows(ports)),
    ...spares,
    ...formerRows(ports),
    { collection: RESTORED_COLLECTION, id: 'all', value: utf8('') },
  ];
  const parts: Uint8Array[] = [MAGIC, new Uint8Array([VERSION])];
  for (const { collection, id, value } of rows) {
    if (value === null) continue;
    const row = encode([collection, id, value]);
    parts.push(u32(row.length), row);
  }
  return concat(...parts);
}

function formerRows({ replicas, context, name }: ExportPorts): readonly RowWrite[] {
  const identities = replicas().map(({ identity }) => identity);
  const self = identities.find(({ kind }) => kind === 'self');
  if (self === undefined) return [];
  const places = identities.filter(({ kind }) => kind !== 'self');
  return rowsOfFormer({ device: self.device, name, at: context.clock.now() }, places);
}

/** The rows by which a spare device takes the place of this one; it is in the charter here from now on. */
async function addSpare(replica: Replica, context: SpaceContext): Promise<RowWrite[]> {
  const me = replica.me;
  if (me?.isLive !== true) return [];
  const { space } = replica.identity;
  const spare = await freshDevice(context);
  const body = await addDeviceBody(spare, { space, principal: me.principal }, context.suite);
  // A group may allow no further device: then the backup holds what was said there, and no way back in.
  if (refusalOf(replica.charter, replica.identity.device, body) !== undefined) return [];
  await writeOwnOp(replica, body);
  const leaf = newLeaf(await freshLeafKey(context.suite, context.random));
  const sealingKey = await context.suite.sealingKeyOf(leaf.current.seed, leaf.current.suite);
  const { device, seed, inboxSecret } = spare;
  const record = { space, device, number: leaf.number, sealingKey, inboxSecret };
  const signed = await signRecord(record, seed, context.suite);
  replica.putRecord(signed);
  replica.save();
  const identity = { ...replica.identity, device, seed, inboxSecret };
  const { rendezvous, otherSpoke } = replica.keys;
  return [
    { collection: SPACE_COLLECTION, id: space, value: encodeIdentity(identity) },
    { collection: keyCollection(space), id: 'leaf', value: encodeLeafRow({ leaf, rendezvous, otherSpoke }) },
    { collection: replica.collection('record'), id: device, value: encodeSignedRecord(signed) },
  ];
}

async function copiedRows({ rows, replicas }: ExportPorts): Promise<RowWrite[]> {
  const copied: RowWrite[] = [];
  const copy = async (collection: string, keep: (id: string) => boolean = () => true): Promise<void> => {
    for (const { id, value } of await rows.list(collection)) if (keep(id)) copied.push({ collection, id, value });
  };
  for (const collection of SHARED_COLLECTIONS) await copy(collection);
  for (const { identity } of replicas()) {
    const { space } = identity;
    for (const part of SPACE_PARTS) await copy(`${part}:${space}`);
    await copy(keyCollection(space), (id) => id !== 'leaf');
    await copy(ratchetCollection(space));
    await copy(logCollection(space));
  }
  for (const { id, value } of await rows.list(RECOVERY_COLLECTION)) {
    const row = isPaperRow(id) ? paperForBackup(value) : value;
    if (row !== undefined) copied.push({ collection: RECOVERY_COLLECTION, id, value: row });
  }
  for (const { id, value } of await rows.list(CARD_COLLECTION)) {
    const card = withoutSecrets(value);
    if (card !== undefined) copied.push({ collection: CARD_COLLECTION, id, value: card });
  }
  return copied;
}

/** An open card stays with the old device: two devices that both took its answer would contradict each other. */
function withoutSecrets(value: Bytes): Bytes | undefined {
  try {
    const card = decodeOwnCard(value);
    const state = card.state === 'open' ? 'withdrawn' : card.state;
    return encodeOwnCard({ ...card, state, secrets: undefined });
  } catch (cause) {
    if (cause instanceof WireError) return undefined;
    throw cause;
  }
}

/** Fills empty rows with exported state. */
export async function importFromBackup(state: Bytes, { rows }: Pick<SessionPorts, 'rows'>): Promise<ImportAnswer> {
  const read = readState(state);
  if (typeof read === 'string') return read;
  for (let at = 0; at < read.length; at += ROWS_PER_COMMIT) {
    await rows.commit(read.slice(at, at + ROWS_PER_COMMIT), 'strict');
  }
  return 'imported';
}

/** The rows in exported state. Later rows of one name count: they are the spare's. */
export function readState(state: Uint8Array): readonly RowWrite[] | Exclude<ImportAnswer, 'imported'> {
  if (state.length <= MAGIC.length || !equal(state.subarray(0, MAGIC.length), MAGIC)) return 'not-a-backup';
  if (state[MAGIC.length] !== VERSION) return 'newer-version';
  const writes = new Map<string, RowWrite>();
  const view = new DataView(state.buffer, state.byteOffset, state.byteLength);
  try {
    for (let at = MAGIC.length + 1; at < state.length;) {
      if (at + LENGTH_BYTES > state.length) return 'not-a-backup';
      const length = view.getUint32(at);
      const row = state.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length);
      if (row.length !== length) return 'not-a-backup';
      const [collection, id, value] = tuple(decode(row, 'state row', MAX_ROW_BYTES), 'state row', 3);
      const write = {
        collection: textField(collection, 'state row', 200),
        id: textField(id, 'state row', 1_000),
        value: bytesOf(value, 'state row', { max: MAX_ROW_BYTES }),
      };
      writes.set(`${write.collection}\n${write.id}`, write);
      at += LENGTH_BYTES + length;
    }
  } catch (cause) {
    if (cause instanceof WireError) return 'not-a-backup';
    throw cause;
  }
  return [...writes.values()];
}

/**
 * One hash over what a person would miss: contacts with what was set about them, messages with their bodies, drafts,
 * settings. The same on a device and on what was restored from its backup.
 */
export async function stateHashOf(rows: Rows): Promise<string> {
  const lines: string[] = [];
  for (const row of await rows.list(CONTACT_COLLECTION)) {
    try {
      const { read, ...facts } = decodeFacts(row.value);
      lines.push(`contact ${row.id} ${JSON.stringify(facts)} ${read?.id ?? ''}`);
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
    }
    lines.push(...(await messageLines(rows, row.id as SpaceId)));
  }
  for (const collection of [DRAFT_COLLECTION, 'settings']) {
    for (const row of await rows.list(collection)) lines.push(`${collection} ${row.id} ${hex.encode(row.value)}`);
  }
  return hex.encode(hash('stateHash', utf8(lines.sort().join('\n'))));
}

async function messageLines(rows: Rows, space: SpaceId): Promise<string[]> {
  const lines: string[] = [];
  for (const collection of [logCollection(space), `pending:${space}`]) {
    for (const row of await rows.list(collection)) {
      try {
        for (const { message, open } of decodeEntries(row.value)) {
          // A restored device sends receipts of its own.
          if (message.header.kind === 'receipt') continue;
          lines.push(`message ${space} ${message.id} ${open === undefined ? '' : hex.encode(hash('body', open.body))}`);
        }
      } catch (cause) {
        if (!(cause instanceof WireError)) throw cause;
      }
    }
  }
  return lines;
}

function u32(value: number): Bytes {
  const bytes = new Uint8Array(LENGTH_BYTES);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
