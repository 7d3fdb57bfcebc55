// Asking to be let in: what a knock proves, who can read it, what a group believes of what is told of it (P43).

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { hex, type Bytes } from '../bytes/bytes.ts';
import type { DeviceId, MessageId, PrincipalId, SpaceId } from '../charter/ids.ts';
import { knockProof } from '../charter/write-group.ts';
import { makeProductionSuite } from '../crypto/production-suite.ts';
import type { Seed } from '../crypto/suite.ts';
import { signRecord } from '../keys/device-record.ts';
import { DAY, type Millis, type RelayAddress } from '../ports.ts';
import { emptyParcel } from '../sync/parcel.ts';
import { decodeDoorCode, doorCode, fittingDoor, type Door } from './door.ts';
import type { KnockAct } from './knock-body.ts';
import { decodeSignedKnock, encodeSignedKnock, isKnockGenuine, signKnock } from './knock-letter.ts';
import type { KnockLetter, SignedKnock } from './knock-letter.ts';
import { doorTopicSeed, sealKnock, sealReply, tryOpenKnock, tryOpenReply } from './knock-mail.ts';
import { foldKnocks, isOver, KNOCK_LASTS, type ToldKnock } from './knocks.ts';

const suite = makeProductionSuite();
const seed = (name: number): Seed => new Uint8Array(32).fill(name) as Seed;
const bytes = (name: number, length = 32): Bytes => new Uint8Array(length).fill(name) as Bytes;
const space = '0a'.repeat(32) as SpaceId;
const elsewhere = '0b'.repeat(32) as SpaceId;
const at = 1_700_000_000_000 as Millis;

interface Knocker {
  readonly seed: Seed;
  readonly leaf: Seed;
  readonly device: DeviceId;
  readonly letter: KnockLetter;
}

async function knocker(name: number, sealing: 1 | 2 = 1): Promise<Knocker> {
  const device = hex.encode(await suite.signingKeyOf(seed(name))) as DeviceId;
  const leaf = seed(name + 1);
  const sealingKey = await suite.sealingKeyOf(leaf, sealing);
  const record = await signRecord({ space, device, number: 0, sealingKey, inboxSecret: bytes(5) }, seed(name), suite);
  const proof = await knockProof({ device, seed: seed(name) }, space, undefined, suite);
  const answers = [{ question: 'Who?', answer: 'Carol' }];
  const said = { name: 'Noor', answers, reply: bytes(name + 2) };
  return { seed: seed(name), leaf, device, letter: { is: 'knock', space, device, at, proof, record, ...said } };
}

let noor: Knocker;
let mallory: Knocker;
let knock: SignedKnock;
let door: Door;

beforeAll(async () => {
  noor = await knocker(20);
  mallory = await knocker(40);
  knock = await signKnock(noor.letter, noor.seed, suite);
  door = fittingDoor({
    space,
    sealingKey: await suite.sealingKeyOf(seed(9), 2),
    secret: bytes(3),
    relays: ['wss://relay.example/x' as RelayAddress],
    groupName: 'the garden',
    questions: ['Who?'],
    expires: 20_000,
  });
});

describe('a letter', () => {
  it('is genuine as its writer left it, for this space only', async () => {
    const again = decodeSignedKnock(encodeSignedKnock(knock));
    expect(again.letter).toEqual(noor.letter);
    expect(await isKnockGenuine(suite, space, again)).toBe(true);
    expect(await isKnockGenuine(suite, elsewhere, again)).toBe(false);
  });

  it('is not when somebody put their own keys, answers or signature in', async () => {
    const { record, proof } = mallory.letter;
    const forged: readonly KnockLetter[] = [
      { ...noor.letter, record },
      { ...noor.letter, proof },
      { ...noor.letter, device: mallory.device },
    ];
    for (const letter of forged) {
      expect(await isKnockGenuine(suite, space, await signKnock(letter, noor.seed, suite))).toBe(false);
    }
    const others = await signKnock({ ...noor.letter, name: 'Ana' }, mallory.seed, suite);
    expect(await isKnockGenuine(suite, space, others)).toBe(false);
    expect(await isKnockGenuine(suite, space, { ...others, signature: knock.signature })).toBe(false);
  });

  it('asks for no answer under a key that will be read later by who keeps what travels now', async () => {
    const short = await knocker(60, 2);
    expect(await isKnockGenuine(suite, space, await signKnock(short.letter, short.seed, suite))).toBe(false);
  });
});

describe('the road', () => {
  it('a knock opens with the seed of its door, the answer with that of who knocked, and neither with another', async () => {
    const blob = await sealKnock(suite, door, { knock, coins: bytes(1, 64) });
    expect([512, 2_048, 8_192, 32_768, 131_072]).toContain(blob.length);
    expect((await tryOpenKnock(suite, { door, seed: seed(9) }, blob))?.letter).toEqual(noor.letter);
    expect(await tryOpenKnock(suite, { door, seed: seed(8) }, blob)).toBeUndefined();
    expect(await tryOpenKnock(suite, { door: { ...door, secret: bytes(4) }, seed: seed(9) }, blob)).toBeUndefined();

    const piece = { parcel: emptyParcel, keys: [], rendezvous: bytes(7), names: [], channels: [] };
    const answer = await sealReply(suite, noor.letter, { piece, coins: bytes(2, 64) });
    const by = { knocker: noor.letter, seed: noor.leaf };
    expect((await tryOpenReply(suite, by, answer))?.rendezvous).toEqual(bytes(7));
    // All who read the knock have its secret; the key is what they lack.
    expect(await tryOpenReply(suite, { ...by, seed: mallory.leaf }, answer)).toBeUndefined();
  });

  it('knocks of a week lie together, those of the next elsewhere', () => {
    expect(doorTopicSeed(door, 14)).toEqual(doorTopicSeed(door, 20));
    expect(doorTopicSeed(door, 14)).not.toEqual(doorTopicSeed(door, 21));
  });

  it('a door fits its code, whatever the group asks and is called', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 600, unit: 'grapheme' }), { maxLength: 20 }),
        fc.string(),
        (asked, name) => {
          const fitting = fittingDoor({ ...door, questions: asked, groupName: name });
          expect(decodeDoorCode(doorCode(fitting))).toEqual(fitting);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('what a group believes', () => {
  const by = '01'.repeat(33) as PrincipalId;
  const told = (place: number, act: KnockAct, over: Partial<ToldKnock> = {}): ToldKnock => {
    const id = place.toString(16).padStart(64, '0') as MessageId;
    return { id, lamport: place, act, by, heardAt: at, mayOpen: true, mayTurnAway: true, ...over };
  };

  it('the last door counts that somebody with the right opened', () => {
    const second = { ...door, expires: 20_001 };
    const acts = [
      told(1, { act: 'door', door, seed: seed(9) }),
      told(2, { act: 'door', door: second, seed: seed(9) }),
      told(3, { act: 'door', door: { ...door, expires: 1 }, seed: seed(9) }, { mayOpen: false }),
    ];
    expect(foldKnocks(acts).door?.door).toEqual(second);
    expect(foldKnocks([]).door).toBeUndefined();
  });

  it('the first letter of a device counts, and whoever may not turn away does not', async () => {
    const later = await signKnock({ ...noor.letter, name: 'Ana' }, noor.seed, suite);
    const withdrawal = await signKnock({ is: 'withdraw', space, device: noor.device, at }, noor.seed, suite);
    const acts = [
      told(1, { act: 'came', knock }),
      told(2, { act: 'came', knock: later }),
      told(3, { act: 'away', device: noor.device }, { mayTurnAway: false }),
    ];
    const known = foldKnocks(acts).heard.get(noor.device);
    expect(known).toMatchObject({ letter: { name: 'Noor' }, isWithdrawn: false, turnedAwayBy: undefined });
    const ended = foldKnocks([
      ...acts,
      told(4, { act: 'away', device: noor.device }),
      told(5, { act: 'came', knock: withdrawal }),
    ]);
    expect(ended.heard.get(noor.device)).toMatchObject({ isWithdrawn: true, turnedAwayBy: by });
  });

  it('does not depend on the order in which it was told', async () => {
    const withdrawal = await signKnock({ is: 'withdraw', space, device: noor.device, at }, noor.seed, suite);
    const others = await signKnock(mallory.letter, mallory.seed, suite);
    const acts: readonly ToldKnock[] = [
      told(1, { act: 'door', door, seed: seed(9) }),
      told(2, { act: 'came', knock }),
      told(2, { act: 'came', knock: others }, { id: 'ff'.repeat(32) as MessageId }),
      told(3, { act: 'welcomed', device: mallory.device }),
      told(4, { act: 'came', knock: withdrawal }),
      told(5, { act: 'away', device: mallory.device }),
    ];
    const expected = foldKnocks(acts);
    fc.assert(
      fc.property(fc.shuffledSubarray([...acts], { minLength: acts.length }), (order) => {
        const known = foldKnocks(order);
        expect(known.door).toEqual(expected.door);
        expect(new Map([...known.heard].sort())).toEqual(new Map([...expected.heard].sort()));
      }),
    );
  });

  it('a knock is over after four weeks, by the earlier of its writer’s clock and ours', () => {
    const since = (at + DAY) as Millis;
    const known = { letter: noor.letter, since };
    expect(isOver(known, (at + KNOCK_LASTS) as Millis)).toBe(false);
    expect(isOver(known, (at + KNOCK_LASTS + 1) as Millis)).toBe(true);
    const fromTheFuture = { letter: { ...noor.letter, at: (at + 400 * DAY) as Millis }, since };
    expect(isOver(fromTheFuture, (since + KNOCK_LASTS + 1) as Millis)).toBe(true);
  });
});
