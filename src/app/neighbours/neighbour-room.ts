// The dealings of one group with others, in a session: its card, the groups it knows, tasks that came and went.

import { hex } from '#core/bytes/bytes.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { readOutsideCardCode } from '#core/neighbours/card-code.ts';
import { encodeNeighbourAct, type NeighbourAct } from '#core/neighbours/neighbour-body.ts';
import type { Neighbour } from '#core/neighbours/neighbours.ts';
import { MAX_ORDER_TEXT_BYTES, MAX_ORDER_TITLE_BYTES, type OrderId } from '#core/neighbours/order.ts';
import type { SignedOutsideCard } from '#core/neighbours/outside-card.ts';
import { HOUR, type RelayAddress, type Rows } from '#core/ports.ts';
import { fits } from '#core/wire/text.ts';
import { safeName } from '#core/identity/names.ts';
import { LiveValue } from '../live-value.ts';
import type { WantedTopic } from '../traffic/mail-in.ts';
import type {
  Asking,
  CardMaking,
  CardReading,
  NeighbourAnswer,
  NeighbourId,
  NeighbourRefusal,
  Neighbours,
  NeighbourState,
  Part,
  Trust,
} from './neighbour-api.ts';
import { NeighbourCard } from './neighbour-card.ts';
import { NeighbourInbox } from './neighbour-inbox.ts';
import { NEIGHBOUR_KIND, NeighbourLog, type NeighbourHome } from './neighbour-log.ts';
import { NeighbourOutbox } from './neighbour-outbox.ts';
import { NeighbourReports } from './neighbour-reports.ts';
import type { NeighbourSurroundings } from './neighbour-surroundings.ts';
import {
  dealingsOf,
  keyOf,
  neighbourOf,
  numberOf,
  ownCardOf,
  rolesOf,
  strangerCards,
  untilOf,
} from './neighbour-words.ts';
import type { ReadingDays } from '../traffic/reading-list.ts';
import { ownName } from '../groups/group-answers.ts';
import { write } from '../space/author.ts';
import type { Settled } from '../space/replica.ts';
import type { Readers, Tasks } from '../tasks/task-api.ts';

export interface NeighbourRoomPorts extends Omit<NeighbourSurroundings, 'log' | 'changed'> {
  readonly tasks: () => Tasks;
  /** Other relay nodes or topics may be wanted. Within an event. */
  readonly wanted: () => void;
  /** Something of it shows on the group's own screens. */
  readonly shown: () => void;
}

const ORDER_ID_BYTES = 16;
const MAX_NOTE_BYTES = 2_000;
const MAX_PARTS = 20;

export class NeighbourRoom implements Neighbours {
  readonly state: LiveValue<NeighbourState>;
  readonly #ports: NeighbourRoomPorts;
  readonly #around: NeighbourSurroundings;
  readonly #log: NeighbourLog;
  readonly #card: NeighbourCard;
  readonly #inbox: NeighbourInbox;
  readonly #outbox: NeighbourOutbox;
  readonly #reports: NeighbourReports;
  #signable: ReadonlySet<RoleId> = new Set();
  #seen: readonly unknown[] = [];
  #shown = '';
  #wants = '';
  #isLooking = false;
  #isClosed = false;

  constructor(ports: NeighbourRoomPorts) {
    this.#ports = ports;
    const { space, context, queue, engine } = ports;
    const changed = (): void => this.#lookSoon();
    this.#log = new NeighbourLog({ space, suite: context.suite, queue, changed });
    this.#around = { space, context, queue, engine, log: this.#log, changed };
    this.#card = new NeighbourCard(this.#around);
    this.#inbox = new NeighbourInbox(this.#around);
    this.#outbox = new NeighbourOutbox(this.#around);
    this.#reports = new NeighbourReports({ around: this.#around, card: this.#card, tasks: ports.tasks, changed });
    this.state = new LiveValue(this.#stateNow());
    this.#lookSoon();
  }

  async load(rows: Rows): Promise<void> {
    await this.#inbox.load(rows);
    await this.#outbox.load(rows);
  }

  close(): void {
    this.#isClosed = true;
    for (const part of [this.#log, this.#card, this.#inbox, this.#outbox, this.#reports]) part.close();
  }

  relays(): readonly RelayAddress[] {
    return [...this.#inbox.relays(), ...this.#outbox.relays()];
  }

  topics(relay: RelayAddress, days: ReadingDays): Promise<readonly WantedTopic[]> {
    return this.#inbox.topics(relay, days);
  }

  /** A relay node is there. Part of an event. */
  deliver(): Promise<void> {
    return this.#outbox.deliver();
  }

  settled({ entry }: Settled): void {
    if (entry.message.header.kind === NEIGHBOUR_KIND) this.#log.settled(entry);
  }

  restood(): void {
    this.#log.restood();
  }

  /** Members, roles, keys or rules may be others now; looked at again only if some are, and once in an hour. */
  refresh(): void {
    const { replica, standing } = this.#ports.space;
    const hour = Math.floor(this.#ports.context.clock.now() / HOUR);
    const seen = [replica.view?.group, standing, replica.keys.held.size, hour];
    if (seen.every((one, i) => one === this.#seen[i])) return;
    this.#seen = seen;
    this.#lookSoon();
  }

  async readCard(code: string): Promise<CardReading> {
    const reading = await this.#read(code);
    if (!('card' in reading)) return reading;
    const { card } = reading;
    const ours = this.#log.card;
    const known = this.#log.home?.state.neighbours.get(card.key);
    return {
      is: ours?.key === card.key ? 'own' : reading.is,
      group: neighbourOf(card.key),
      name: safeName(card.card.name),
      roles: rolesOf(card),
      until: untilOf(card),
      safetyNumber: numberOf(ours, card.key),
      known: known && { name: safeName(known.name), roles: known.roles },
    };
  }

  publishCard(making: CardMaking): Promise<NeighbourAnswer> {
    return this.#do(() => this.#card.make(making));
  }

  async approve(code: string, trust: Trust): Promise<NeighbourAnswer> {
    const reading = await this.#read(code);
    if (!('card' in reading)) return reading.is;
    if (reading.is === 'expired') return 'expired';
    return this.#approve(reading.card, trust);
  }

  async trust(group: NeighbourId, trust: Trust): Promise<NeighbourAnswer> {
    const key = keyOf(group);
    const home = this.#log.home;
    const known = home && (home.state.neighbours.get(key)?.card ?? strangerCards(home).get(key));
    return known === undefined ? 'gone' : this.#approve(known, trust);
  }

  send({ to, role, title, text, due, task }: Asking): Promise<NeighbourAnswer> {
    const line = title.trim();
    return this.#do(async (home) => {
      if (home === undefined) return 'no-card';
      if (line === '') return 'empty';
      if (!fits(line, MAX_ORDER_TITLE_BYTES) || !fits(text, MAX_ORDER_TEXT_BYTES)) return 'too-long';
      const neighbour = home.state.neighbours.get(keyOf(to));
      if (neighbour === undefined) return 'gone';
      if (neighbour.card.expires < this.#card.today) return 'expired';
      if (!this.#mayTasks) return 'not-allowed';
      const { random, clock } = this.#ports.context;
      const order = hex.encode(random.bytes(ORDER_ID_BYTES)) as OrderId;
      const at = clock.now();
      const addressed = { from: home.keys.card.key, to: neighbour.key, role, order, at };
      const letter = await this.#card.sign({ is: 'order', ...addressed, title: line, text: text.trim(), due });
      if (letter === undefined) return 'role-not-on-card';
      return this.#write(home, { act: 'went', at, letter, task });
    });
  }

  async accept(id: OrderId, parts: readonly Part[]): Promise<NeighbourAnswer> {
    const home = this.#log.home;
    const received = home?.state.received.get(id);
    if (home === undefined || received === undefined) return 'gone';
    if (parts.length === 0 || parts.some(({ title }) => title.trim() === '')) return 'empty';
    if (parts.length > MAX_PARTS) return 'too-long';
    const readers = home.scope as string as Readers;
    for (const { title, assignee } of parts) {
      const to = assignee === undefined ? {} : { assignee };
      const due = received.order.due === undefined ? {} : { due: received.order.due };
      const made = await this.#ports.tasks().create({ title, readers, origin: received.id, ...to, ...due });
      if (made.is === 'refused') return REFUSALS[made.why] ?? 'not-allowed';
    }
    return 'done';
  }

  giveBack(id: OrderId, note: string): Promise<NeighbourAnswer> {
    return this.#do(async (home) => {
      const received = home?.state.received.get(id);
      if (home === undefined || received === undefined) return 'gone';
      if (!fits(note, MAX_NOTE_BYTES)) return 'too-long';
      const said = { state: 'returned', parts: { all: 0, done: 0 }, note: note.trim() } as const;
      return (await this.#reports.report(home, received, said)) ? undefined : 'role-not-on-card';
    });
  }

  get #mayTasks(): boolean {
    const { space } = this.#ports;
    return space.standing === 'in' && (space.has('tasks') || space.has('card'));
  }

  #read(code: string): ReturnType<typeof readOutsideCardCode> {
    return readOutsideCardCode(this.#ports.context.suite, code, this.#card.today);
  }

  #approve(card: SignedOutsideCard, { name, roles }: Trust): Promise<NeighbourAnswer> {
    const shown = ownName(name);
    return this.#do(async (home) => {
      if (home === undefined) return 'no-card';
      if (card.key === home.keys.card.key) return 'own-card';
      if (shown === '') return 'empty';
      if (!this.#ports.space.has('card')) return 'not-allowed';
      const known = card.card.roles.map(({ id }) => id);
      const approved = roles.filter((role) => known.includes(role));
      const at = this.#ports.context.clock.now();
      const problem = await this.#write(home, { act: 'approve', at, card, name: shown, roles: approved });
      if (problem !== undefined) return problem;
      return this.#takeAfterAll(home, { key: card.key, name: shown, card, roles: approved });
    });
  }

  /** What came before its role was approved is filed again: now it counts. */
  async #takeAfterAll(home: NeighbourHome, { key, roles }: Neighbour): Promise<NeighbourRefusal | undefined> {
    const refused = new Set(home.state.refused.flatMap(({ id, why }) => (why === 'not-approved' ? [id] : [])));
    const again = new Set<OrderId>();
    for (const { id, act } of home.told) {
      if (!refused.has(id) || act.act !== 'came') continue;
      const { letter } = act.letter;
      const isMeant = letter.is === 'order' && letter.from === key && roles.includes(letter.role);
      if (!isMeant || home.state.received.has(letter.order) || again.has(letter.order)) continue;
      again.add(letter.order);
      const problem = await this.#write(home, { ...act, at: this.#ports.context.clock.now() });
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  /** Does something as an event, and answers when it is on disk. */
  async #do(
    work: (home: NeighbourHome | undefined) => Promise<NeighbourRefusal | undefined>,
  ): Promise<NeighbourAnswer> {
    const { queue, space, context, engine } = this.#ports;
    const problem = await queue.run((): Promise<NeighbourRefusal | undefined> | NeighbourRefusal | undefined => {
      const { standing, replica } = space;
      if (standing === 'newer-version') return 'newer-version';
      if (standing !== 'in' || replica.view?.group === undefined) return 'gone';
      return context.disk.state === 'well' ? work(this.#log.home) : 'no-room';
    });
    if (problem !== undefined) return problem;
    const saved = await context.disk.flush();
    await queue.run(() => engine().charterChanged(space.replica));
    return saved === 'saved' ? 'done' : 'no-room';
  }

  /** Part of an event. */
  async #write(home: NeighbourHome, act: NeighbourAct): Promise<NeighbourRefusal | undefined> {
    const { space, engine } = this.#ports;
    const { replica } = space;
    const said = { scope: home.scope, kind: NEIGHBOUR_KIND, body: encodeNeighbourAct(act) };
    const problem = await write(replica, said, (written) => engine().push(replica, written));
    if (problem !== undefined) return problem === 'newer' ? 'newer-version' : 'gone';
    engine().noteDurable(replica);
    return undefined;
  }

  /** Once after all that came in one event. */
  #lookSoon(): void {
    if (this.#isLooking || this.#isClosed) return;
    this.#isLooking = true;
    void this.#ports.queue.run(() => this.#look());
  }

  async #look(): Promise<void> {
    this.#isLooking = false;
    if (this.#isClosed) return;
    const { card } = this.#log;
    const mine: RoleId[] = [];
    for (const { id } of card?.card.roles ?? []) if (await this.#card.maySign(card!, id)) mine.push(id);
    this.#signable = new Set(mine);
    await this.#card.consider();
    this.#reports.consider();
    this.#show();
    const wants = [...this.relays(), this.#log.home?.state.kept.length ?? 0].join();
    if (wants !== this.#wants) {
      this.#wants = wants;
      this.#ports.wanted();
    }
    await this.#outbox.deliver();
  }

  #show(): void {
    const state = this.#stateNow();
    const spelled = JSON.stringify(state);
    if (spelled === this.#shown) return;
    this.#shown = spelled;
    this.state.set(state);
    this.#ports.shown();
  }

  #stateNow(): NeighbourState {
    const { space, context } = this.#ports;
    const { home, card } = this.#log;
    const ours = card ?? home?.keys.card;
    const now = context.clock.now();
    return {
      home: home !== undefined ? 'here' : card === undefined ? 'none' : 'elsewhere',
      card: ours && ownCardOf(ours, this.#signable, now),
      mayPublish: this.#card.mayPublish,
      mayTrust: space.standing === 'in' && space.has('card'),
      mayTasks: this.#mayTasks,
      ...dealingsOf(home, {
        ...{ ours, now },
        made: (received) => this.#reports.tasksOf(received),
        isLeft: (message) => this.#outbox.isLeft(message),
      }),
    };
  }
}

const REFUSALS: Readonly<Partial<Record<string, NeighbourRefusal>>> = {
  'no-room': 'no-room',
  gone: 'gone',
  'newer-version': 'newer-version',
  empty: 'empty',
  'too-long': 'too-long',
};
