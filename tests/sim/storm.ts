// What goes wrong in a world, and when: each kind of fault at a pace that gives every seed several of each.

import { DAY, HOUR } from '#core/ports.ts';
import type { Cast } from './cast.ts';
import { Dice } from './dice.ts';
import { FAIR, type Weather } from './sim-network.ts';
import type { Person } from './person.ts';
import type { SimRelay } from './sim-relay.ts';

/** A spell of weather: chances per frame. */
const WEATHERS: readonly Weather[] = [
  FAIR,
  { loss: 0.02, duplication: 0.02, corruption: 0.005, delay: 0.03 },
  { loss: 0.1, duplication: 0.05, corruption: 0.02, delay: 0.1 },
  { loss: 0.3, duplication: 0.02, corruption: 0.01, delay: 0.2 },
];

/** Clocks that were set by hand, lost their battery, or crossed a border. */
const JUMPS = [HOUR, -HOUR, 2 * DAY, -3 * DAY, 400 * DAY, -3_650 * DAY, 3_650 * DAY];

/** Somebody who keeps no rules. */
export interface Striker {
  strike(): void;
  fork(): void;
}

/** Whom a storm comes over. */
export interface StormyCast extends Pick<Cast, 'world' | 'roads' | 'relays' | 'people'> {
  readonly strikers: readonly Striker[];
}

export class Storm {
  readonly #cast: StormyCast;
  readonly #dice: Dice;
  /** Of its own, so that what came later to the list does not shift all before it. */
  readonly #relayDice: Dice;
  readonly #mend = new Set<() => void>();
  #isOver = false;

  constructor(cast: StormyCast) {
    this.#cast = cast;
    this.#dice = new Dice(cast.world.seed, 'storm');
    this.#relayDice = new Dice(cast.world.seed, 'relays in storm');
  }

  /** `length`: how long it lasts. Each kind of fault strikes several times in every seed. */
  start(length: number): void {
    const times = (count: number, strike: () => void): void => {
      for (let i = 0; i < count; i++) this.#at(this.#dice.roll(length), strike);
    };
    times(10, () => this.#changeWeather());
    times(14, () => this.#cutOneWay());
    times(5, () => this.#part());
    times(3, () => this.#stopRelay('relay crash with disk'));
    times(3, () => this.#stopRelay('relay crash without disk'));
    times(3, () => this.#stopRelay('relays disagreeing'));
    times(4, () => this.#anyone().crash());
    times(4, () => {
      this.#anyone().disk.isFatal = true;
    });
    times(5, () => this.#jump());
    times(6, () => this.#fill());
    const forgers = this.#cast.strikers;
    times(16, () => {
      for (const forger of forgers) forger.strike();
    });
    // Late: once it is found out, nobody listens to the forger any more, and its poison is to be met too.
    this.#at(length - this.#dice.roll(length / 5), () => {
      for (const forger of forgers) forger.fork();
    });
    times(2, () => void this.#anyone().relock());
    for (const wrong of ['relay holding back', 'relay replaying'] as const) {
      for (let i = 0; i < 5; i++) this.#at(this.#relayDice.roll(length), () => this.#misuse(wrong));
    }
  }

  /** Fair weather, all roads open, clocks as they are, everybody there. */
  async end(): Promise<void> {
    const { roads, people, relays } = this.#cast;
    this.#isOver = true;
    roads.weather = FAIR;
    for (const mend of this.#mend) mend();
    for (const person of people) {
      person.disk.isFatal = false;
      person.disk.full = false;
    }
    for (const relay of relays) if (!relay.isUp) await relay.start();
    for (const person of people) void person.start();
  }

  #at(delay: number, strike: () => void): void {
    this.#cast.world.after(delay, 'storm', () => {
      if (!this.#isOver) strike();
    });
  }

  #anyone(): Person {
    return this.#dice.pick(this.#cast.people);
  }

  #changeWeather(): void {
    this.#cast.roads.weather = this.#dice.pick(WEATHERS);
  }

  #cutOneWay(): void {
    const { world, roads, people, relays } = this.#cast;
    const places = [...people, ...relays].map(({ place }) => place);
    const [from, to] = [this.#anyone().place, this.#dice.pick(places)];
    if (from === to) return;
    world.faults.strike('one-way cut');
    this.#mendLater(roads.cut(...(this.#dice.chance(0.5) ? ([from, to] as const) : ([to, from] as const))));
  }

  /** Some people and perhaps a relay node on one side, the others on the other. */
  #part(): void {
    const { world, roads, people, relays } = this.#cast;
    world.faults.strike('partition');
    const places = [...people, ...relays].map(({ place }) => place);
    const side = new Set(places.filter(() => this.#dice.chance(0.5)));
    const mends = places.flatMap((from) =>
      places.flatMap((to) => (side.has(from) !== side.has(to) ? [roads.cut(from, to)] : [])),
    );
    this.#mendLater(() => {
      for (const mend of mends) mend();
    });
  }

  #mendLater(mend: () => void): void {
    this.#mend.add(mend);
    this.#cast.world.after(this.#dice.between(300, 5_000), 'mend', () => {
      mend();
      this.#mend.delete(mend);
    });
  }

  #stopRelay(kind: 'relay crash with disk' | 'relay crash without disk' | 'relays disagreeing'): void {
    const { world, relays } = this.#cast;
    const up = relays.filter(({ isUp }) => isUp);
    if (up.length === 0) return;
    const relay: SimRelay = this.#dice.pick(up);
    world.faults.strike(kind);
    world.note(kind, relay.place);
    if (kind !== 'relays disagreeing' && this.#dice.chance(0.3)) relay.takeSnapshot();
    relay.crash();
    if (kind === 'relay crash without disk') relay.loseDisk();
    // An older copy of one relay node's disk: it has forgotten what the other still knows.
    if (kind === 'relays disagreeing') relay.rollBack();
    world.after(this.#dice.between(100, 3_000), 'relay restarts', () => {
      if (!relay.isUp) void relay.start();
    });
  }

  /** A relay node whose owner hides mail for a while, or hands out old mail again and again. */
  #misuse(how: 'relay holding back' | 'relay replaying'): void {
    const relay = this.#relayDice.pick(this.#cast.relays);
    relay.misuse = how;
    const lasts = this.#relayDice.between(500, 4_000);
    const mend = (): void => {
      if (relay.misuse === how) relay.misuse = undefined;
      this.#mend.delete(mend);
    };
    this.#mend.add(mend);
    this.#cast.world.after(lasts, 'mend', mend);
  }

  #jump(): void {
    this.#cast.world.faults.strike('clock jump');
    this.#anyone().clockOffset += this.#dice.pick(JUMPS);
  }

  #fill(): void {
    const { disk } = this.#anyone();
    disk.full = true;
    this.#cast.world.after(this.#dice.between(200, 2_500), 'room again', () => {
      disk.full = false;
    });
  }
}
