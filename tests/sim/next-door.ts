// What a town and the group next door have to do with each other: cards, tasks asked for and answered while the storm goes
// on, and letters by who may not send any.

import { hex } from '#core/bytes/bytes.ts';
import type { Seed } from '#core/crypto/suite.ts';
import { decodeOutsideCardCode } from '#core/neighbours/card-code.ts';
import { decodeNeighbourAct } from '#core/neighbours/neighbour-body.ts';
import type { OrderId } from '#core/neighbours/order.ts';
import type { SignedOutsideCard } from '#core/neighbours/outside-card.ts';
import type { Neighbours, NeighbourState } from '#app/neighbours/neighbour-api.ts';
import { NEXT_DOOR, type NextDoor, type Side } from './neighbouring.ts';
import type { Person } from './person.ts';
import { leaveLetter, strayLetter, type Pretence } from './stray-letter.ts';
import { groupOf, nameOf, PLAZA, type Town } from './town.ts';

const DEEDS = 21;
const PRETENCES: readonly Pretence[] = ['forged', 'expired', 'revoked'];
/** What a task is called that was made of what others asked for: nobody there reads it. */
export const PART = 'part';
/** Mail goes, and is filed by whoever’s turn it is. */
const ARRIVES = 12_000;
const SOON = 4_000;

type Doing = Town & { readonly nextDoor: NextDoor };

function hasNextDoor(town: Town): town is Doing {
  return town.nextDoor !== undefined;
}

export function roomOf(person: Person): Neighbours | undefined {
  return groupOf(person)?.neighbours;
}

export function stateOf(person: Person): NeighbourState | undefined {
  return roomOf(person)?.state.current;
}

/* ---------- in fair weather ---------- */

/** Next door is founded, and the two take each other’s cards in. */
export async function settleNextDoor(town: Town): Promise<void> {
  if (!hasNextDoor(town)) return;
  const { world, nextDoor } = town;
  const [lead, other] = nextDoor.people as [Person, Person];
  for (const person of nextDoor.people) void person.start();
  while (nextDoor.people.some(({ session }) => session === undefined)) await world.pass(100);
  void foundNextDoor(lead, other);
  while (groupOf(other)?.state.current.standing !== 'in') await world.pass(500);
  await world.pass(SOON);
  await during(town, renewCards(nextDoor));
  await world.pass(SOON);
  await during(town, takeCardsIn(nextDoor));
}

async function foundNextDoor(lead: Person, other: Person): Promise<void> {
  const { rules, founderRoles } = NEXT_DOOR;
  const { groups } = lead.session!;
  await groups.found({ name: 'next door', myName: nameOf(lead), rules, myRoles: founderRoles, channels: [PLAZA] });
  const made = await groupOf(lead)!.invite({ role: undefined, uses: 1 });
  if (typeof made === 'object') await other.session!.groups.join(made.code!, nameOf(other));
}

async function renewCards({ sides }: NextDoor): Promise<void> {
  for (const side of sides) {
    side.speaks = false;
    for (const person of side.people()) side.speaks ||= await renewCard(side, person);
  }
}

async function renewCard({ roles }: Side, person: Person): Promise<boolean> {
  const mine = groupOf(person)?.state.current.roles.flatMap((role) => (role.mine ? [role.id] : [])) ?? [];
  const shown = roles.filter((role) => mine.includes(role));
  if (shown.length === 0) return false;
  return (await roomOf(person)?.publishCard({ roles: shown, readers: 'everyone' })) === 'done';
}

/** As people hand them over, by hand. */
async function takeCardsIn({ sides: [ours, theirs] }: NextDoor): Promise<void> {
  for (const [side, other] of [
    [ours, theirs],
    [theirs, ours],
  ] as const) {
    const code = newestCode(other);
    if (code === undefined) continue;
    for (const person of side.people()) {
      const answer = await roomOf(person)?.approve(code, { name: other.name, roles: other.roles });
      if (answer === 'done') break;
    }
  }
}

function newestCode(side: Side): string | undefined {
  const codes = side.people().map((person) => stateOf(person)?.card?.code);
  const cards = codes.flatMap((code) => {
    const card = cardIn(code);
    return card === undefined ? [] : [{ code, number: card.number }];
  });
  return cards.sort((a, b) => b.number - a.number)[0]?.code;
}

function cardIn(code: string | undefined): SignedOutsideCard | undefined {
  const card = decodeOutsideCardCode(code ?? '');
  return typeof card === 'string' ? undefined : card;
}

/* ---------- in the storm ---------- */

type Deed = (town: Doing, side: Side, isFair: boolean) => Promise<void>;

/** Many things are asked for and done at times that nobody chose. */
export function stormNextDoor(town: Town, length: number): void {
  if (!hasNextDoor(town)) return;
  const { world, nextDoor } = town;
  const { dice, sides } = nextDoor;
  const deeds: readonly Deed[] = [ask, ask, answer, answer, goOn, goOn, sendStray];
  for (let i = 0; i < DEEDS; i++) {
    const deed = deeds[i % deeds.length]!;
    world.after(dice.roll(length), 'next door', () => {
      town.operations++;
      world.note('next door', deed.name);
      void deed(town, dice.pick(sides), false).catch(() => world.logger().count('next door', `${deed.name} failed`));
    });
  }
}

/** When the storm is over the cards are made anew; each side asks once more, strangers try, and each has the last word. */
export async function calmNextDoor(town: Town): Promise<void> {
  if (!hasNextDoor(town)) return;
  const { world, nextDoor } = town;
  const { sides, dice } = nextDoor;
  // Cards hold until a day: of whose clock is years off they may be over before they are made.
  for (const side of sides) for (const person of side.people()) person.clockOffset = 0;
  // Who was away meets the others again.
  await world.pass(ARRIVES);
  await during(town, renewCards(nextDoor));
  await world.pass(SOON);
  await during(town, takeCardsIn(nextDoor));
  await world.pass(SOON);
  for (const side of sides) await during(town, ask(town, side, true));
  for (const why of PRETENCES) await during(town, leaveStray(town, dice.pick(sides), why));
  await world.pass(ARRIVES);
  for (const side of sides) await during(town, answerAll(town, side));
}

function mark(nextDoor: NextDoor, what: string): string {
  return `${what} <d.${nextDoor.written++}> of the neighbours`;
}

function somebody({ dice }: NextDoor, side: Side): Person | undefined {
  const there = side.people().filter((person) => stateOf(person)?.home === 'here');
  return there.length === 0 ? undefined : dice.pick(there);
}

async function ask(town: Doing, side: Side, isFair: boolean): Promise<void> {
  const { nextDoor, taint } = town;
  const [ours, theirs] = nextDoor.sides;
  const signers = side.people().filter((person) => signs(person) && stateOf(person)?.mayTasks === true);
  const person = isFair ? signers[0] : somebody(nextDoor, side);
  const state = person && stateOf(person);
  const role = state?.card?.roles.find(({ maySign }) => maySign)?.id;
  const to = state?.known[0]?.id;
  const author = person && groupOf(person)?.state.current.me;
  if (person === undefined || author === undefined || role === undefined || to === undefined) return;
  const [title, text] = [mark(nextDoor, 'title'), mark(nextDoor, 'text')];
  for (const words of [title, text]) taint.words('what a neighbour asked for', words);
  const answer = await roomOf(person)!.send({ to, role, title, text, due: undefined });
  if (answer !== 'done') return;
  nextDoor.asked.push({ title, by: person, author, from: side, to: side === ours ? theirs : ours, isFair });
}

function signs(person: Person): boolean {
  return stateOf(person)?.card?.roles.some(({ maySign }) => maySign) === true;
}

async function answer(town: Doing, side: Side): Promise<void> {
  const person = somebody(town.nextDoor, side);
  const open = (person && stateOf(person)?.received.filter(({ state }) => state === undefined)) ?? [];
  if (person !== undefined && open.length > 0) await answerOne(town, person, town.nextDoor.dice.pick(open).id);
}

function secret({ nextDoor, taint }: Doing, what: string): string {
  const words = mark(nextDoor, what);
  taint.words('an answer to a neighbour', words);
  return words;
}

async function answerOne(town: Doing, person: Person, order: OrderId): Promise<void> {
  const { dice } = town.nextDoor;
  const room = roomOf(person)!;
  if (dice.chance(0.3)) await room.giveBack(order, secret(town, 'note'));
  else
    await room.accept(
      order,
      Array.from({ length: dice.between(1, 3) }, () => ({ title: secret(town, PART) })),
    );
}

/** Somebody does something about a task that was made of what was asked for. */
async function goOn({ nextDoor }: Doing, side: Side): Promise<void> {
  const { dice } = nextDoor;
  const person = somebody(nextDoor, side);
  const tasks = (person && stateOf(person)?.received.flatMap((received) => received.tasks)) ?? [];
  if (person === undefined || tasks.length === 0) return;
  const to = dice.pick(['doing', 'done', 'done', 'dropped'] as const);
  await groupOf(person)?.tasks?.act(dice.pick(tasks).id, { do: 'move', to });
}

/** Something changes about all that was asked for, so that word of it goes back once more. */
async function answerAll(town: Doing, side: Side): Promise<void> {
  const able = side.people().filter((person) => stateOf(person)?.mayTasks === true);
  const person = able.find(signs) ?? able[0];
  for (const { id, tasks } of (person && stateOf(person)?.received) ?? []) {
    if (tasks.length === 0) await answerOne(town, person!, id);
    else await roomOf(person!)!.accept(id, [{ title: secret(town, PART) }]);
  }
}

/* ---------- by who may not ---------- */

function sendStray(town: Doing, side: Side): Promise<void> {
  return leaveStray(town, side, town.nextDoor.dice.pick(PRETENCES));
}

async function leaveStray(town: Doing, to: Side, why: Pretence): Promise<void> {
  const { nextDoor, world, roads, taint } = town;
  const from = nextDoor.sides.find((side) => side !== to)!;
  const [theirs, ours] = [cardIn(newestCode(to)), cardIn(newestCode(from))];
  const outside = ours && from.people().flatMap((person) => outsideSeeds(person, ours))[0];
  if (theirs === undefined || ours === undefined || outside === undefined) return;
  const title = mark(nextDoor, why);
  taint.words('what a stranger asked for', title);
  const street = { world, roads, suite: town.hostileParts.suite };
  const order = hex.encode(nextDoor.dice.bytes(16)) as OrderId;
  const role = from.roles[0]!;
  const letter = await strayLetter(street, why, { as: ours, outside, to: theirs, role, title, order });
  nextDoor.strays.push({ title, to, why });
  if (await leaveLetter(street, theirs, letter)) world.faults.strike('false neighbour');
}

/** The key by which a group is known to others: who has it may have had it for long. */
function outsideSeeds(person: Person, card: SignedOutsideCard): readonly Seed[] {
  const entries = person.book?.spaces()[0]?.replica.log.entries ?? [];
  return entries.flatMap(({ message, open }) => {
    if (message.header.kind !== 'neighbour' || open === undefined) return [];
    const act = decodeNeighbourAct(open.body);
    return act.act === 'keep' && act.card.key === card.key ? [act.outside] : [];
  });
}

/** Lets time pass until something was done, or an app died over it. */
async function during({ world }: Town, work: Promise<unknown>): Promise<void> {
  let isDone = false;
  void work.catch(() => world.logger().count('next door', 'failed')).finally(() => (isDone = true));
  for (let i = 0; i < 100 && !isDone; i++) await world.pass(200);
}
