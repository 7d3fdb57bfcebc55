// Laws of spans and parcels; what a proof, a sealed frame, mail and a beat are good for, and for nothing else.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sealingKeyIdOf } from '../keys/device-record.ts';
import { Dice } from '#tests/sim/dice.ts';
import { makeCheapSuite } from '#tests/sim/cheap-suite.ts';
import { hex, utf8, type Bytes } from '../bytes/bytes.ts';
import { EVERYONE, type DeviceId, type Incarnation, type SpaceId } from '../charter/ids.ts';
import type { Seed } from '../crypto/suite.ts';
import type { PeerId, RelayAddress } from '../ports.ts';
import type { Topic } from '../wire/envelope.ts';
import { openBeat, sealBeat, type Beat } from './beat.ts';
import { openBeckoning, sealBeckoning } from './beckon.ts';
import { channelKeys, checkProof, expectedTag, makeProof, type Ends } from './handshake.ts';
import { decodeHeld, encodeHeld, type Held, type Span } from './held.ts';
import { inboxTopicSeed, openMail, sealMail, type MailRoute } from './mail.ts';
import { openFrame, sealFrame } from './link-frames.ts';
import { decodeParcel, emptyParcel, encodeParcel, splitParcel, type Parcel } from './parcel.ts';
import { addSpan, countOf, covers, holesOf, reachOf, spansOf, subtractSpans } from './spans.ts';

const suite = makeCheapSuite();
const dice = new Dice(1, 'sync');

const span = fc
  .tuple(fc.nat(40), fc.integer({ min: 1, max: 8 }))
  .map(([from, length]): Span => ({ from, to: from + length }));
const spans = fc.array(span, { maxLength: 10 }).map((list) => list.reduce<Span[]>(addSpan, []));
const members = (list: readonly Span[]): number[] =>
  Array.from({ length: 60 }, (_, i) => i).filter((i) => covers(list, i));

describe('spans', () => {
  test('of numbers in any order, some of them twice, are those that come of adding one after the other', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat({ max: 40 }), fc.maxSafeNat())), (numbers) => {
        const added = numbers.reduce<Span[]>((spans, from) => addSpan(spans, { from, to: from + 1 }), []);
        expect(spansOf(numbers)).toEqual(added);
      }),
    );
  });

  test('law: they are the sets they stand for', () => {
    fc.assert(
      fc.property(spans, spans, (a, b) => {
        expect(members(subtractSpans(a, b))).toEqual(members(a).filter((i) => !covers(b, i)));
        expect(members(b.reduce<Span[]>(addSpan, [...a]))).toEqual(
          [...new Set([...members(a), ...members(b)])].sort((x, y) => x - y),
        );
        expect(countOf(a)).toBe(members(a).length);
        expect(members([{ from: 0, to: reachOf(a) }]).every((i) => covers(a, i))).toBe(true);
        expect(members(holesOf(a))).toEqual(
          Array.from({ length: a.at(-1)?.to ?? 0 }, (_, i) => i).filter((i) => !covers(a, i)),
        );
      }),
    );
  });

  test('law: what is held comes back from its bytes as it was', () => {
    const chain = fc.tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), spans).map(([device, list]) => ({
      chain: {
        device: hex.encode(device) as DeviceId,
        scope: EVERYONE,
        incarnation: '0011223344556677' as Incarnation,
      },
      spans: list.slice(0, 16),
    }));
    fc.assert(
      fc.property(fc.array(chain, { maxLength: 5 }), (chains) => {
        const held: Held = { heads: [], chains, records: [], lacks: [] };
        expect(decodeHeld(encodeHeld(held))).toEqual(held);
      }),
    );
  });
});

describe('parcels', () => {
  const part = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => bytes as Bytes);
  const parts = fc.array(part, { maxLength: 6 });
  const parcel = fc.record({ ops: parts, records: parts, wraps: parts, frames: parts, runs: parts });

  test('law: they come back from their bytes, and their pieces are all of them in order', () => {
    fc.assert(
      fc.property(parcel, fc.integer({ min: 20, max: 300 }), (whole, maxBytes) => {
        expect(decodeParcel(encodeParcel(whole), 100_000)).toEqual(whole);
        const joined = splitParcel(whole, maxBytes).reduce<Parcel>(
          (sum, piece) => ({
            ops: [...sum.ops, ...piece.ops],
            records: [...sum.records, ...piece.records],
            wraps: [...sum.wraps, ...piece.wraps],
            frames: [...sum.frames, ...piece.frames],
            runs: [...sum.runs, ...piece.runs],
          }),
          emptyParcel,
        );
        expect(joined).toEqual(whole);
      }),
    );
  });
});

const space = dice.bytes(32);
const rendezvous = dice.bytes(32);
const peers = ['12D3Alice', '12D3Bob'] as PeerId[];

async function twoEnds() {
  const [nonceA, nonceB] = [dice.bytes(32), dice.bytes(32)];
  const a: Ends = { own: { peer: peers[0]!, nonce: nonceA }, remote: { peer: peers[1]!, nonce: nonceB } };
  const b: Ends = { own: a.remote, remote: a.own };
  const seed = dice.bytes(32) as Seed;
  const device = await suite.signingKeyOf(seed);
  const proof = await makeProof(suite, dice, { space, rendezvous, ends: a, device, seed });
  return { a, b, device, proof };
}

describe('the handshake', () => {
  test('proves a device for one space, between these two ends and no others', async () => {
    const { a, b, device, proof } = await twoEnds();
    expect(expectedTag({ space, rendezvous }, b)).toEqual(proof.tag);
    expect(await checkProof(suite, proof, { space, rendezvous, ends: b })).toEqual(device);
    const others: { space: Bytes; rendezvous: Bytes; ends: Ends }[] = [
      { space, rendezvous, ends: a },
      { space: dice.bytes(32), rendezvous, ends: b },
      { space, rendezvous: dice.bytes(32), ends: b },
      { space, rendezvous, ends: { ...b, own: { ...b.own, nonce: dice.bytes(32) } } },
      { space, rendezvous, ends: { ...b, remote: { ...b.remote, peer: 'other' as PeerId } } },
    ];
    for (const by of others) expect(await checkProof(suite, proof, by)).toBeUndefined();
    const damaged = { ...proof, sealed: proof.sealed.map((byte, i) => (i === 30 ? byte ^ 1 : byte)) as Bytes };
    expect(await checkProof(suite, damaged, { space, rendezvous, ends: b })).toBeUndefined();
  });

  test('gives both ends one channel, and a key for each direction', async () => {
    const { a, b } = await twoEnds();
    const atA = channelKeys({ space, rendezvous }, a);
    const atB = channelKeys({ space, rendezvous }, b);
    expect(atB).toEqual({ channel: atA.channel, send: atA.receive, receive: atA.send });
    expect(atA.send).not.toEqual(atA.receive);
    const frame = sealFrame(suite, { channel: atA.channel, key: atA.send, counter: 7 }, utf8('hello'));
    expect(openFrame(suite, atB.receive, frame)).toEqual(utf8('hello'));
    expect(openFrame(suite, atB.send, frame)).toBeUndefined();
    for (let i = 0; i < frame.length; i++) {
      const damaged = frame.map((byte, at) => (at === i ? byte ^ 1 : byte));
      // The first byte says which kind of frame it is; it is bound all the same.
      expect(openFrame(suite, atB.receive, damaged)).toBeUndefined();
    }
  });
});

describe('mail', () => {
  const route: MailRoute = { space: hex.encode(space) as SpaceId, inboxSecret: dice.bytes(32), sender: 1 };
  const topic = hex.encode(dice.bytes(32)) as Topic;

  test('opens for its route and topic only, and is as long as a bucket', () => {
    const parcel = { ...emptyParcel, frames: [utf8('frame')] };
    const blob = sealMail(suite, dice, { route, topic, parcel });
    expect(blob.length).toBe(512);
    expect(openMail(suite, { route, topic, blob })).toEqual(parcel);
    expect(openMail(suite, { route: { ...route, sender: 0 }, topic, blob })).toBeUndefined();
    expect(openMail(suite, { route, topic: hex.encode(dice.bytes(32)) as Topic, blob })).toBeUndefined();
    expect(openMail(suite, { route, topic, blob: blob.slice(0, 20) as Bytes })).toBeUndefined();
  });

  test('M14: waits at another topic each day, for each direction and recipient', () => {
    const seeds = [
      inboxTopicSeed(route, 20_000),
      inboxTopicSeed(route, 20_001),
      inboxTopicSeed({ ...route, sender: 0 }, 20_000),
      inboxTopicSeed({ ...route, inboxSecret: dice.bytes(32) }, 20_000),
    ].map((seed) => hex.encode(seed));
    expect(new Set(seeds).size).toBe(seeds.length);
  });
});

describe('beats', () => {
  test('say where a device is to whoever shares the rendezvous secret, and only as that device', async () => {
    const seed = dice.bytes(32) as Seed;
    const device = hex.encode(await suite.signingKeyOf(seed)) as DeviceId;
    const beat: Beat = {
      device,
      peer: peers[0]!,
      relays: ['wss://relay.example/x' as RelayAddress],
      policy: 'relays',
      isGreeting: true,
    };
    const by = { space: hex.encode(space) as SpaceId, rendezvous };
    const sealed = await sealBeat(suite, dice, { ...by, beat, seed });
    expect(await openBeat(suite, by, sealed)).toEqual(beat);
    expect(await openBeat(suite, { ...by, rendezvous: dice.bytes(32) }, sealed)).toBeUndefined();
    const other = await sealBeat(suite, dice, { ...by, beat, seed: dice.bytes(32) as Seed });
    expect(await openBeat(suite, by, other)).toBeUndefined();
  });
});

describe('a beckoning', () => {
  const relays = [1, 2, 3, 4].map((n) => `wss://relay${n}.example/${'x'.repeat(90)}` as RelayAddress);
  const id = hex.encode(space) as SpaceId;

  async function made(suiteOfKey: 1 | 2) {
    const [seed, leaf, secret] = [dice.bytes(32) as Seed, dice.bytes(32) as Seed, dice.bytes(32)];
    const device = hex.encode(await suite.signingKeyOf(seed)) as DeviceId;
    const beat: Beat = { device, peer: peers[0]!, relays, policy: 'direct', isGreeting: true };
    const sealingKey = await suite.sealingKeyOf(leaf, suiteOfKey);
    const to = { device: 'ab'.repeat(32) as DeviceId, sealingKey };
    const sealed = (await sealBeckoning(suite, dice, { space: id, seed, to, secret, beat }))!;
    const keyFor = (name: string) =>
      name === sealingKeyIdOf(sealingKey) ? { seed: leaf, suite: suiteOfKey } : undefined;
    return { sealed, secret, beat, by: { space: id, device: to.device, keyFor } };
  }

  test.each([1, 2] as const)(
    'opens for one device and says where to meet and by what, suite %i',
    async (suiteOfKey) => {
      const { sealed, secret, beat, by } = await made(suiteOfKey);
      expect(sealed.length).toBeLessThanOrEqual(2_048);
      const opened = (await openBeckoning(suite, by, sealed))!;
      expect(opened.secret).toEqual(secret);
      expect(opened.beat).toEqual({ ...beat, relays: relays.slice(0, 3) });
      const other = { ...by, device: 'cd'.repeat(32) as DeviceId };
      expect(await openBeckoning(suite, other, sealed)).toBeUndefined();
      expect(await openBeckoning(suite, { ...by, space: '00'.repeat(32) as SpaceId }, sealed)).toBeUndefined();
      expect(await openBeckoning(suite, { ...by, keyFor: () => undefined }, sealed)).toBeUndefined();
    },
  );

  test('that was damaged, cut, or is none opens for nobody and throws nothing', async () => {
    const { sealed, by } = await made(1);
    for (let length = 0; length < sealed.length; length += 61) {
      expect(await openBeckoning(suite, by, sealed.subarray(0, length))).toBeUndefined();
    }
    for (let at = 32; at < sealed.length; at += 97) {
      const damaged = Uint8Array.from(sealed);
      damaged[at]! ^= 1;
      expect(await openBeckoning(suite, by, damaged)).toBeUndefined();
    }
  });
});
