// One town from beginning to end: founded, stormed upon while everybody does things, calm again, and looked at.

import type { FaultKind } from './faults.ts';
import type { Findings } from './checker.ts';
import { Storm } from './storm.ts';
import { groupOf, live, makeTown, messagesIn, settle, TOWNSPEOPLE, type Town } from './town.ts';
import type { Person } from './person.ts';

const DEEDS_EACH = 60;
const STORM = 20_000;
const PATIENCE = 240_000;
const LOOK = 6_000;

export interface TownResult {
  readonly seed: number;
  readonly trace: string;
  readonly operations: number;
  readonly faults: Record<FaultKind, number>;
  readonly counts: Readonly<Record<string, number>>;
  readonly agreedAfter: number;
  readonly findings: Findings;
}

export async function runTown(seed: number): Promise<TownResult> {
  const town = makeTown(seed);
  const { world } = town;
  await settle(town);
  const storm = new Storm(town);
  storm.start(STORM);
  for (const person of town.people) schedule(town, person);
  await world.pass(STORM);
  while (town.operations < DEEDS_EACH * TOWNSPEOPLE) await world.pass(500);
  await storm.end();
  const healedAt = world.now;
  do await world.pass(LOOK);
  while (world.now - healedAt < PATIENCE && !isCalm(look(town)));
  await world.stillness();
  return {
    seed,
    trace: world.trace,
    operations: town.operations,
    faults: world.faults.counts(),
    counts: Object.fromEntries([...world.counts].sort()),
    agreedAfter: world.now - healedAt,
    findings: look(town),
  };
}

function isCalm({ lost, diverged, illegal }: Findings): boolean {
  return lost.length + diverged.length + illegal.length === 0;
}

function schedule(town: Town, person: Person): void {
  let left = DEEDS_EACH;
  const pace = Math.floor((STORM * 2) / DEEDS_EACH);
  const next = (): void => {
    town.world.after(person.dice.roll(pace), 'live', () => {
      if (person.session === undefined) {
        next();
        return;
      }
      live(town, person);
      if (--left > 0) next();
    });
  };
  next();
}

/** Who is in must agree on everything, and have all that was promised while they were. */
function look(town: Town): Findings {
  const findings: Findings = { lost: [], diverged: [], illegal: [] };
  const present = town.people.filter((person) => groupOf(person)?.state.current.standing === 'in');
  const [first] = present;
  if (first === undefined) return findings;
  const members = new Set(namesIn(first));
  const expected = stateOf(first);
  for (const person of present) {
    if (!members.has(person.name)) findings.illegal.push(`${person.name} thinks they are in`);
    const seen = stateOf(person);
    for (const part of ['people', 'history', 'channels'] as const) {
      if (seen[part] !== expected[part]) findings.diverged.push(`${first.name}/${person.name}: ${part}`);
    }
    lookForMessages(town, person, { members, findings });
  }
  for (const name of members) {
    if (!present.some((person) => person.name === name)) findings.diverged.push(`${name} does not know they are in`);
  }
  compareMessages(town, present, findings);
  return findings;
}

function namesIn(person: Person): readonly string[] {
  return groupOf(person)!.state.current.people.flatMap(({ isIn, name }) => (isIn ? [name] : []));
}

function stateOf(person: Person): Record<'people' | 'history' | 'channels', string> {
  const group = groupOf(person)!;
  const people = group.state.current.people.map(({ id, name, isIn, roles }) => [id, name, isIn, roles]);
  const history = group.history.current.map(({ id, fate }) => [id, fate]);
  // The halls of one's own roles are not everybody's.
  const channels = group.channels.current.flatMap(({ id, name, readers }) =>
    readers === 'everyone' ? [[id, name]] : [],
  );
  return {
    people: JSON.stringify(people),
    history: JSON.stringify(history),
    channels: JSON.stringify(channels.sort()),
  };
}

function lookForMessages(
  town: Town,
  person: Person,
  { members, findings }: { members: ReadonlySet<string>; findings: Findings },
): void {
  const there = new Set(messagesIn(groupOf(person)!).map(({ text }) => /<[a-z]+\d*\.\d+>/.exec(text)?.[0]));
  for (const { mark, author, readers, isAcknowledged, wasDeleted } of town.said.values()) {
    // What somebody said whom the group removed may stand or not, by when the removal saw it.
    const isPromised = isAcknowledged && !wasDeleted && members.has(author) && readers.has(person.name);
    if (isPromised && !there.has(mark)) findings.lost.push(`${person.name}: ${mark}`);
  }
  const timeline = groupOf(person)!.channels.current.flatMap(({ id }) => groupOf(person)!.channel(id).timeline.current);
  if (timeline.some((entry) => entry.is === 'gap')) findings.diverged.push(`${person.name}: gap`);
}

/** Newcomers have less, and may lack what was made of a message by somebody who did not know of them. */
function compareMessages(town: Town, present: readonly Person[], findings: Findings): void {
  const seen = new Map<string, string>();
  for (const person of present) {
    const isNew = town.late.includes(person);
    for (const { id, text, deleted, by } of messagesIn(groupOf(person)!)) {
      for (const [what, told] of [
        ['text', text],
        ['fate', `${deleted} ${by}`],
      ] as const) {
        if (what === 'text' && isNew) continue;
        const before = seen.get(`${id} ${what}`);
        if (before === undefined) seen.set(`${id} ${what}`, told);
        else if (before !== told) findings.diverged.push(`${person.name}: ${what} of message ${id.slice(0, 8)}`);
      }
    }
  }
}
