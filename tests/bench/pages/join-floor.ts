// What cannot be left out of coming into a group by its welcome, and of being let in as a further device: the road by a
// relay node, which keeps mail in few sizes, so that a size tells nothing; what proves and opens what came; one strict
// commit before anything is said to be so; the document. With the app's own primitives, nothing around them, nothing warm.
// How far ours is from that says what is still to be had.
import { createNetwork } from '#adapters/network-libp2p/network.ts';
import { systemClock } from '#adapters/platform/system-clock.ts';
import { systemRandom } from '#adapters/platform/system-random.ts';
import { originRelays } from '#app/traffic/origin-relay.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import { COINS_BYTES, type AeadKey, type Seed } from '#core/crypto/suite.ts';
import { openMailbox, type MailboxClient } from '#core/mailbox/client.ts';
import { makeEnvelope, topicKeyOf, type TopicKey } from '#core/mailbox/topic-key.ts';
import type { Rows } from '#core/ports.ts';
import { Doc, applyUpdate, encodeStateAsUpdate } from 'yjs';
import { paragraphOf } from './latency-page.ts';
import { openDisk, timed } from './floor-parts.ts';

/** As they are in metric 5: the size of the mail, signatures of acts, records and runs in it, rows that are stored. */
const BLOB_BYTES = 32_768;
const PROVEN = 12;
/** By a newcomer: the join, their record, the first word; by a further device: its record, and a word on itself. */
const SIGNED = { member: 3, device: 2 };
const ROWS = 30;
const ROW_BYTES = 600;

const suite = makeProductionSuite();
const seed = new Uint8Array(32).fill(1) as Seed;
const key = new Uint8Array(32).fill(2) as AeadKey;
const none = new Uint8Array(0);
/** No address is remembered from earlier visits. */
const noRows: Rows = { get: () => Promise.resolve(undefined), list: () => Promise.resolve([]), commit: async () => {} };

async function connected(): Promise<MailboxClient> {
  const [network, relays] = await Promise.all([createNetwork(), originRelays(noRows)]);
  const link = await network.openMailbox(relays[0]!, AbortSignal.timeout(10_000));
  return openMailbox(link, { clock: systemClock, random: systemRandom, suite });
}

async function leave(client: MailboxClient, topic: TopicKey): Promise<void> {
  const blob = systemRandom.bytes(BLOB_BYTES);
  await client.deposit(await makeEnvelope(suite, topic, { blob, expiryDay: client.day + 1 }));
}

/** Until mail came by a topic. */
function subscribed(
  client: MailboxClient,
  topic: TopicKey,
  isMuch: boolean,
): { ready: Promise<void>; mail: Promise<void> } {
  let came: () => void;
  const mail = new Promise<void>((resolve) => (came = resolve));
  const onbatch = ({ envelopes }: { envelopes: readonly unknown[] }): void => void (envelopes.length > 0 && came());
  return { ready: client.subscribe(topic, { isMuch, onbatch }).then(() => undefined), mail };
}

function writtenDocument(): Uint8Array {
  const doc = new Doc();
  paragraphOf(doc).insert(0, 'All that was said here stays here. '.repeat(100));
  return encodeStateAsUpdate(doc);
}

/** What either end of the road has to do once the mail is here. */
async function afterwards(signed: number): Promise<Record<string, number>> {
  const nonce = new Uint8Array(24);
  const mail = suite.seal(key, nonce, new Uint8Array(BLOB_BYTES - 64), none);
  const device = await suite.signingKeyOf(seed);
  const said = new Uint8Array(300);
  const signature = await suite.sign('header', said, seed);
  const store = await openDisk();
  const rowKey = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt']);
  const update = writtenDocument();
  const open = await timed(() => void suite.open(key, nonce, mail, none));
  const proofs = await timed(async () => {
    await Promise.all(Array.from({ length: PROVEN }, () => suite.verify('header', said, signature, device)));
  });
  const signatures = await timed(async () => {
    await Promise.all(Array.from({ length: signed }, () => suite.sign('header', said, seed)));
  });
  const commit = await timed(async () => {
    const iv = nonce.slice(12);
    const rows = Array.from({ length: ROWS }, () =>
      crypto.subtle.encrypt({ name: 'AES-GCM', iv }, rowKey, new Uint8Array(ROW_BYTES)),
    );
    await store((await Promise.all(rows)).map((row) => new Uint8Array(row)));
  });
  const document = await timed(() => applyUpdate(new Doc(), update));
  return { open, proofs, signatures, commit, document };
}

const page = {
  /** Milliseconds of each part of coming in by a welcome that lies at the relay node. Own keys are made meanwhile. */
  async member(): Promise<Record<string, number>> {
    const client = await connected();
    const topic = await topicKeyOf(suite, systemRandom.bytes(32) as Seed);
    await leave(client, topic);
    const road = await timed(() => subscribed(client, topic, true).mail);
    const parts = { road, ...(await afterwards(SIGNED.member)) };
    client.close();
    return parts;
  },

  /** The same of a device that was let in: mail is left, on the relay node's disk, and comes. Two wraps are its alone. */
  async device(): Promise<Record<string, number>> {
    const [client, giver] = [await connected(), await connected()];
    const topic = await topicKeyOf(suite, systemRandom.bytes(32) as Seed);
    const to = await suite.sealingKeyOf(seed, 1);
    const options = { label: 'ownSpace', associated: none } as const;
    const wrapped = await suite.wrap(to, new Uint8Array(64), { ...options, coins: systemRandom.bytes(COINS_BYTES) });
    const { ready, mail } = subscribed(client, topic, false);
    await ready;
    const road = await timed(async () => {
      await Promise.all([leave(giver, topic), mail]);
    });
    const unwrap = await timed(async () => {
      for (let i = 0; i < 2; i++) await suite.unwrap(seed, 1, wrapped, options);
    });
    const parts = { road, unwrap, ...(await afterwards(SIGNED.device)) };
    client.close();
    giver.close();
    return parts;
  },
};

export type JoinFloorPage = typeof page;

Object.assign(globalThis, { page });
