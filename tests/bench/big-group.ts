// A group of 150 people with 250 devices, made by the code that ships: rows as they lie on one member's disk, and members
// who wrote what is in them.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import { EVERYONE, type OpId, type PrincipalId } from '#core/charter/ids.ts';
import { encodeSignedOp } from '#core/charter/op.ts';
import { inviteBody, writeJoin } from '#core/charter/write-group.ts';
import { addDeviceBody, writeOp, type Author } from '#core/charter/write-op.ts';
import { MAX_RUN } from '#core/chain/frame.ts';
import { encodeChatBody } from '#core/chat/body.ts';
import { encodeChannelBody, type ChannelId } from '#core/chat/channel.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import { encodeDocUpdate, type DocumentId } from '#core/docs/doc-update.ts';
import { encodeSignedRecord, signRecord } from '#core/keys/device-record.ts';
import type { Millis } from '#core/ports.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { rankBetween, type Rank } from '#core/tasks/rank.ts';
import { encodeTaskAct } from '#core/tasks/task-body.ts';
import { frameOf, freshLeafKey, write } from '#app/space/author.ts';
import { freshDevice } from '#app/space/found.ts';
import { takeParcel } from '#app/space/intake.ts';
import { Town, type Member } from '#tests/suites/group-replicas.ts';
import { Doc, encodeStateAsUpdate } from 'yjs';

export interface Size {
  readonly members: number;
  readonly devices: number;
  readonly authors: number;
  readonly channels: number;
  readonly messages: number;
  readonly tasks: number;
}

export interface BigGroup {
  readonly town: Town;
  /** Whose disk is looked at. */
  readonly alice: Member;
  readonly authors: readonly Member[];
  readonly channels: readonly ChannelId[];
}

/** Everybody is in, and what they wrote is on Alice's disk. */
export async function makeBigGroup(size: Size): Promise<BigGroup> {
  const town = new Town(makeProductionSuite());
  const alice = await town.found('alice');
  const authors = [alice];
  while (authors.length < size.authors) authors.push(await town.join(`author ${authors.length}`, alice));
  await town.deliver();
  const parcel = await joinSilently(alice, size);
  for (const author of authors.slice(1)) await takeParcel(author.replica, parcel, false);
  await alice.rotate(EVERYONE);
  await town.deliver();
  const channels = Array.from({ length: size.channels }, () => hex.encode(alice.dice.bytes(16)) as ChannelId);
  const group = { town, alice, authors, channels };
  for (const [i, id] of channels.entries())
    await say(alice, 'channel', encodeChannelBody({ id, name: `channel ${i}` }));
  await writeAll(group, size);
  await alice.flush();
  return group;
}

/** People and devices that do nothing: keys and records, no replicas. */
async function joinSilently(alice: Member, { members, devices, authors }: Size) {
  const { replica } = alice;
  const { suite } = replica.context;
  const { space } = replica.identity;
  const secret = alice.dice.bytes(32);
  const invite = await alice.act(await inviteBody({ secret, space, uses: members }, suite));
  const ops: Bytes[] = [];
  const records: Bytes[] = [];
  const take = async (op: Bytes, of: Author & { readonly inboxSecret: Bytes }): Promise<void> => {
    const record = await recordOf(alice, of);
    await takeParcel(replica, { ...emptyParcel, ops: [op], records: [record] }, false);
    ops.push(op);
    records.push(record);
  };
  const people: { readonly author: Author; readonly principal: PrincipalId }[] = [];
  for (let i = authors; i < members; i++) {
    const author = await freshDevice(replica.context);
    const join = await writeJoin(replica.charter, author, { invite, secret, recovery: undefined }, suite);
    people.push({ author, principal: `${join.id}00` as PrincipalId });
    await take(encodeSignedOp(join), author);
  }
  for (let i = members; i < devices; i++) {
    const { author, principal } = people[i % people.length]!;
    const fresh = await freshDevice(replica.context);
    const body = await addDeviceBody(fresh, { space, principal }, suite);
    await take(encodeSignedOp(await writeOp(replica.charter, author, body, suite)), fresh);
  }
  const invitation = replica.charter.ops.get(invite as OpId)!.signed;
  return { ...emptyParcel, ops: [encodeSignedOp(invitation), ...ops], records };
}

async function recordOf({ replica }: Member, of: Author & { readonly inboxSecret: Bytes }): Promise<Bytes> {
  const { suite, random } = replica.context;
  const leaf = await freshLeafKey(suite, random);
  const sealingKey = await suite.sealingKeyOf(leaf.seed, 1);
  const { device, inboxSecret, seed } = of;
  const record = { space: replica.identity.space, device, number: 0, sealingKey, inboxSecret };
  return encodeSignedRecord(await signRecord(record, seed, suite));
}

export async function say(member: Member, kind: string, body: Bytes): Promise<void> {
  const problem = await write(member.replica, { kind, body }, () => undefined);
  if (problem !== undefined) throw new Error(`nothing could be said: ${problem}`);
}

async function writeAll({ authors, alice, channels }: BigGroup, { messages, tasks }: Size): Promise<void> {
  let rank: Rank | undefined;
  for (const [at, author] of authors.entries()) {
    await say(author, 'profile', encodeChatBody({ kind: 'profile', name: `Author ${at}` }));
    for (let i = at; i < channels.length; i += authors.length) await say(author, 'doc.update', documentBody(i));
    for (let i = at; i < tasks; i += authors.length) {
      rank = rankBetween(rank, undefined);
      await say(author, 'task', taskBody(i, rank));
    }
    for (let i = at; i < messages; i += authors.length) await say(author, 'chat', chatBody(channels, i));
    if (author !== alice) await handOver(author, alice, 0);
  }
}

export function chatBody(channels: readonly ChannelId[], i: number): Bytes {
  const text = `message ${i}: see you at the garden, bring what you have and tell the others`;
  const channel = channels[i % channels.length]!;
  return encodeChatBody({ kind: 'chat', text, at: (1_800_000_000_000 + i) as Millis, replyTo: undefined, channel });
}

function taskBody(i: number, rank: Rank): Bytes {
  const none = { assignee: undefined, due: undefined, origin: undefined };
  const at = (1_800_000_000_000 + i) as Millis;
  return encodeTaskAct({ act: 'create', at, title: `Task ${i} of the garden`, column: 'todo', rank, ...none });
}

function documentBody(i: number): Bytes {
  const doc = new Doc();
  doc.clientID = i + 1;
  doc.getMap('meta').set('title', `Document ${i}`);
  const document = i.toString(16).padStart(32, '0') as DocumentId;
  return encodeDocUpdate({ document, schema: 1, update: encodeStateAsUpdate(doc) as Bytes });
}

/** What an author wrote since, in runs that one signature proves, as a link brings it. */
export async function handOver(author: Member, to: Member, from: number): Promise<void> {
  for (const frames of framesSince(author, from)) await to.take({ ...emptyParcel, frames: [frames] });
}

export function framesSince({ replica }: Member, from: number): readonly Bytes[] {
  const own = replica.log.entries
    .map(({ message }) => message)
    .filter(({ header, sealed }) => header.device === replica.identity.device && sealed !== undefined)
    .slice(from);
  const frames: Bytes[] = [];
  for (let at = 0; at < own.length;) {
    const kid = own[at]!.header.kid;
    let to = at;
    while (to < own.length && to - at < MAX_RUN && own[to]!.header.kid === kid) to++;
    const frame = frameOf(replica, own.slice(at, to));
    if (frame !== undefined) frames.push(frame);
    at = to;
  }
  return frames;
}
