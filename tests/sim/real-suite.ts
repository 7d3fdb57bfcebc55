// The primitives that ship, in a simulated world: one call at a time, so that answers come in the order of the calls on
// every machine, and counted, so that the world waits for them.

import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import { computeInLine } from './crypto-in-line.ts';
import type { World } from './world.ts';

export function makeRealSuite(world: World): CryptoSuite {
  computeInLine();
  const real = makeProductionSuite();
  const inTurn = <T>(call: () => Promise<T>): Promise<T> => {
    world.busy++;
    const answer = world.answer.then(call).finally(() => world.busy--);
    world.answer = answer.catch(() => undefined);
    return answer;
  };
  return {
    signingKeyOf: (seed) => inTurn(() => real.signingKeyOf(seed)),
    sign: (label, message, seed) => inTurn(() => real.sign(label, message, seed)),
    verify: (label, message, signature, key) => inTurn(() => real.verify(label, message, signature, key)),
    isAcceptableKey: (key) => real.isAcceptableKey(key),
    sealingKeyOf: (seed, suite) => inTurn(() => real.sealingKeyOf(seed, suite)),
    wrap: (to, secret, options) => inTurn(() => real.wrap(to, secret, options)),
    unwrap: (seed, suite, wrapped, options) => inTurn(() => real.unwrap(seed, suite, wrapped, options)),
    seal: (key, nonce, plain, associated) => real.seal(key, nonce, plain, associated),
    open: (key, nonce, sealed, associated) => real.open(key, nonce, sealed, associated),
  };
}
