// Who is meant in tasks, as the screens name them.

import type { PrincipalId } from '#core/charter/ids.ts';
import type { RoleId } from '#core/charter/rules.ts';
import type { Assignee as BareAssignee } from '#core/tasks/task-body.ts';
import type { GroupState } from '../groups/group-api.ts';
import type { PersonId } from '../talk/talk-api.ts';
import type { Assignee, Whom } from './task-api.ts';

/** To the screens a person is the grant that made them a member, as in the group's log. */
export const personOf = (principal: PrincipalId): PersonId => principal as string as PersonId;
export const principalOf = (person: PersonId): PrincipalId => person as string as PrincipalId;

/** The names of a moment; the same object as long as all are the same. */
export class TaskNames {
  readonly #people: ReadonlyMap<PersonId, { readonly name: string; readonly isMe: boolean }>;
  readonly #roles: ReadonlyMap<RoleId, { readonly label: string; readonly mine: boolean }>;

  constructor({ people, roles }: GroupState) {
    this.#people = new Map(people.map(({ id, name, isMe }) => [id, { name, isMe }]));
    this.#roles = new Map(roles.map(({ id, label, mine }) => [id, { label, mine }]));
  }

  /** Itself where a newer state names everybody alike. */
  renewed(state: GroupState): TaskNames {
    const { people, roles } = state;
    const isSame =
      people.length === this.#people.size &&
      roles.length === this.#roles.size &&
      people.every(({ id, name, isMe }) => {
        const known = this.#people.get(id);
        return known?.name === name && known.isMe === isMe;
      }) &&
      roles.every(({ id, label, mine }) => {
        const known = this.#roles.get(id);
        return known?.label === label && known.mine === mine;
      });
    return isSame ? this : new TaskNames(state);
  }

  person(principal: PrincipalId): Whom {
    const id = personOf(principal);
    const known = this.#people.get(id);
    return { is: 'person', id, name: known?.name ?? '', isMe: known?.isMe ?? false };
  }

  whom(assignee: BareAssignee | undefined): Whom | undefined {
    if (assignee === undefined) return undefined;
    if ('person' in assignee) return this.person(assignee.person);
    const known = this.#roles.get(assignee.role);
    return { is: 'role', id: assignee.role, label: known?.label ?? '', isMine: known?.mine ?? false };
  }
}

export function bareAssignee(to: Assignee | undefined): BareAssignee | undefined {
  if (to === undefined) return undefined;
  return 'person' in to ? { person: principalOf(to.person) } : to;
}

export function shownAssignee(to: BareAssignee | undefined): Assignee | undefined {
  if (to === undefined) return undefined;
  return 'person' in to ? { person: personOf(to.person) } : to;
}
