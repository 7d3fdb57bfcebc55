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
const SPELL = 4_000;

/** Clocks that were set by hand, lost their battery, or crossed a border. */
const JUMPS = [HOUR, -HOUR, 2 * DAY, -3 * DAY, 400 * DAY, -3_650 * DAY, 3_650 * DAY];

export class Storm {
  readonly #cast: Cast;
  readonly #dice: Dice;
  readonly #mend = new Set<() => void>();
  #isOver = false;

  constructor(cast: Cast) {
    this.#cast = cast;
    this.#dice = new Dice(cast.world.seed, 'storm');
  }

  start(): void {
    this.#often(SPELL, () => this.#changeWeather());
    this.#often(2_500, () => this.#cutOneWay());
    this.#often(7_000, () => this.#part());
    this.#often(16_000, () => this.#stopRelay('relay crash with disk'));
    this.#often(20_000, () => this.#stopRelay('relay crash without disk'));
    this.#often(20_000, () => this.#stopRelay('relays disagreeing'));
    this.#often(9_000, () => this.#crash());
    this.#often(6_000, () => this.#jump());
    this.#often(7_000, () => this.#fill());
    this.#often(1_600, () => this.#cast.forger.strike());
    this.#often(30_000, () => void this.#anyone().relock());
    // Enough that a commit is somebody's last once every few seconds.
    for (const person of this.#cast.people) person.disk.habits = { crashChance: 0.001 };
  }

  /** Fair weather, all roads open, clocks as they are, everybody there. */
  async end(): Promise<void> {
    const { roads, people, relays } = this.#cast;
    this.#isOver = true;
    roads.weather = FAIR;
    for (const mend of this.#mend) mend();
    for (const person of people) {
      person.disk.habits = { crashChance: 0 };
      person.disk.full = false;
    }
    for (const relay of relays) if (!relay.isUp) await relay.start();
    for (const person of people) void person.start();
  }

  #often(pace: number, strike: () => void): void {
    this.#cast.world.after(this.#dice.between(1, pace), 'storm', () => {
      if (this.#isOver) return;
      strike();
      this.#often(pace, strike);
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
    const relay: SimRelay = this.#dice.pick(relays);
    if (!relay.isUp) return;
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

  #crash(): void {
    this.#anyone().crash();
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
