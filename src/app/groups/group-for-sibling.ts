// What a further device of one's own is told of a group besides the space itself: what one was told on coming in, how far
// one has read, and what the first messages rest on.

import { hex, utf8, type Bytes } from '#core/bytes/bytes.ts';
import { comparePlaces, type Place } from '#core/chain/place.ts';
import type { MessageId, Scope } from '#core/charter/ids.ts';
import type { ChannelId } from '#core/chat/channel.ts';
import { MAX_FACTS_BYTES } from '#core/identity/own-message.ts';
import type { Rows } from '#core/ports.ts';
import { scopesOf } from '#core/keys/readers.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { bytesOf, fields, listOf, textField, tuple, uintOf } from '#core/wire/fields.ts';
import type { GroupHome } from '../own-devices/own-devices-ports.ts';
import type { GroupSpace } from './group-space.ts';
import { decodeGroupRow, decodeReadMark, encodeGroupRow, encodeReadMark, type GroupRow } from './group-rows.ts';
import { withoutElsewhere, type ReadMark } from '../talk/read-mark.ts';
import { storedAnchors } from '../space/anchors.ts';
import { saidFor } from '../space/for-newcomers.ts';
import type { Replica } from '../space/replica.ts';

const MAX_BYTES = 1_000_000;
const MAX_CHANNELS = 10_000;
/** Lists and the names of fields; their lengths are counted apart. */
const AROUND = 100;
/** What is around a name or a scope: an id, and the lengths of all three. */
const TOLD_BYTES = 45;
const READ_BYTES = 80;
const ANCHOR_BYTES = 48;
/** Names that find no room come with what people said, marks by themselves; what the first words rest on has only this. */
const READS_ROOM = 3_000;
const ANCHORS_ROOM = 4_000;

export interface GroupForSibling {
  readonly row: GroupRow;
  readonly reads: ReadonlyMap<ChannelId, ReadMark>;
  readonly anchors: readonly Anchor[];
}

type Anchor = Place & { readonly scope: Scope };

/** A group one is in, as further devices of one's own get it. */
export function homeOfGroup(group: GroupSpace, rows: Rows): GroupHome {
  const { space, replica, reading } = group;
  return {
    space,
    replica,
    spelled: () => spellGroup(rows, group),
    shown: (to) => saidFor(replica, to, scopesOf(replica.view!, replica.identity.device)).runs,
    read: () => reading.besides(new Set(marksTold(group).map(([channel]) => channel))),
    readElsewhere: (...told) => reading.takeElsewhere(...told),
    allCame: () => reading.allCame(replica.arrivals),
  };
}

async function spellGroup(rows: Rows, group: GroupSpace): Promise<Bytes> {
  const anchors = firstRests(group.replica, await storedAnchors(rows, group.space));
  const spelled = (row: GroupRow): Bytes =>
    encode({
      row: encodeGroupRow(row),
      reads: marksTold(group).map(([channel, mark]) => [hex.decode(channel)!, encodeReadMark(withoutElsewhere(mark))]),
      anchors: anchors.map(({ scope, id, lamport }) => [scope, hex.decode(id)!, lamport]),
    });
  const { length } = spelled({ ...group.row, names: [], channels: [] });
  return spelled(toldRow(group, MAX_FACTS_BYTES - length - AROUND));
}

/** What a new device says first stands after these: of each scope the newest, then the next ones while there is room. */
function firstRests(replica: Replica, stored: readonly Anchor[]): readonly Anchor[] {
  const byScope = new Map<Scope, Map<MessageId, Anchor>>();
  const note = (anchor: Anchor): void => {
    byScope.set(anchor.scope, (byScope.get(anchor.scope) ?? new Map<MessageId, Anchor>()).set(anchor.id, anchor));
  };
  // What was said on coming in may be the newest still.
  stored.forEach(note);
  for (const chains of replica.chainSets()) for (const place of chains.heads()) note({ ...place, scope: chains.scope });
  const ranked = [...byScope.values()].flatMap((anchors) =>
    [...anchors.values()].sort((a, b) => comparePlaces(b, a)).map((anchor, rank) => ({ anchor, rank })),
  );
  const room = roomOf(ANCHORS_ROOM);
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .filter(({ anchor }) => room(ANCHOR_BYTES + anchor.scope.length))
    .map(({ anchor }) => anchor);
}

/** The marks of channels that go along with the space. */
function marksTold({ reading }: GroupSpace): readonly (readonly [ChannelId, ReadMark])[] {
  const room = roomOf(READS_ROOM);
  return [...reading.ofChannels()].filter(() => room(READ_BYTES));
}

/** What people and channels are called is known before any of their words came. */
function toldRow(group: GroupSpace, bytes: number): GroupRow {
  const { names } = group.told();
  const room = roomOf(bytes);
  const fits = (name: string, scope = ''): boolean => room(utf8(name).length + scope.length + TOLD_BYTES);
  return {
    ...group.row,
    channels: group.namedChannels().filter(({ name, scope }) => fits(name, scope)),
    names: names.filter(({ name }) => fits(name)),
  };
}

/** Says of one thing after the other whether it has room left. */
function roomOf(bytes: number): (taken: number) => boolean {
  let room = bytes;
  return (taken) => (room -= taken) >= 0;
}

/** Throws `WireError`. */
export function readGroup(bytes: Bytes): GroupForSibling {
  const read = fields(decode(bytes, 'group row', MAX_BYTES), 'group row');
  const group = {
    row: decodeGroupRow(read.bytes('row', { max: MAX_BYTES })),
    reads: new Map(
      listOf(read.value('reads'), 'group row', MAX_CHANNELS).map((item) => {
        const [channel, mark] = tuple(item, 'group row', 2);
        const seen = decodeReadMark(bytesOf(mark, 'group row', { max: 200 }));
        // Read there is read here, in whichever order it arrives.
        const everything = { ...seen, arrivals: Number.MAX_SAFE_INTEGER };
        return [hex.encode(bytesOf(channel, 'group row', 16)) as ChannelId, everything] as const;
      }),
    ),
    anchors: listOf(read.value('anchors'), 'group row', MAX_CHANNELS).map((item) => {
      const [scope, id, lamport] = tuple(item, 'group row', 3);
      return {
        scope: textField(scope, 'group row', 64) as Scope,
        id: hex.encode(bytesOf(id, 'group row', 32)) as MessageId,
        lamport: uintOf(lamport, 'group row'),
      };
    }),
  };
  read.end();
  return group;
}
