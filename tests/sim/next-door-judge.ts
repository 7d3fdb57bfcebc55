// After the storm, of two groups that have to do with each other: within each all see the same, both say the same of what
// was asked for, nothing was taken from who may not ask, and neither holds anything else of the other.

import { hex } from '#core/bytes/bytes.ts';
import type { NeighbourState, ReceivedTask, SentTask } from '#app/neighbours/neighbour-api.ts';
import { MARKS } from './ledger.ts';
import { PART, stateOf } from './next-door.ts';
import type { Asked, NextDoor, Side } from './neighbouring.ts';
import type { Person } from './person.ts';
import type { Findings } from './run-world.ts';
import { Taint } from './taint.ts';
import { groupOf, messagesIn, nameOf, type Town } from './town.ts';
import { isStill, peopleIn } from './town-members.ts';

interface Seen {
  readonly person: Person;
  readonly state: NeighbourState;
}

export function lookNextDoor(town: Town, findings: Findings): void {
  const { nextDoor } = town;
  if (nextDoor === undefined) return;
  for (const { name, session } of nextDoor.people)
    if (session === undefined) findings.lost.push(`${name}: cannot open`);
  const [ours, theirs] = nextDoor.sides.map(seenBy) as [readonly Seen[], readonly Seen[]];
  for (const [i, seen] of [ours, theirs].entries()) {
    compareWithin(seen, findings);
    for (const one of seen) lookForStrays(nextDoor, nextDoor.sides[i]!, one, findings);
  }
  compareAcross(town, nextDoor, { states: [ours[0], theirs[0]], findings });
}

function seenBy(side: Side): readonly Seen[] {
  return side.people().flatMap((person) => {
    const state = stateOf(person);
    return state?.home === 'here' ? [{ person, state }] : [];
  });
}

function compareWithin([first, ...others]: readonly Seen[], { diverged }: Findings): void {
  if (first === undefined) return;
  const why = new Map(first.state.refused.map((one) => [one.title, one.why]));
  for (const { person, state } of others) {
    const who = `${first.person.name}/${person.name}`;
    for (const part of ['known', 'received', 'sent'] as const) {
      if (spelled(state, part) !== spelled(first.state, part)) diverged.push(`${who}: ${part} of next door`);
    }
    // How long they are shown is up to each clock.
    const other = state.refused.find(({ title, why: said }) => said !== (why.get(title) ?? said));
    if (other !== undefined) diverged.push(`${who}: why ${other.title} is refused`);
  }
}

/** As every member must see it: whether a letter was left yet its author alone knows, and clocks differ. */
function spelled(state: NeighbourState, part: 'known' | 'received' | 'sent'): string {
  const lines = state[part].map((one) => {
    const state = 'state' in one && one.state === 'waiting' ? { state: 'sent' } : {};
    return JSON.stringify({ ...one, ...state, isOver: false });
  });
  return lines.sort().join('\n');
}

function lookForStrays({ strays }: NextDoor, side: Side, { person, state }: Seen, findings: Findings): void {
  for (const { title, to, why } of strays) {
    if (to !== side) continue;
    if (state.received.some((one) => one.title === title)) findings.illegal.push(`${person.name}: took what is ${why}`);
    const refused = state.refused.find((one) => one.title === title);
    if (refused !== undefined && refused.why !== why)
      findings.illegal.push(`${person.name}: ${why} refused as ${refused.why}`);
  }
}

function compareAcross(
  town: Town,
  { asked, sides }: NextDoor,
  { states, findings }: { readonly states: readonly (Seen | undefined)[]; readonly findings: Findings },
): void {
  for (const request of asked) {
    const { title, from, to, isFair } = request;
    const [here, there] = [states[sides.indexOf(from)], states[sides.indexOf(to)]];
    const sent = here?.state.sent.find((one) => one.title === title);
    const received = there?.state.received.find((one) => one.title === title);
    if (here !== undefined && sent === undefined && isPromised(town, here, request))
      findings.lost.push(`${here.person.name}: asked for ${title}`);
    if (isFair && there !== undefined && received === undefined)
      findings.lost.push(`${there.person.name}: was asked for ${title}`);
    // Whom nobody can sign for any more cannot say how it goes.
    if (!to.speaks || sent === undefined || received === undefined) continue;
    const [said, heard] = [statusOf(received), statusOf(sent)];
    if (said !== heard) findings.diverged.push(`${here!.person.name}: ${title} is ${heard}, there it is ${said}`);
  }
}

/** What somebody asked for who is out, or by a device that was ended, may stand in their group or not, as all they said. */
function isPromised(town: Town, { person }: Seen, { by, author }: Asked): boolean {
  return peopleIn(groupOf(person)!).has(author) && isStill(town, by, author);
}

function statusOf({ state, parts, note }: ReceivedTask | SentTask): string {
  const isOpen = state === undefined || state === 'sent' || state === 'waiting';
  // Given back, though tasks were made of it before: those are nobody's but the group's own that has them.
  return JSON.stringify(isOpen ? ['open'] : [state, state === 'returned' ? undefined : parts, note]);
}

/** What takes long, once: no name, word or id of one group is on any disk of the other. */
export function lookAcross({ nextDoor }: Town, findings: Findings): void {
  if (nextDoor === undefined) return;
  const [ours, theirs] = nextDoor.sides;
  for (const [side, other] of [
    [ours, theirs],
    [theirs, ours],
  ] as const) {
    const inside = new Taint();
    for (const person of side.people()) noteInside(inside, person);
    for (const { disk } of other.people()) for (const { value } of disk.rows) if (value !== null) inside.reached(value);
    findings.leaked.push(...inside.found().map((line) => `to ${other.name}: ${line}`));
  }
}

function noteInside(taint: Taint, person: Person): void {
  const group = groupOf(person)!;
  taint.words('a name', nameOf(person));
  const ids = [
    group.id,
    ...group.state.current.people.map(({ id }) => id),
    ...group.channels.current.map(({ id }) => id),
  ];
  for (const id of [...ids, ...group.tasks!.list.current.map((task) => task.id)]) {
    taint.words('an id', id);
    taint.note('an id', hex.decode(id) ?? new Uint8Array());
  }
  for (const { text } of messagesIn(group))
    for (const mark of text.match(MARKS) ?? []) taint.words('words', `${mark} `);
  for (const { title, task } of group.tasks!.list.current) {
    if (task.origin === undefined || title.startsWith(PART)) taint.words('a title', title);
  }
}
