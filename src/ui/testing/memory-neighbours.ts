// A group's dealings with other groups in memory: what is asked and answered shows at once; nothing is signed, nothing sent.

import { LiveValue } from '#app/live-value.ts';
import type {
  Asking,
  CardMaking,
  CardReading,
  NeighbourAnswer,
  NeighbourId,
  Neighbours,
  NeighbourState,
  OrderId,
  Part,
  ReceivedTask,
  SentTask,
  Trust,
} from '#app/neighbours/neighbour-api.ts';
import type { MessageId, PersonId } from '#app/talk/talk-api.ts';
import type { TaskId } from '#app/tasks/task-api.ts';
import type { RoleId } from '#core/charter/rules.ts';
import type { Millis } from '#core/ports.ts';

const DAY_MS = 86_400_000;
const LEAD = 'lead' as RoleId;
const SHIFT = 'shift' as NeighbourId;
const NUMBER = '40913 77250 11846 90332 58167 24905 61730 08254 93311 47786 20459 36618';
const CODE = 'dWMx'.padEnd(700, 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_');
const words = (text: string): { readonly title: string } => ({ title: text });

function asked(id: string, over: Partial<ReceivedTask> & { readonly title: string }): ReceivedTask {
  const [order, message] = [id as OrderId, `message ${id}` as MessageId];
  return {
    ...{ id: order, message, from: SHIFT, fromName: 'Night Shift', role: 'Lead', text: '', due: undefined },
    ...{ at: Date.now() as Millis, state: undefined, parts: { done: 0, all: 0 }, note: '', tasks: [] },
    ...over,
  };
}

function asking(id: string, over: Partial<SentTask> & { readonly title: string }): SentTask {
  return {
    ...{ id: id as OrderId, to: SHIFT, toName: 'Night Shift', role: 'Lead', by: 'me' as PersonId, text: '' },
    ...{ due: undefined, at: Date.now() as Millis, task: undefined, state: 'waiting', note: '' },
    ...{ parts: { done: 0, all: 0 } },
    ...over,
  };
}

function begin(): NeighbourState {
  const until = (Date.now() + 20 * DAY_MS) as Millis;
  const today = Math.floor(Date.now() / DAY_MS);
  const role = (isApproved: boolean) => ({ id: LEAD, label: 'Lead', isApproved });
  const shift = { id: SHIFT, name: 'Night Shift', ownName: 'Night Shift', until, isOver: false, safetyNumber: NUMBER };
  const mill = { ...shift, id: 'mill' as NeighbourId, name: 'The Mill', isOver: true, roles: [role(false)] };
  const stranger = { ...shift, id: 'stranger' as NeighbourId, name: 'Riverside', roles: [role(false)] };
  const parts = { done: 1, all: 3 };
  const tasks = ['Cook', 'Carry', 'Wash up'].map((title, i) => ({ id: `task ${i}` as TaskId, ...words(title) }));
  return {
    home: 'here',
    readers: 'everyone',
    card: { code: CODE, roles: [{ id: LEAD, label: 'Lead', maySign: true }], until, isOver: false },
    mayPublish: true,
    mayTrust: true,
    mayTasks: true,
    known: [{ ...shift, roles: [role(true)] }, mill],
    strangers: [stranger],
    received: [
      asked('1', { ...words('200 meals on Saturday'), text: 'At the north gate.\nTwo of us help.', due: today + 3 }),
      asked('2', { ...words('Tents for the camp'), state: 'split', parts, tasks }),
      asked('3', { ...words('A van on Monday'), state: 'returned', note: 'ours is broken' }),
    ],
    sent: [
      asking('4', { ...words('Somebody who can mend an oven'), due: today - 1, state: 'sent' }),
      asking('5', { ...words('Blankets'), state: 'done', parts: { done: 1, all: 1 }, note: 'forty of them' }),
    ],
    refused: [
      {
        ...{ id: 'r1' as MessageId, why: 'forged', from: SHIFT, fromName: 'Night Shift', title: '900 meals at once' },
        ...{ at: Date.now() as Millis, isOpen: false },
      },
      {
        ...{ id: 'r2' as MessageId, why: 'not-approved', from: stranger.id, fromName: 'Riverside', title: 'Chairs' },
        ...{ at: Date.now() as Millis, isOpen: true },
      },
    ],
  };
}

const done = (): Promise<NeighbourAnswer> => Promise.resolve('done');

export class MemoryNeighbours implements Neighbours {
  readonly state = new LiveValue<NeighbourState>(begin());
  #made = 0;

  readCard(code: string): Promise<CardReading> {
    const problem = (['damaged', 'cut', 'newer-version'] as const).find((is) => code.includes(is));
    if (problem !== undefined) return Promise.resolve({ is: problem });
    if (!code.includes('dWMx')) return Promise.resolve({ is: 'foreign' });
    return Promise.resolve({
      is: 'card',
      group: 'stranger' as NeighbourId,
      name: 'Riverside',
      roles: [{ id: LEAD, label: 'Lead' }],
      until: (Date.now() + DAY_MS) as Millis,
      safetyNumber: NUMBER,
      known: undefined,
    });
  }

  publishCard({ roles }: CardMaking): Promise<NeighbourAnswer> {
    const { card } = this.state.current;
    this.#change({ card: card && { ...card, roles: roles.map((id) => ({ id, label: id, maySign: true })) } });
    return done();
  }

  approve(_code: string, trust: Trust): Promise<NeighbourAnswer> {
    return this.trust('stranger' as NeighbourId, trust);
  }

  trust(group: NeighbourId, { name, roles }: Trust): Promise<NeighbourAnswer> {
    const { known, strangers, refused } = this.state.current;
    const found = [...known, ...strangers].find(({ id }) => id === group);
    if (found === undefined) return Promise.resolve('gone');
    const approved = found.roles.map((role) => ({ ...role, isApproved: roles.includes(role.id) }));
    this.#change({
      known: [...known.filter(({ id }) => id !== group), { ...found, name, roles: approved }],
      strangers: strangers.filter(({ id }) => id !== group),
      refused: refused.filter(({ from }) => from !== group),
    });
    return done();
  }

  send({ to, title, text, due }: Asking): Promise<NeighbourAnswer> {
    if (title.trim() === '') return Promise.resolve('empty');
    const toName = this.state.current.known.find(({ id }) => id === to)?.name ?? '';
    this.#change({
      sent: [asking(`made ${this.#made++}`, { title, text, due, to, toName }), ...this.state.current.sent],
    });
    return done();
  }

  accept(order: OrderId, parts: readonly Part[]): Promise<NeighbourAnswer> {
    const tasks = parts.map(({ title }) => ({ id: `task ${this.#made++}` as TaskId, title }));
    const state = tasks.length > 1 ? 'split' : 'accepted';
    return this.#answer(order, { state, tasks, parts: { done: 0, all: tasks.length } });
  }

  giveBack(order: OrderId, note: string): Promise<NeighbourAnswer> {
    return this.#answer(order, { state: 'returned', note });
  }

  #answer(order: OrderId, change: Partial<ReceivedTask>): Promise<NeighbourAnswer> {
    const { received } = this.state.current;
    this.#change({ received: received.map((one) => (one.id === order ? { ...one, ...change } : one)) });
    return done();
  }

  #change(change: Partial<NeighbourState>): void {
    this.state.set({ ...this.state.current, ...change });
  }
}
