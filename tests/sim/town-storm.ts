// What goes wrong in towns besides the weather: members are removed while they are away, some are hardly ever there, some
// have an old app.

import { Dice } from './dice.ts';
import { maySpare } from './deeds.ts';
import { OldApp } from './old-app.ts';
import type { Person } from './person.ts';
import { appsIn, groupOf, type Town } from './town.ts';

/** Tries to catch somebody away whom somebody else may remove. */
const REMOVALS = 3;
/** How soon whoever lost a device tries again to end it. */
const END_AGAIN = 1_500;
const MOST_TRIES = 8;
/** How long whoever is hardly ever there looks in. */
const VISIT = 2_500;

export class TownStorm {
  readonly #town: Town;
  readonly #dice: Dice;
  /** Of its own, so that it does not shift all before it. */
  readonly #lostDice: Dice;
  #isOver = false;

  constructor(town: Town) {
    this.#town = town;
    this.#dice = new Dice(town.world.seed, 'town storm');
    this.#lostDice = new Dice(town.world.seed, 'lost devices');
  }

  start(length: number): void {
    const { world, rare, people } = this.#town;
    for (let i = 0; i < REMOVALS; i++) {
      world.after(this.#dice.roll(length - 3_000), 'removal', () => {
        if (!this.#isOver) void this.#removeAway();
      });
    }
    world.after(this.#lostDice.roll(length - 6_000), 'phone is lost', () => void this.#loseDevice());
    for (const person of rare) this.#visit(person, length);
    for (const person of people) if (person instanceof OldApp) world.faults.strike('old app');
  }

  /** Everybody is back, and some have today’s app. */
  async end(): Promise<void> {
    this.#isOver = true;
    for (const person of appsIn(this.#town)) {
      if (person instanceof OldApp && this.#dice.chance(0.7)) {
        person.update();
        await this.#during(person.lock());
      }
      void person.start();
    }
  }

  /** Goes away until a visit or two, and stays away until the storm is over. */
  #visit(person: Person, length: number): void {
    const { world } = this.#town;
    void person.lock();
    world.faults.strike('rarely online');
    for (let i = 0; i < 2; i++) {
      world.after(this.#dice.roll(length - VISIT), 'visit', () => {
        if (this.#isOver) return;
        void person.start();
        world.after(VISIT, 'visit ends', () => {
          if (!this.#isOver) void person.lock();
        });
      });
    }
  }

  /** Somebody’s device is gone, and they end it, as soon as they can, from the other one. Then it turns up again. */
  async #loseDevice(tries = 0): Promise<void> {
    const { world, lost, ended } = this.#town;
    if (lost === undefined || this.#isOver) return;
    await lost.device.lock();
    const { words } = lost;
    const mayEnd = lost.other.session !== undefined && words !== undefined;
    if (mayEnd && (await lost.other.endOther(words))) {
      ended.add(lost.device);
      world.note('device ended while offline', lost.device.name);
      if (lost.device.session === undefined) world.faults.strike('device ended while offline');
    } else if (tries < MOST_TRIES) {
      world.after(END_AGAIN, 'ended again', () => void this.#loseDevice(tries + 1));
      return;
    }
    world.after(this.#lostDice.between(500, 5_000), 'found again', () => void lost.device.start());
  }

  async #removeAway(): Promise<void> {
    const town = this.#town;
    const { world, rare } = town;
    const victim = this.#dice.pick(town.people.slice(1));
    const person = groupOf(victim)?.state.current.me;
    if (person === undefined || rare.includes(victim)) return;
    await victim.goAway(this.#dice.between(1_500, 6_000));
    for (let i = 0; i < 3; i++) {
      const other = this.#dice.pick(town.people);
      const group = groupOf(other);
      if (other === victim || group === undefined || !maySpare(town, group)) continue;
      if (group.may({ do: 'remove', person }) !== 'yes') continue;
      const answer = await group.remove(person);
      if (answer !== 'done' || victim.session !== undefined) continue;
      world.note('removed while offline', victim.name, other.name);
      world.faults.strike('removed while offline');
      return;
    }
  }

  async #during(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    void work.finally(() => (isDone = true));
    while (!isDone) await this.#town.world.pass(100);
  }
}
