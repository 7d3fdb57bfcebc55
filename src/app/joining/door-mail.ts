// The road between a group's door and who knocks, as members walk it: reads what lies at the door, leaves answers.

import type { Bytes } from '#core/bytes/bytes.ts';
import { orderedOps } from '#core/charter/charter.ts';
import { EVERYONE, type DeviceId } from '#core/charter/ids.ts';
import { encodeSignedOp } from '#core/charter/op.ts';
import { COINS_BYTES } from '#core/crypto/suite.ts';
import { encodeSignedRecord } from '#core/keys/device-record.ts';
import { sendingKey } from '#core/keys/rotation.ts';
import type { KnockLetter, SignedKnock } from '#core/knocks/knock-letter.ts';
import { doorTopicSeed, replyTopicSeed, sealReply, tryOpenKnock, WEEK_DAYS } from '#core/knocks/knock-mail.ts';
import type { OpenDoor } from '#core/knocks/knocks.ts';
import type { MailboxClient } from '#core/mailbox/client.ts';
import { ENVELOPE_TTL_DAYS } from '#core/mailbox/limits.ts';
import { makeEnvelope, topicKeyOf } from '#core/mailbox/topic-key.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { splitWelcome, type Welcome } from '#core/sync/welcome.ts';
import type { Envelope } from '#core/wire/envelope.ts';
import { deposit } from '../traffic/deposit.ts';
import type { WantedTopic } from '../traffic/mail-in.ts';
import { saidFor } from '../space/for-newcomers.ts';
import type { Replica, SpaceContext } from '../space/replica.ts';

/** The topics at which knocks of the last two weeks may lie, on a relay node's day. */
export async function doorTopics(
  context: SpaceContext,
  open: OpenDoor,
  day: number,
  took: (knock: SignedKnock) => Promise<void>,
): Promise<readonly WantedTopic[]> {
  const topics: WantedTopic[] = [];
  const weeks = Math.ceil(ENVELOPE_TTL_DAYS / WEEK_DAYS);
  for (let back = 0; back <= weeks; back++) {
    const key = await topicKeyOf(context.suite, doorTopicSeed(open.door, day - back * WEEK_DAYS));
    const onblob = async (blob: Bytes): Promise<void> => {
      const knock = await tryOpenKnock(context.suite, open, blob);
      if (knock !== undefined) await took(knock);
    };
    // What there was no room for is looked at again with the next connection.
    topics.push({ key, onblob, isReadAnew: true, ...(back === 0 ? {} : { isPast: true }) });
  }
  return topics;
}

/** What somebody who was let in needs to be one of us; `undefined` while there is no key to write under. */
export function welcomeFor(
  replica: Replica,
  told: Pick<Welcome, 'names' | 'channels'>,
  to: DeviceId,
): Welcome | undefined {
  const { charter, keys, view, records, chains } = replica;
  const key = sendingKey(view!, EVERYONE, keys.scopeKeys())?.key;
  if (key === undefined || keys.rendezvous === undefined) return undefined;
  const live = [...records.values()].filter(({ record }) => view!.devices.get(record.device)?.isLive === true);
  const ops = orderedOps(charter).map(({ signed }) => encodeSignedOp(signed));
  return {
    parcel: { ...emptyParcel, ops, records: live.map(encodeSignedRecord), runs: saidFor(replica, to, [EVERYONE]).runs },
    keys: [key],
    rendezvous: keys.rendezvous,
    ...told,
    heads: chains.heads(),
  };
}

/** Says that nobody will let them in. */
export const TURNED_AWAY: Welcome = { parcel: emptyParcel, keys: [], rendezvous: undefined, names: [], channels: [] };

/** Leaves an answer at one relay node; false when it did not take it. */
export async function leaveReply(
  context: SpaceContext,
  client: MailboxClient,
  letter: KnockLetter,
  welcome: Welcome,
): Promise<boolean> {
  const topic = await topicKeyOf(context.suite, replyTopicSeed(letter));
  const expiryDay = client.day + ENVELOPE_TTL_DAYS;
  const envelopes: Envelope[] = [];
  for (const piece of splitWelcome(welcome)) {
    const blob = await sealReply(context.suite, letter, { piece, coins: context.random.bytes(COINS_BYTES) });
    envelopes.push(await makeEnvelope(context.suite, topic, { blob, expiryDay }));
  }
  return deposit(client, envelopes);
}
