// Where the mail of a space goes and comes from: recipients with their topics, and the topics this device reads.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import type { CharterView } from '#core/charter/view.ts';
import type { CryptoSuite, Seed } from '#core/crypto/suite.ts';
import { cardTopicSeed, type CardId } from '#core/identity/card.ts';
import { topicKeyOf, type TopicKey } from '#core/mailbox/topic-key.ts';
import type { RelayAddress } from '#core/ports.ts';
import { inboxTopicSeed, type MailRoute } from '#core/sync/mail.ts';
import { dormantDevices } from '../space/rotate.ts';
import type { Replica } from '../space/replica.ts';

export interface Recipient {
  readonly device: DeviceId;
  readonly route: MailRoute;
  /** The topic's private key on a relay node's day. */
  readonly seed: (day: number) => Seed;
}

/** Where keys for one device of a group wait, whoever makes them. */
export function groupInbox(space: SpaceId, inboxSecret: Bytes): MailRoute {
  return { space, inboxSecret, sender: undefined };
}

/** This person's index among the principals of a space. */
export function ownIndex(replica: Replica): number {
  const mine = replica.me?.principal;
  return replica.view?.principals.find((principal) => principal.id === mine)?.index ?? 0;
}

/** Relay nodes of a space: what its charter says, else where it began; while it moves the old ones too. */
export function relaysOf(replica: Replica): readonly RelayAddress[] {
  const { began, now } = placesOf(replica);
  return replica.moving.relays(began, now);
}

/** A device of the space was heard at a relay node. */
export function noteHeardAt(replica: Replica, relay: RelayAddress, device: DeviceId): void {
  const dormant = dormantDevices(replica);
  const all = replica.others().flatMap((other) => (dormant.has(other.device) ? [] : [other.device]));
  if (replica.moving.heardAt(relay, device, { ...placesOf(replica), all })) replica.moving.put(replica.context.disk);
}

function placesOf({ identity, view }: Replica): Record<'began' | 'now', readonly RelayAddress[]> {
  return {
    began: identity.relays as readonly RelayAddress[],
    now: (view?.relays ?? []) as readonly RelayAddress[],
  };
}

/** Devices mail is left for: all that live and may be listening somewhere. */
export function recipientsOf(replica: Replica): readonly Recipient[] {
  // A group's mail is for all its members at once (group-mail.ts).
  if (replica.identity.kind === 'group') return [];
  const dormant = dormantDevices(replica);
  const sender = ownIndex(replica);
  return replica.others().flatMap(({ device }) => {
    if (dormant.has(device)) return [];
    const record = replica.records.get(device)?.record;
    if (record !== undefined) return [inboxRecipient(replica, device, record.inboxSecret, sender)];
    const { card } = replica.identity;
    return card?.role === 'answerer' && card.device === device ? [cardRecipient(replica, sender)] : [];
  });
}

function inboxRecipient(replica: Replica, device: DeviceId, inboxSecret: Bytes, sender: number): Recipient {
  const route: MailRoute = { space: replica.identity.space, inboxSecret, sender };
  return { device, route, seed: (day) => inboxTopicSeed(route, day) };
}

/** Until the inviter was heard, mail for them waits where the answer does. */
function cardRecipient(replica: Replica, sender: number): Recipient {
  const card = replica.identity.card!;
  const route: MailRoute = { space: replica.identity.space, inboxSecret: card.secret, sender };
  return { device: card.device, route, seed: () => cardTopicSeed({ secret: card.secret }, card.id) };
}

/** The route by which the answerer's mail came to the card's topic. */
export function cardRoute(replica: Replica): MailRoute | undefined {
  const { card, space } = replica.identity;
  // The answerer is founder 1 of every pair.
  return card === undefined ? undefined : { space, inboxSecret: card.secret, sender: 1 };
}

/** Routes of the mail others may have left for this device: one for each principal that has a device besides this. */
export function incomingRoutes(replica: Replica): readonly MailRoute[] {
  const { space, inboxSecret, device, card, kind } = replica.identity;
  if (kind === 'group') return [groupInbox(space, inboxSecret)];
  // A device that asked to be taken in knows of its self space only that whoever answers is its first principal.
  if (replica.view === undefined) return kind === 'self' ? [{ space, inboxSecret, sender: 0 }] : [];
  const mine = replica.me?.principal;
  const isSibling = (other: DeviceId): boolean => other !== device && other !== card?.device;
  const senders = replica.view.principals.filter(
    (principal) => principal.id !== mine || principal.devices.some((facts) => isSibling(facts.device)),
  );
  return senders.map((principal) => ({ space, inboxSecret, sender: principal.index }));
}

/** Whether mail of a route is of this person's other devices, or of somebody who was told their inbox secret by them. */
export function isOwnRoute(replica: Replica, route: MailRoute): boolean {
  // Also before this device was let in: it told its secret to whoever showed it the code.
  if (replica.identity.kind === 'self') return true;
  return replica.me !== undefined && route.sender === ownIndex(replica);
}

export async function cardTopic(suite: CryptoSuite, card: { id: CardId; secret: Bytes }): Promise<TopicKey> {
  return topicKeyOf(suite, cardTopicSeed({ secret: card.secret }, card.id));
}

/** The other live devices of a space, to see whether they are others than before. */
export function namesOf({ identity }: Replica, view: CharterView | undefined): string {
  const devices = [...(view?.devices.values() ?? [])];
  const others = devices.filter(({ device, isLive }) => isLive && device !== identity.device);
  return others.map(({ device }) => device).join();
}
