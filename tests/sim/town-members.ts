// Whose words count when a town is looked at: apps whose owners keep the rules, and are in.

import type { Kid } from '#core/charter/ids.ts';
import type { Group, PersonId } from '#app/groups/group-api.ts';
import type { LostRights } from './lost-rights.ts';
import { OldApp } from './old-app.ts';
import type { Person } from './person.ts';
import type { Findings } from './run-world.ts';
import { appsIn, groupOf, type Town } from './town.ts';

/** An app whose owner keeps the rules and is in. */
export interface Member {
  readonly person: Person;
  readonly group: Group;
  readonly me: PersonId;
  /** Came when others had spoken: the past is not theirs. */
  readonly isNew: boolean;
  /** Reads no tasks. */
  readonly isOld: boolean;
}

export interface Judge {
  readonly town: Town;
  readonly members: readonly Member[];
  readonly findings: Findings;
  readonly inside: ReadonlySet<PersonId>;
  /** Under which key each message was said. */
  readonly keys: ReadonlyMap<string, Kid>;
  /** What counts for nobody, by the second reading of rights. */
  readonly lost: LostRights;
}

export function membersOf(town: Town, findings: Findings): readonly Member[] {
  const apps = appsIn(town).filter(({ isHonest }) => isHonest);
  for (const { name, session } of apps) if (session === undefined) findings.lost.push(`${name}: cannot open`);
  for (const { name, session } of town.ended) {
    if (session?.ownDevices.isEnded.current !== true) findings.diverged.push(`${name} does not know that it was ended`);
  }
  const inside = apps.filter((person) => isInside(town, person));
  return inside.map((person) => {
    const group = groupOf(person)!;
    const isOld = person instanceof OldApp && !person.isUpdated;
    return { person, group, me: group.state.current.me!, isNew: town.newcomers.has(person), isOld };
  });
}

export function isInside({ ended }: Town, person: Person): boolean {
  const standing = groupOf(person)?.state.current.standing;
  return person.isHonest && !ended.has(person) && (standing === 'in' || standing === 'newer-version');
}

/** Somebody is in and knows of nobody else who is: all they know by their welcome left, or were ended. */
export function hasStranger(town: Town): boolean {
  const members = appsIn(town).filter((person) => isInside(town, person));
  const replicas = members.map((person) => person.book!.spaces()[0]!.replica);
  const there = new Set(replicas.map(({ identity }) => identity.device));
  return there.size > 1 && replicas.some((replica) => !replica.others().some(({ device }) => there.has(device)));
}

export function peopleIn(group: Group): ReadonlySet<PersonId> {
  return new Set(group.state.current.people.flatMap(({ id, isIn }) => (isIn ? [id] : [])));
}

/** Who left and came back wiped what they had, and is somebody else to the group; a device that was ended is nobody. */
export function isStill({ ended }: Town, person: Person, author: PersonId): boolean {
  return !ended.has(person) && groupOf(person)?.state.current.me === author;
}
