// After the storm: whoever is in must agree on everything with everybody else who is, and have all that was promised them
// while they were; and what they agree on must be what the rule says, read a second time by tests/charter.

import type { DeviceId, Kid, MessageId } from '#core/charter/ids.ts';
import type { Group, PersonId } from '#app/groups/group-api.ts';
import type { Message } from '#app/talk/talk-api.ts';
import { differences } from '#tests/charter/oracle-law.ts';
import { unfounded } from '#tests/charter/provenance.ts';
import { firstDifference, stateText } from '#tests/charter/state-text.ts';
import { markIn } from './ledger.ts';
import { lostRights } from './lost-rights.ts';
import type { Person } from './person.ts';
import { EVIL } from './poison.ts';
import { noFindings, type Findings } from './run-world.ts';
import { appsIn, groupOf, messagesIn, type Town } from './town.ts';
import { compareDocuments } from './town-documents.ts';
import { isInside, isStill, membersOf, peopleIn, type Judge, type Member } from './town-members.ts';

export async function look(town: Town): Promise<Findings> {
  const findings = noFindings();
  const members = membersOf(town, findings);
  const [first] = members;
  if (first === undefined) return findings;
  const lost = lostRights(members.map(({ person }) => person.book!.spaces()[0]!.replica));
  const judge = { town, members, findings, inside: peopleIn(first.group), keys: keysOf(members), lost };
  compareGroups(judge);
  for (const member of members) lookForMessages(judge, member);
  compareMessages(judge);
  compareTasks(judge);
  await compareDocuments(judge);
  return findings;
}

/** What takes long, once: the engine’s view of the whole log against a second reading of the rule. */
export function lookAtCharter(town: Town, findings: Findings): void {
  const logs = appsIn(town)
    .filter((person) => isInside(town, person))
    .map((person) => ({ person, charter: charterOf(person)! }));
  const [first] = logs;
  if (first === undefined) return;
  const state = stateText(first.charter);
  for (const { person, charter } of logs.slice(1)) {
    const text = stateText(charter);
    if (text !== state) findings.diverged.push(`${first.person.name}/${person.name}: ${firstDifference(state, text)}`);
  }
  const ops = [...first.charter.ops.values()].map(({ signed }) => signed);
  for (const line of differences(first.charter, ops)) findings.illegal.push(line.slice(0, 300));
  for (const line of unfounded(first.charter)) findings.illegal.push(line);
}

function charterOf(person: Person) {
  return person.book?.spaces()[0]?.replica.charter;
}

/** The second device of somebody is theirs too. */
function compareGroups({ town, members, findings, inside }: Judge): void {
  const [first] = members;
  const expected = stateOf(first!.group);
  for (const { person, group, me } of members) {
    if (!inside.has(me)) findings.diverged.push(`${person.name} thinks they are in`);
    const seen = stateOf(group);
    for (const part of ['people', 'history', 'channels'] as const) {
      if (seen[part] !== expected[part]) findings.diverged.push(`${first!.person.name}/${person.name}: ${part}`);
    }
  }
  for (const person of appsIn(town)) {
    const me = groupOf(person)?.state.current.me;
    if (
      !person.isHonest ||
      me === undefined ||
      town.ended.has(person) ||
      members.some((member) => member.person === person)
    )
      continue;
    if (inside.has(me)) findings.diverged.push(`${person.name} does not know they are in`);
  }
}

function stateOf(group: Group): Record<'people' | 'history' | 'channels', string> {
  const people = group.state.current.people.map(({ id, name, isIn, roles }) => [id, name, isIn, roles]);
  const history = group.history.current.map(({ id, fate }) => [id, fate]);
  // The halls of one's own roles are not everybody's, nor is what is left where one spoke of a channel that lost its name.
  const channels = group.channels.current.flatMap(({ id, name, readers }) =>
    readers === 'everyone' && name !== '' ? [[id, name]] : [],
  );
  return {
    people: JSON.stringify(people),
    history: JSON.stringify(history),
    channels: JSON.stringify(channels.sort()),
  };
}

function holds(group: Group, scope: string, who: PersonId): boolean {
  if (scope === 'everyone') return true;
  return group.state.current.roles.find(({ id }) => (id as string) === scope)?.holders.includes(who) === true;
}

function lookForMessages(judge: Judge, { person, group, me, isNew }: Member): void {
  const { town, findings, inside } = judge;
  const messages = messagesIn(group);
  const there = new Set(messages.map(({ text }) => markIn(text)));
  for (const { mark, author, by, readers, scope, channel, isAcknowledged, wasDeleted } of town.said.values()) {
    // What somebody said whom the group removed may stand or not, by when the removal saw it.
    const isHere = inside.has(author) && isStill(town, by, author);
    const isPromised = isAcknowledged && !wasDeleted && by.isHonest && isHere && readers.has(me);
    // Of a channel that nobody had the right to make each person keeps in sight what they said there.
    const isSteady =
      scope === 'everyone' ? author === me || !judge.lost.channels.has(channel) : !town.shaken.has(scope);
    const isOpen = !isNew || hasKeyOf(judge.keys.get(mark), person);
    if (isPromised && isSteady && isOpen && holds(group, scope, me) && !there.has(mark)) {
      findings.lost.push(`${person.name}: ${mark}${scope === 'everyone' ? '' : ` of ${scope}`}`);
    }
  }
  for (const { id, name } of group.channels.current) {
    if (judge.lost.channels.has(id) && name !== '')
      findings.illegal.push(`${person.name}: channel ${id.slice(0, 8)} whose maker might not`);
  }
  const entries = group.channels.current.flatMap(({ id }) => group.channel(id).timeline.current);
  for (const entry of entries) if (entry.is === 'gap') lookAtGap(judge, person, entry.id);
  for (const message of messages) {
    const said = town.said.get(markIn(message.text) ?? '');
    const name = `${person.name}: ${said?.mark ?? message.id.slice(0, 8)}`;
    if (message.text.includes(EVIL)) findings.illegal.push(`${name} has words of another`);
    if (said === undefined || !said.by.isHonest) continue;
    if (message.by !== said.author) findings.illegal.push(`${name} has another author`);
    if (!said.texts.has(message.text)) findings.illegal.push(`${name} has another text`);
  }
}

function keysOf(members: readonly Member[]): ReadonlyMap<string, Kid> {
  const keys = new Map<string, Kid>();
  for (const { person, group } of members) {
    const { log } = person.book!.spaces()[0]!.replica;
    for (const { id, text } of messagesIn(group)) {
      const mark = markIn(text);
      const entry = mark === undefined || keys.has(mark) ? undefined : log.get(id as string as MessageId);
      if (entry !== undefined) keys.set(mark!, entry.message.header.kid);
    }
  }
  return keys;
}

/** Newcomers read what is said under a key that was made for them too, or that their welcome held. */
function hasKeyOf(kid: Kid | undefined, person: Person): boolean {
  return kid === undefined || person.book!.spaces()[0]!.replica.keys.held.has(kid);
}

/** Who is out took some of their words along; who goes back to an earlier time leaves holes in theirs. */
function lookAtGap({ town, findings, inside }: Judge, person: Person, gap: string): void {
  const [device] = gap.split('/');
  const author = person.book?.spaces()[0]?.replica.principalOf(device as DeviceId);
  if (town.hostile.length === 0 && town.ended.size === 0 && inside.has(author as string as PersonId))
    findings.diverged.push(`${person.name}: gap`);
}

/** Newcomers have less, and may lack what was made of a message by somebody who did not know of them. */
function compareMessages({ town, members, findings, inside }: Judge): void {
  const seen = new Map<string, string>();
  for (const member of members) {
    const { person, group, isNew } = member;
    for (const message of messagesIn(group)) {
      const { id, text, deleted, by } = message;
      // A deletion may have come too late to stand, where its author is out; who had followed it has the words no more.
      if (deleted && by !== undefined && !inside.has(by)) continue;
      for (const [what, told] of [
        ['text', text],
        ['fate', `${deleted} ${by}`],
      ] as const) {
        if (what === 'text' && (isNew || isChangedWithout(town, member, message))) continue;
        const before = seen.get(`${id} ${what}`);
        if (before === undefined) seen.set(`${id} ${what}`, told);
        else if (before !== told) findings.diverged.push(`${person.name}: ${what} of message ${id.slice(0, 8)}`);
      }
    }
  }
}

/**
 * Two who came at once each talked before the other was there, for all that shows (keys/SPEC.md §6): a change by one of
 * them goes to the other as a link without its body.
 */
function isChangedWithout({ said }: Town, { person, me }: Member, { text, by }: Message): boolean {
  const [, ...changes] = said.get(markIn(text) ?? '')?.texts.values() ?? [];
  if (changes.every((readers) => readers.has(me))) return false;
  const { replica } = person.book!.spaces()[0]!;
  return replica.log.entries.some(({ message: { header }, open }) => {
    const isTheirs = (replica.principalOf(header.device) as string | undefined) === by;
    return header.kind === 'edit' && isTheirs && open === undefined;
  });
}

function compareTasks({ town, members, findings, inside }: Judge): void {
  const readers = members.filter(({ isOld, isNew }) => !isOld && !isNew);
  const seen = new Map<string, string>();
  for (const { person, group, me } of readers) {
    const tasks = group.tasks!.list.current;
    if (group.tasks!.state.current !== 'open') findings.diverged.push(`${person.name}: tasks are not read yet`);
    for (const { id, readers: scope, task } of tasks) {
      const text = JSON.stringify(task);
      const before = seen.get(id);
      if (before === undefined) seen.set(id, text);
      else if (before !== text) findings.diverged.push(`${person.name}: task ${id.slice(0, 8)} of ${scope}`);
    }
    const acts = new Set(tasks.flatMap(({ task }) => task.acts.map(({ id }) => id)));
    const known = new Set(tasks.filter((entry) => entry.readers === 'everyone').map(({ id }) => id));
    for (const done of town.done) {
      const isHere = inside.has(done.author) && isStill(town, done.by, done.author);
      const isPromised = done.by.isHonest && isHere && done.readers.has(me) && known.has(done.task);
      if (isPromised && !acts.has(done.act))
        findings.lost.push(`${person.name}: act ${done.act.slice(0, 8)} on a task`);
    }
  }
  const everyones = readers.map(({ person, group }) => {
    const open = group.tasks!.list.current.filter((entry) => entry.readers === 'everyone');
    return { person, ids: open.map(({ id }) => id).join() };
  });
  for (const { person, ids } of everyones) {
    if (ids !== everyones[0]!.ids) findings.diverged.push(`${person.name}: order or number of tasks`);
  }
}
