// What every world has, whoever lives in it: roads, two relay nodes, primitives, and a book of what was promised.

import type { CryptoSuite } from '#core/crypto/suite.ts';
import { makeCheapSuite } from './cheap-suite.ts';
import { Dice } from './dice.ts';
import { Ledger } from './ledger.ts';
import type { PersonParts } from './person.ts';
import { makeRealSuite } from './real-suite.ts';
import { Roads } from './sim-network.ts';
import { SimRelay } from './sim-relay.ts';
import { watched, Taint } from './taint.ts';
import { World } from './world.ts';

/** Every so many seeds run on the primitives that ship. */
const REAL_EVERY = 10;

export interface Place {
  readonly world: World;
  readonly roads: Roads;
  readonly relays: readonly SimRelay[];
  readonly ledger: Ledger;
  readonly taint: Taint;
  /** What a person's app is put together from. */
  readonly parts: PersonParts;
  /** For who throws old coins again, and so may send as a number what was a key: theirs to lose, and not looked for. */
  readonly hostileParts: PersonParts;
}

export function makePlace(seed: number): Place {
  const world = new World(seed);
  const roads = new Roads(world, new Dice(seed, 'roads'));
  const taint = new Taint();
  const plain: CryptoSuite = seed % REAL_EVERY === 0 ? makeRealSuite(world) : makeCheapSuite();
  const relays = ['oak', 'elm'].map((name) => new SimRelay({ world, roads, suite: plain }, name));
  const ledger = new Ledger();
  const places = new Set(relays.map(({ place }) => place));
  roads.tap = (frame, to) => {
    if (places.has(to)) taint.reached(frame);
  };
  const hostileParts = { world, roads, suite: plain, ledger, relays: relays.map(({ address }) => address) };
  const parts = { ...hostileParts, suite: watched(plain, taint) };
  return { world, roads, relays, ledger, taint, parts, hostileParts };
}
