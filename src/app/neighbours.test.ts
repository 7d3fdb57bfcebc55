// Tasks between groups in real sessions over relay nodes in memory (P39, P40): cards, orders, and word of how they go.

import { describe, expect, it } from 'vitest';
import type { RoleId } from '#core/charter/rules.ts';
import { gathered, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import type { NeighbourState, Neighbours } from './neighbour-api.ts';

const LEAD = 'lead' as RoleId;

const room = (member: Member): Neighbours => member.group.neighbours!;
const state = (member: Member): NeighbourState => room(member).state.current;

async function withCard(world: SessionWorld, ...names: string[]): Promise<Member[]> {
  const all = await gathered(world, 'founder-led', ...names);
  expect(await world.during(room(all[0]!).publishCard({ roles: [LEAD], readers: 'everyone' }))).toBe('done');
  await world.pass(3_000);
  return all;
}

/** Two groups whose leads know each other's card; each lets the other's lead send it tasks. */
async function acquainted(world: SessionWorld): Promise<{ harbour: Member[]; shift: Member[] }> {
  const harbour = await withCard(world, 'alice', 'bob');
  const shift = await withCard(world, 'carol', 'dave');
  const [alice, carol] = [harbour[0]!, shift[0]!];
  const trust = (name: string) => ({ name, roles: [LEAD] });
  expect(await world.during(room(alice).approve(state(carol).card!.code!, trust('Night Shift')))).toBe('done');
  expect(await world.during(room(carol).approve(state(alice).card!.code!, trust('Harbour Kitchen')))).toBe('done');
  await world.pass(3_000);
  return { harbour, shift };
}

const meals = { role: LEAD, title: '200 meals on Saturday', text: 'At the north gate.', due: 20_003 };

describe('tasks between groups', () => {
  it('come with proof, are accepted, and word of how they go comes back by itself (P39, P40)', async () => {
    const world = await SessionWorld.start();
    const { harbour, shift } = await acquainted(world);
    const [alice, bob] = [harbour[0]!, harbour[1]!];
    const [carol, dave] = [shift[0]!, shift[1]!];
    expect(state(alice).known.map(({ name }) => name)).toEqual(['Night Shift']);
    expect(state(alice).known[0]!.safetyNumber).toBe(state(carol).known[0]!.safetyNumber);
    const { id } = state(alice).known[0]!;
    expect(await world.during(room(alice).send({ to: id, ...meals }))).toBe('done');
    await world.pass(20_000);
    expect(state(alice).sent).toMatchObject([{ title: meals.title, state: 'sent' }]);
    for (const member of [carol, dave]) {
      expect(state(member).received).toMatchObject([
        { title: meals.title, text: meals.text, due: 20_003, fromName: 'Harbour Kitchen', state: undefined },
      ]);
      expect(state(member).refused).toEqual([]);
    }
    const [came] = state(carol).received;
    expect(await world.during(room(carol).accept(came!.id, [{ title: 'Cook' }, { title: 'Carry' }]))).toBe('done');
    await world.pass(60_000);
    for (const member of [alice, bob]) {
      expect(state(member).sent).toMatchObject([{ state: 'split', parts: { all: 2, done: 0 } }]);
    }
    for (const { id: task } of state(dave).received[0]!.tasks) {
      await world.during(dave.group.tasks!.act(task, { do: 'move', to: 'done' }));
    }
    await world.pass(60_000);
    expect(state(bob).sent).toMatchObject([{ state: 'done', parts: { all: 2, done: 2 } }]);
    expect(state(alice).refused).toEqual([]);
  }, 60_000);
});
