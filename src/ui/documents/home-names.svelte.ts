// Whom documents are shared with, in words: contacts, and the readers within groups.

import type { DocumentHome, Session } from '#app/api.ts';
import { groupHome, partsOfHome } from '#app/documents/document-homes.ts';
import type { Group, GroupEntry, GroupId } from '#app/groups/group-api.ts';
import { m } from '#texts/messages.js';
import { LiveView } from '#ui/shared/live-view.svelte.ts';

/** Homes under one heading; without one they are contacts. */
export interface HomeChoice {
  readonly name: string | undefined;
  readonly homes: readonly { readonly home: DocumentHome; readonly label: string }[];
}

export class HomeNames {
  readonly #session: Session;
  readonly #contacts: LiveView<Session['people']['contacts']['current']>;
  readonly #groups: LiveView<readonly GroupEntry[]>;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- only remembers what was made; what it holds is read live
  readonly #states = new Map<GroupId, LiveView<Group['state']['current']>>();

  constructor(session: Session) {
    this.#session = session;
    this.#contacts = new LiveView(session.people.contacts);
    this.#groups = new LiveView(session.groups.list);
  }

  nameOf(home: DocumentHome): string {
    const parts = partsOfHome(home);
    if (parts.is === 'contact') {
      return this.#contacts.current.find(({ id }) => id === parts.contact)?.name ?? m.somebody();
    }
    const group = this.#groups.current.find(({ id }) => id === parts.group);
    if (group === undefined) return m.somebody();
    if (parts.readers === 'everyone') return group.name;
    const role = this.#stateOf(group.id).current.roles.find(({ id }) => id === parts.readers);
    return m.document_home_role({ group: group.name, role: role?.label ?? parts.readers });
  }

  /** Where a document may be begun. */
  get possible(): readonly HomeChoice[] {
    const contacts = this.#contacts.current.filter(({ blocked, state }) => !blocked && state !== 'void');
    const people = contacts.map(({ id, name }) => ({ home: id, label: name }));
    const groups = this.#groups.current.filter(({ state }) => state === 'in').map((group) => this.#choice(group));
    const choices = [{ name: undefined, homes: people }, ...groups];
    return choices.filter(({ homes }) => homes.length > 0);
  }

  #choice({ id, name }: GroupEntry): HomeChoice {
    if (this.#session.groups.open(id).may({ do: 'documents' }) !== 'yes') return { name, homes: [] };
    const roles = this.#stateOf(id).current.roles.filter(({ mine }) => mine);
    const ofRoles = roles.map((role) => ({ home: groupHome(id, role.id), label: role.label }));
    return { name, homes: [{ home: groupHome(id, 'everyone'), label: m.channel_everyone() }, ...ofRoles] };
  }

  #stateOf(id: GroupId): LiveView<Group['state']['current']> {
    const known = this.#states.get(id) ?? new LiveView(this.#session.groups.open(id).state);
    this.#states.set(id, known);
    return known;
  }
}
