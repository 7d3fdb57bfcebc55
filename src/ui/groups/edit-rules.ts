// Changes to a set of rules that keep it sound, and what makes one unsound, for the screen that edits it.

import { isSound, type Role, type RoleId, type Rules } from '#core/charter/rules.ts';

/** A role that can do nothing yet, under an id that was never used here. */
export function addRole(rules: Rules, label: string): Rules {
  const taken = new Set(rules.roles.map(({ id }) => id as string));
  let number = rules.roles.length + 1;
  while (taken.has(`role-${number}`)) number += 1;
  const role: Role = { id: `role-${number}` as RoleId, label, can: [], level: 0 };
  return { ...rules, roles: [...rules.roles, role] };
}

/** Nobody can give a role that is gone. */
export function removeRole(rules: Rules, gone: RoleId): Rules {
  const roles = rules.roles
    .filter(({ id }) => id !== gone)
    .map((role) => ({ ...role, can: role.can.filter((right) => right !== `grant:${gone}`) }));
  return { ...rules, roles };
}

/** Without empty questions and with names trimmed. */
export function tidied(rules: Rules): Rules {
  return {
    ...rules,
    roles: rules.roles.map((role) => ({ ...role, label: role.label.trim() })),
    knock: rules.knock.map((question) => question.trim()).filter((question) => question !== ''),
  };
}

export type RulesProblem = 'unnamed-role' | 'nobody-decides' | 'unsound';

/** The first thing that keeps rules from working; nobody able to change anything is one, though it is allowed. */
export function problemOf(rules: Rules): RulesProblem | undefined {
  if (rules.roles.some(({ label }) => label === '')) return 'unnamed-role';
  if (!rules.roles.some(({ can }) => can.includes('vote') || can.includes('charter'))) return 'nobody-decides';
  return isSound(rules) ? undefined : 'unsound';
}
