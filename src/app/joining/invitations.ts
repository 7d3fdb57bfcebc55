// Invitations made on this device, and the welcome that lies at the group's relay nodes for each: left while everybody may
// be away, made anew after keys changed and before the relay nodes forget it, and replaced by a word of why when it is over.
// What was said goes along now and then, and not with each new key: what lies there already can still be read.

import type { InvitationFacts } from '#core/charter/group-facts.ts';
import { orderedOps } from '#core/charter/charter.ts';
import { EVERYONE, type OpId, type Scope, type SpaceId } from '#core/charter/ids.ts';
import { encodeSignedOp } from '#core/charter/op.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import { invitationCode, MAX_SHOWN_NAME_BYTES, welcomeKey, welcomeTopicSeed } from '#core/identity/invitation-code.ts';
import { encodeSignedRecord } from '#core/keys/device-record.ts';
import { sendingKey } from '#core/keys/rotation.ts';
import type { ScopeKey } from '#core/keys/scope-key.ts';
import type { MailboxClient } from '#core/mailbox/client.ts';
import { ENVELOPE_TTL_DAYS } from '#core/mailbox/limits.ts';
import { makeEnvelope, topicKeyOf } from '#core/mailbox/topic-key.ts';
import { DAY, HOUR, SECOND, type Clock, type Millis, type RelayAddress, type Rows } from '#core/ports.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { sealWelcome, splitWelcome, type Welcome } from '#core/sync/welcome.ts';
import type { Envelope } from '#core/wire/envelope.ts';
import { shortened } from '#core/wire/text.ts';
import { depositOnceSaved } from '../traffic/deposit.ts';
import type { Disk } from '../disk.ts';
import type { EventQueue } from '../event-queue.ts';
import {
  decodeOwnInvitation,
  encodeOwnInvitation,
  INVITATION_COLLECTION,
  type LeftWelcome,
  type OwnInvitation,
} from '../groups/group-rows.ts';
import { relaysOf } from '../traffic/routes-of-mail.ts';
import { Salvage } from '../salvage.ts';
import { saidFor, type Said } from '../space/for-newcomers.ts';
import type { Replica, SpaceContext } from '../space/replica.ts';

const RETRY_AFTER = (15 * SECOND) as Millis;
/** A relay node keeps it for two weeks; whoever invites is rarely away for longer than the rest of that. */
const RENEW_AFTER_DAYS = 3;
/** What was said lies there for two weeks too. */
const SAY_AGAIN_AFTER = (7 * DAY) as Millis;
/** What changed goes along at most so much a day: who comes reads all that was left in two weeks. */
const SAID_BYTES_A_DAY = 131_072;
const SAY_AT_MOST_EVERY = HOUR;
/** Relay nodes in a code. */
const MAX_CODE_RELAYS = 4;
const IS_OVER = 'over';

export interface InvitationsPorts {
  readonly context: SpaceContext;
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly client: (relay: RelayAddress) => MailboxClient | undefined;
  readonly told: (space: SpaceId) => Pick<Welcome, 'names' | 'channels'>;
}

export class Invitations {
  readonly #ports: InvitationsPorts;
  readonly #own = new Map<OpId, OwnInvitation>();
  readonly #busy = new Set<string>();
  readonly #timers = new Map<SpaceId, () => void>();

  constructor(ports: InvitationsPorts) {
    this.#ports = ports;
  }

  async load(rows: Rows): Promise<number> {
    const salvage = new Salvage();
    for (const row of await rows.list(INVITATION_COLLECTION)) {
      salvage.safely(() => this.#own.set(row.id as OpId, decodeOwnInvitation(row.id as OpId, row.value)));
    }
    return salvage.damaged;
  }

  /** Part of the event that writes the op. */
  add(op: OpId, space: SpaceId, secret: Bytes): void {
    this.#put({ op, space, secret, left: new Map() });
  }

  /** The code, as long as the invitation is open and was made here. */
  code(replica: Replica, { op, isOpen }: InvitationFacts): string | undefined {
    const own = this.#own.get(op);
    const name = replica.view?.group?.name;
    if (own === undefined || name === undefined || !isOpen) return undefined;
    const { secret, space } = own;
    const relays = relaysOf(replica).slice(0, MAX_CODE_RELAYS);
    return invitationCode({ space, secret, relays, groupName: shortened(name, MAX_SHOWN_NAME_BYTES) });
  }

  forget(space: SpaceId): void {
    for (const own of this.#own.values()) {
      if (own.space !== space) continue;
      this.#own.delete(own.op);
      this.#ports.disk.put(INVITATION_COLLECTION, own.op, null);
    }
    this.#timers.get(space)?.();
    this.#timers.delete(space);
  }

  close(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** The charter, keys or relay nodes of a group may be others: brings its welcomes up to date. Part of an event. */
  async consider(replica: Replica): Promise<void> {
    const { space } = replica.identity;
    for (const own of this.#own.values()) {
      if (own.space !== space) continue;
      const facts = replica.view?.group?.invitations.find(({ op }) => op === own.op);
      for (const relay of facts === undefined ? [] : relaysOf(replica)) {
        const client = this.#ports.client(relay);
        if (client !== undefined) await this.#leave(replica, own, { facts: facts!, relay, client });
      }
    }
  }

  async #leave(
    replica: Replica,
    own: OwnInvitation,
    at: { readonly facts: InvitationFacts; readonly relay: RelayAddress; readonly client: MailboxClient },
  ): Promise<void> {
    const { disk, queue } = this.#ports;
    const { facts, relay, client } = at;
    const name = `${own.op}|${relay}`;
    const left = own.left.get(relay);
    const isOpen = facts.isOpen && replica.me?.isLive === true;
    // Nobody ever read the welcome of an invitation that was never left.
    if (this.#busy.has(name) || (!isOpen && left === undefined)) return;
    const scopes = scopesOf(facts);
    const says = isOpen ? saysOf(replica, scopes) : IS_OVER;
    const isFresh = left !== undefined && (left.says === IS_OVER || client.day - left.day < RENEW_AFTER_DAYS);
    if (says === undefined) return;
    const said = isOpen ? this.#saidSince(replica, scopes, left) : undefined;
    if (left?.says === says && isFresh && said === undefined) return;
    const envelopes = await this.#sealed(own, this.#welcome(replica, isOpen ? scopes : [], said), client.day);
    this.#busy.add(name);
    depositOnceSaved({ disk, queue }, { client, envelopes }, async (isStored) => {
      this.#busy.delete(name);
      const now = this.#own.get(own.op);
      if (now === undefined) return;
      const there = this.#leftNow({ says, day: client.day }, said, left);
      if (isStored) this.#put({ ...now, left: new Map(now.left).set(relay, there) });
      else this.#later(replica);
      if (isStored) await this.consider(replica);
    });
  }

  async #sealed({ space, secret }: OwnInvitation, welcome: Welcome, day: number): Promise<readonly Envelope[]> {
    const { context } = this.#ports;
    const key = welcomeKey({ space, secret });
    const topic = await topicKeyOf(context.suite, welcomeTopicSeed({ space, secret }));
    const envelopes: Envelope[] = [];
    for (const piece of splitWelcome(welcome)) {
      const blob = sealWelcome(context.suite, context.random, { key, topic: topic.topic, piece });
      envelopes.push(await makeEnvelope(context.suite, topic, { blob, expiryDay: day + ENVELOPE_TTL_DAYS }));
    }
    return envelopes;
  }

  #later(replica: Replica): void {
    const { space } = replica.identity;
    if (this.#timers.has(space)) return;
    const { clock, queue } = this.#ports;
    const look = async (): Promise<void> => {
      this.#timers.delete(space);
      await this.consider(replica);
    };
    this.#timers.set(
      space,
      clock.after(RETRY_AFTER, () => void queue.run(look)),
    );
  }

  /** What of what was said is to go along; `undefined` where it lies there already, or does since a short while ago. */
  #saidSince(replica: Replica, scopes: readonly Scope[], left: LeftWelcome | undefined): Said | undefined {
    const now = this.#ports.clock.now();
    const before = left?.said;
    if (before !== undefined && now >= before.at && now < saidDue(before)) return undefined;
    const keys = new Set(keysOf(replica, scopes).map(({ kid }) => kid));
    const said = saidFor(replica, { keys }, scopes);
    const isThere = before?.mark === said.mark && Math.abs(now - before.at) < SAY_AGAIN_AFTER;
    return isThere || (before === undefined && said.bytes === 0) ? undefined : said;
  }

  #leftNow(there: LeftWelcome, said: Said | undefined, before: LeftWelcome | undefined): LeftWelcome {
    if (said === undefined) return before?.said === undefined ? there : { ...there, said: before.said };
    return { ...there, said: { at: this.#ports.clock.now(), bytes: said.bytes, mark: said.mark } };
  }

  /** Without scopes: the charter alone, which says why nobody comes in by this any more. */
  #welcome(replica: Replica, scopes: readonly Scope[], said: Said | undefined): Welcome {
    const { charter, keys, view } = replica;
    const { runs = [] } = said ?? {};
    const ops = orderedOps(charter).map(({ signed }) => encodeSignedOp(signed));
    const isOver = scopes.length === 0;
    const live = [...replica.records.values()].filter(
      ({ record }) => view?.devices.get(record.device)?.isLive === true,
    );
    return {
      parcel: { ...emptyParcel, ops, records: isOver ? [] : live.map(encodeSignedRecord), runs },
      keys: keysOf(replica, scopes),
      rendezvous: isOver ? undefined : keys.rendezvous,
      ...(isOver
        ? { names: [], channels: [] }
        : { ...this.#ports.told(replica.identity.space), heads: replica.chains.heads() }),
    };
  }

  #put(own: OwnInvitation): void {
    this.#own.set(own.op, own);
    this.#ports.disk.put(INVITATION_COLLECTION, own.op, () => encodeOwnInvitation(own));
  }
}

/** What somebody who comes by it may read. */
function scopesOf({ role }: InvitationFacts): readonly Scope[] {
  return role === undefined ? [EVERYONE] : [EVERYONE, role as string as Scope];
}

/** Which keys a welcome brings; `undefined` while there is none to write under. */
function saysOf(replica: Replica, scopes: readonly Scope[]): string | undefined {
  const held = replica.keys.scopeKeys();
  const kids = scopes.map((scope) => sendingKey(replica.view!, scope, held)?.key.kid);
  return kids[0] === undefined ? undefined : kids.join();
}

function keysOf(replica: Replica, scopes: readonly Scope[]): readonly ScopeKey[] {
  const held = replica.keys.scopeKeys();
  return scopes.flatMap((scope) => sendingKey(replica.view!, scope, held)?.key ?? []);
}

/** When what was said may go along again, if it is other than before. */
function saidDue({ at, bytes }: NonNullable<LeftWelcome['said']>): number {
  return at + Math.max(SAY_AT_MOST_EVERY, (bytes / SAID_BYTES_A_DAY) * DAY);
}
