// What a further device of one's own is told of a group besides the space itself: what one was told on coming in, how far
// one has read, and what the first messages rest on.

import { hex, utf8, type Bytes } from '#core/bytes/bytes.ts';
import type { Place } from '#core/chain/place.ts';
import type { MessageId, Scope } from '#core/charter/ids.ts';
import type { ChannelId } from '#core/chat/channel.ts';
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

const MAX_BYTES = 1_000_000;
const MAX_CHANNELS = 10_000;
/** What is sealed for one device holds no more. Names that find no room in it come with what people said. */
const MAX_SPELLED_BYTES = 9_500;
/** An id, a scope, and what is around them. */
const TOLD_OVERHEAD = 60;

export interface GroupForSibling {
  readonly row: GroupRow;
  readonly reads: ReadonlyMap<ChannelId, ReadMark>;
  readonly anchors: readonly (Place & { readonly scope: Scope })[];
}

/** A group one is in, as further devices of one's own get it. */
export function homeOfGroup(group: GroupSpace, rows: Rows): GroupHome {
  const { space, replica, reading } = group;
  return {
    space,
    replica,
    spelled: () => spellGroup(rows, group),
    shown: (to) => saidFor(replica, to, scopesOf(replica.view!, replica.identity.device)).runs,
    read: () => reading.besides(),
    readElsewhere: (...told) => reading.takeElsewhere(...told),
    allCame: () => reading.allCame(replica.arrivals),
  };
}

async function spellGroup(rows: Rows, group: GroupSpace): Promise<Bytes> {
  const { space, reading, replica } = group;
  const newest = replica
    .chainSets()
    .flatMap((chains) => chains.heads().map((place) => ({ ...place, scope: chains.scope })));
  // By message: what was said on coming in may be the newest still.
  const anchors = new Map([...(await storedAnchors(rows, space)), ...newest].map((place) => [place.id, place]));
  const spelled = (row: GroupRow): Bytes =>
    encode({
      row: encodeGroupRow(row),
      reads: [...reading.ofChannels()].map(([channel, mark]) => [
        hex.decode(channel)!,
        encodeReadMark(withoutElsewhere(mark)),
      ]),
      anchors: [...anchors.values()].map(({ scope, id, lamport }) => [scope, hex.decode(id)!, lamport]),
    });
  const { length } = spelled({ ...group.row, names: [], channels: [] });
  return spelled(toldRow(group, MAX_SPELLED_BYTES - length));
}

/** What people and channels are called is known before any of their words came. */
function toldRow(group: GroupSpace, bytes: number): GroupRow {
  const channels = group.rooms().map(({ id, name, scope }) => ({ id, name: name!, scope }));
  const { names } = group.told();
  let room = bytes;
  const fits = ({ name }: { readonly name: string }): boolean => (room -= utf8(name).length + TOLD_OVERHEAD) >= 0;
  return { ...group.row, channels: channels.filter(fits), names: names.filter(fits) };
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
