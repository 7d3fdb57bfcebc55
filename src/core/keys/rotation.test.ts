// Scope keys in a pair: who gets them, which is used, when a new one is due (protocol §4; P14, P15, P22).
import { beforeEach, describe, expect, it } from 'vitest';
import type { Kid } from '#core/charter/ids.ts';
import { EVERYONE, type DeviceId } from '#core/charter/ids.ts';
import type { Author } from '#core/charter/write-op.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import { hash } from '#core/crypto/hash.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { CryptoSuite, SealingKey, SealingSuite, Seed } from '#core/crypto/suite.ts';
import { DAY, HOUR, type Millis } from '#core/ports.ts';
import { seededRandom } from '#tests/suites/seeded.ts';
import { deviceNamed, makePair, quickSuite, type Pair } from '#tests/suites/space-kit.ts';
import {
  committedKeys,
  isSafe,
  lackingDevices,
  makeRotation,
  makeShare,
  ROTATE_AFTER,
  ROTATE_AFTER_MESSAGES,
  rotationDuty,
  rotationOf,
  sendingKey,
  type Rotation,
} from './rotation.ts';
import type { ScopeKey } from './scope-key.ts';
import { belongsTo, decodeWrap, encodeWrap, wrapAgreement, type Wrap, type WrapRecipient } from './wrap.ts';

const random = seededRandom(7);
const rendezvous = hash('op', new Uint8Array([1]));

function sealingSeed(author: Author): Seed {
  return hash('sealingKey', author.seed) as Bytes as Seed;
}

async function recipientOf(author: Author, suite = quickSuite, sealing: SealingSuite = 1): Promise<WrapRecipient> {
  return { device: author.device, sealingKey: await suite.sealingKeyOf(sealingSeed(author), sealing) };
}

/** Makes a rotation by one device to some, and writes it. */
async function rotate(
  pair: Pair,
  by: Author,
  to: readonly Author[],
  suite: CryptoSuite = quickSuite,
): Promise<Rotation> {
  const recipients = await Promise.all(to.map((author) => recipientOf(author, suite)));
  const ask = { scopes: [EVERYONE], recipients, rendezvous };
  const rotation = await makeRotation(pair.replica.view, ask, wrapAgreement(random, suite), random);
  await pair.replica.write(by, rotation.body);
  return rotation;
}

function held(...rotations: readonly Rotation[]): ReadonlyMap<Kid, ScopeKey> {
  return new Map(rotations.flatMap(({ keys }) => keys.map((key) => [key.kid, key])));
}

let pair: Pair;
beforeEach(async () => {
  pair = await makePair();
});

describe('a wrap', () => {
  it.each([
    ['the quick suite', quickSuite, 1],
    ['X-Wing', makeProductionSuite(), 1],
    ['X25519', makeProductionSuite(), 2],
  ] as const)('gives its device the keys that were committed to: %s', async (_, suite, sealing) => {
    const recipients = [await recipientOf(pair.alice, suite, sealing), await recipientOf(pair.bob, suite, sealing)];
    const agreement = wrapAgreement(random, suite);
    const rotation = await makeRotation(
      pair.replica.view,
      { scopes: [EVERYONE], recipients, rendezvous },
      agreement,
      random,
    );
    await pair.replica.write(pair.alice, rotation.body);
    const forBob = decodeWrap(encodeWrap(rotation.wraps[1]!));
    const opened = await agreement.open(forBob, { seed: sealingSeed(pair.bob), suite: sealing });
    expect(opened?.rendezvous).toEqual(rendezvous);
    expect(committedKeys(pair.replica.view, opened!.keys)).toEqual(rotation.keys);
    expect(belongsTo(forBob, rotation.body.root)).toBe(true);
    expect(await agreement.open(forBob, { seed: sealingSeed(pair.alice), suite: sealing })).toBeUndefined();
    expect(
      await agreement.open({ ...forBob, device: pair.alice.device }, { seed: sealingSeed(pair.bob), suite: sealing }),
    ).toBeUndefined();
  });

  it('that was changed does not open, is not under the root, and upsets nobody', async () => {
    const rotation = await rotate(pair, pair.alice, [pair.alice, pair.bob]);
    const agreement = wrapAgreement(random, quickSuite);
    const wrap = rotation.wraps[1]!;
    for (let at = 0; at < wrap.sealed.length; at++) {
      const sealed = wrap.sealed.slice();
      sealed[at]! ^= 1;
      expect(await agreement.open({ ...wrap, sealed }, { seed: sealingSeed(pair.bob), suite: 1 })).toBeUndefined();
      expect(belongsTo({ ...wrap, sealed }, rotation.body.root)).toBe(false);
    }
  });

  it('of a member who wraps another key than committed is noticed by whom it cheats', async () => {
    const honest = await rotate(pair, pair.alice, [pair.alice, pair.bob]);
    const other = await rotate(pair, pair.alice, [pair.alice]);
    const agreement = wrapAgreement(random, quickSuite);
    const swapped = {
      keys: other.keys.map((key) => ({ ...key, kid: honest.keys[0]!.kid })),
      rendezvous,
    };
    const [wrap] = await makeShare(pair.replica.view, [await recipientOf(pair.bob)], swapped, agreement);
    const opened = await agreement.open(wrap!, { seed: sealingSeed(pair.bob), suite: 1 });
    expect(committedKeys(pair.replica.view, opened!.keys).map(({ kid }) => kid)).toEqual([other.keys[0]!.kid]);
    const made = await makeShare(
      pair.replica.view,
      [await recipientOf(pair.bob)],
      { keys: [{ ...honest.keys[0]!, secret: hash('op', new Uint8Array([9])) as never }], rendezvous },
      agreement,
    );
    const forged = await agreement.open(made[0]!, { seed: sealingSeed(pair.bob), suite: 1 });
    expect(committedKeys(pair.replica.view, forged!.keys)).toEqual([]);
  });

  it('of a share carries keys without standing under any root', async () => {
    const rotation = await rotate(pair, pair.alice, [pair.alice]);
    const secrets = { keys: rotation.keys, rendezvous };
    const agreement = wrapAgreement(random, quickSuite);
    const [share] = await makeShare(pair.replica.view, [await recipientOf(pair.bob)], secrets, agreement);
    expect(belongsTo(share!, rotation.body.root)).toBe(false);
    const opened = await agreement.open(decodeWrap(encodeWrap(share!)), { seed: sealingSeed(pair.bob), suite: 1 });
    expect(committedKeys(pair.replica.view, opened!.keys)).toEqual(rotation.keys);
  });
});

it('leaves out a device whose sealing key nothing can be sealed to, and nobody else', async () => {
  const suite = makeProductionSuite();
  const useless = {
    device: pair.bob.device,
    sealingKey: new Uint8Array([2, ...new Uint8Array(32)]) as Bytes as SealingKey,
  };
  const recipients = [useless, await recipientOf(pair.alice, suite)];
  const ask = { scopes: [EVERYONE], recipients, rendezvous };
  const rotation = await makeRotation(pair.replica.view, ask, wrapAgreement(random, suite), random);
  await pair.replica.write(pair.alice, rotation.body);
  const sending = sendingKey(pair.replica.view, EVERYONE, held(rotation))!;
  expect(lackingDevices(pair.replica.view, sending.rotation, EVERYONE)).toEqual([pair.bob.device]);
  expect(rotation.wraps.map(({ device }) => device)).toEqual([pair.alice.device]);
});

describe('the key to send under', () => {
  it('is the newest that is held', async () => {
    const first = await rotate(pair, pair.alice, [pair.alice, pair.bob]);
    const second = await rotate(pair, pair.bob, [pair.alice, pair.bob]);
    const { view } = pair.replica;
    expect(sendingKey(view, EVERYONE, held(first, second))?.key).toEqual(second.keys[0]);
    expect(sendingKey(view, EVERYONE, held(first))?.key).toEqual(first.keys[0]);
    expect(sendingKey(view, EVERYONE, new Map())).toBeUndefined();
    expect(rotationOf(view, first.keys[0]!.kid)?.by).toBe(pair.alice.device);
  });

  it('is never one that an ended device holds: rotate first', async () => {
    const second = await deviceNamed('bob second');
    await pair.replica.addDevice(pair.bob, second);
    const before = await rotate(pair, pair.alice, [pair.alice, pair.bob, second]);
    await pair.replica.endDevice(pair.bobRecovery, second.device);
    const { view } = pair.replica;
    expect(isSafe(view, view.rotations[0]!, EVERYONE)).toBe(false);
    expect(sendingKey(view, EVERYONE, held(before))).toBeUndefined();
    expect(rotationDuty(undefined, undefined, 0 as Millis)).toBe('must');
    const after = await rotate(pair, pair.bob, [pair.alice, pair.bob]);
    expect(sendingKey(pair.replica.view, EVERYONE, held(before, after))?.key).toEqual(after.keys[0]);
  });

  it('is usable while devices lack it, and says which, without the dormant', async () => {
    const rotation = await rotate(pair, pair.alice, [pair.alice, pair.bob]);
    const second = await deviceNamed('bob second');
    await pair.replica.addDevice(pair.bob, second);
    const sending = sendingKey(pair.replica.view, EVERYONE, held(rotation))!;
    expect(lackingDevices(pair.replica.view, sending.rotation, EVERYONE)).toEqual([second.device]);
    const dormant = new Set<DeviceId>([second.device]);
    expect(lackingDevices(pair.replica.view, sending.rotation, EVERYONE, dormant)).toEqual([]);
  });

  it('that two made at once does harm to nobody: all agree which is newer', async () => {
    const twin = pair.replica.fork();
    const mine = await rotate(pair, pair.alice, [pair.alice, pair.bob]);
    const theirs = await rotate({ ...pair, replica: twin }, pair.bob, [pair.alice, pair.bob]);
    pair.replica.take(...twin.ops);
    twin.take(...pair.replica.ops);
    const both = held(mine, theirs);
    expect(sendingKey(pair.replica.view, EVERYONE, both)).toEqual(sendingKey(twin.view, EVERYONE, both));
  });
});

describe('a rotation is due', () => {
  const use = { since: (1000 * DAY) as Millis, messages: 1, hasTurnChanged: false };
  const at = (age: number) => (use.since + age) as Millis;

  it('after so many messages, after a week, and at turn changes at most hourly', async () => {
    const rotation = await rotate(pair, pair.alice, [pair.alice, pair.bob]);
    const sending = sendingKey(pair.replica.view, EVERYONE, held(rotation));
    expect(rotationDuty(sending, use, at(HOUR))).toBe('none');
    expect(rotationDuty(sending, undefined, at(HOUR))).toBe('none');
    expect(rotationDuty(sending, { ...use, messages: ROTATE_AFTER_MESSAGES }, at(0))).toBe('should');
    expect(rotationDuty(sending, use, at(ROTATE_AFTER))).toBe('should');
    expect(rotationDuty(sending, { ...use, hasTurnChanged: true }, at(HOUR - 1))).toBe('none');
    expect(rotationDuty(sending, { ...use, hasTurnChanged: true }, at(HOUR))).toBe('should');
  });

  it('also when the clock was set back far', async () => {
    const rotation = await rotate(pair, pair.alice, [pair.alice, pair.bob]);
    const sending = sendingKey(pair.replica.view, EVERYONE, held(rotation));
    expect(rotationDuty(sending, use, at(-ROTATE_AFTER))).toBe('should');
  });
});

it('carries wraps of every number of recipients under one root', async () => {
  for (let count = 1; count <= 33; count++) {
    const names = Array.from({ length: count }, (_, i) => `device ${i}`);
    const devices = await Promise.all(names.map((name) => deviceNamed(name)));
    const recipients = await Promise.all(devices.map((device) => recipientOf(device)));
    const { wraps, root } = await wrapAgreement(random, quickSuite).seal(pair.replica.charter.space, recipients, {
      keys: [],
      rendezvous,
    });
    expect(wraps.every((wrap: Wrap) => belongsTo(wrap, root))).toBe(true);
    const [first] = wraps;
    const moved = { ...first!, place: { ...first!.place!, index: first!.place!.index + 1 } };
    expect(belongsTo(moved, root)).toBe(false);
    expect(belongsTo({ ...first!, place: { ...first!.place!, path: [...first!.place!.path, root] } }, root)).toBe(
      false,
    );
  }
});

it('P43 makes wraps for 250 devices a few at a time and lets others go on in between', async () => {
  const one = await recipientOf(await deviceNamed('a phone'));
  const recipients = Array.from({ length: 250 }, () => one);
  let since = 0;
  let longest = 0;
  const counting = {
    ...quickSuite,
    wrap: (...args: Parameters<typeof quickSuite.wrap>) => {
      longest = Math.max(longest, ++since);
      return quickSuite.wrap(...args);
    },
  };
  const pause = async (): Promise<void> => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    since = 0;
  };
  const agreement = wrapAgreement(random, counting, pause);
  const { wraps } = await agreement.seal(pair.replica.charter.space, recipients, { keys: [], rendezvous });
  expect(wraps.length).toBe(250);
  expect(longest).toBeLessThanOrEqual(8);
});
