// People and roles inside sentences: each name keeps its own direction, and lists are joined as the language does.

import type { Channel, GroupState, PersonId } from '#app/groups/group-api.ts';
import type { RoleId, Rules } from '#core/charter/rules.ts';
import { m } from '#texts/messages.js';
import { language } from '#ui/language/language.svelte.ts';
import { apart } from '#ui/shared/apart.ts';

export function listOf(names: readonly string[], type: 'conjunction' | 'disjunction' = 'conjunction'): string {
  return new Intl.ListFormat(language.forIntl, { type }).format(names);
}

/** What a sentence calls somebody; a name made to look like another is never without a word about it. */
export function nameOf(person: PersonId, state: Pick<GroupState, 'people'>): string {
  const found = state.people.find(({ id }) => id === person);
  const name = apart(found?.name ?? m.somebody());
  return found?.nameWarning === undefined ? name : m.name_doubtful({ name });
}

export function namesOf(people: readonly PersonId[], state: Pick<GroupState, 'people'>): string {
  return listOf(people.map((person) => nameOf(person, state)));
}

/** What named it may not stand any more. */
export function channelName({ name }: Pick<Channel, 'name'>): string {
  return name === '' ? m.channel_unnamed() : name;
}

export function labelOf(role: RoleId, rules: Rules): string {
  const label = rules.roles.find(({ id }) => id === role)?.label ?? role;
  return apart(label);
}
