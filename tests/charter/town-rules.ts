// Rules of a group for tests: a few roles that differ in what they may do, and how one set of rules becomes another.

import type { Right, Role, RoleId, Rules } from '#core/charter/rules.ts';

const role = (id: string, level: number, can: readonly Right[]): Role => ({ id: id as RoleId, label: id, level, can });

/**
 * Stewards do everything alone but vote; keepers may only remove; granters make guides; guides invite, also further
 * guides; voters decide together. A plain member may do nothing to the group.
 */
export const TOWN_RULES: Rules = {
  roles: [
    role('steward', 5, [
      'invite',
      'admit',
      'revoke',
      'charter',
      'relays',
      'card',
      'grant:steward',
      'grant:keeper',
      'grant:granter',
      'grant:guide',
      'grant:voter',
    ]),
    role('voter', 5, ['vote', 'propose', 'invite']),
    role('keeper', 4, ['revoke']),
    role('granter', 3, ['grant:guide']),
    role('guide', 1, ['invite', 'grant:guide']),
  ],
  members: ['post'],
  history: { chat: 'none', docs: 'checkpoint', retainDays: 0 },
  rotateDays: 30,
  quorum: { admit: 'majority', revoke: 'majority' },
  deviceCap: 6,
  addresses: 'direct',
  knock: [],
  successionDays: 45,
};

/** How new rules differ from the ones before. */
export interface RulesChange {
  readonly with?: Readonly<Record<string, readonly Right[]>>;
  readonly without?: Readonly<Record<string, readonly Right[]>>;
  readonly drop?: readonly string[];
  readonly add?: readonly { readonly id: string; readonly level: number; readonly can: readonly Right[] }[];
  readonly members?: Rules['members'];
  readonly quorum?: Rules['quorum'];
}

export function changed(rules: Rules, change: RulesChange): Rules {
  const dropped = change.drop ?? [];
  const roles = rules.roles
    .filter(({ id }) => !dropped.includes(id))
    .map((old) => {
      const gained = (change.with?.[old.id] ?? []).filter((right) => !old.can.includes(right));
      const lost = [...(change.without?.[old.id] ?? []), ...dropped.map((id): Right => `grant:${id}`)];
      return { ...old, can: [...old.can, ...gained].filter((right) => !lost.includes(right)) };
    });
  const added = (change.add ?? []).map(({ id, level, can }) => role(id, level, can));
  return {
    ...rules,
    roles: [...roles, ...added],
    members: change.members ?? rules.members,
    quorum: change.quorum ?? rules.quorum,
  };
}
