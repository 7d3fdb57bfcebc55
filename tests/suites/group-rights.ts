// What counts of what members of a group write by a right that only some roles have, for tests of how it is lost.

import { expect } from 'vitest';
import type { Scope } from '#core/charter/ids.ts';
import type { PlainRight, Rules } from '#core/charter/rules.ts';
import { hadRight } from '#app/groups/group-rights.ts';
import { townRules, type Member } from './group-replicas.ts';

const [stewards, kitchen] = townRules.roles as [Rules['roles'][number], Rules['roles'][number]];

/** Documents are for the kitchen, and for stewards; everybody talks. */
export const RULES: Rules = {
  ...townRules,
  roles: [
    { ...stewards, can: [...stewards.can, 'documents'] },
    { ...kitchen, can: ['documents', 'channels'] },
  ],
  members: ['invite', 'post'],
};

/** The kitchen may write no more. */
export const STRICT: Rules = { ...RULES, roles: [RULES.roles[0]!, { ...RULES.roles[1]!, can: ['channels'] }] };

export const WITHOUT_KITCHEN: Rules = {
  ...RULES,
  roles: [{ ...RULES.roles[0]!, can: RULES.roles[0]!.can.filter((right) => right !== 'grant:kitchen') }],
};

/** What counts for a member of what was worked in a scope, in order of its text; judged anew from their disk too. */
export async function counts(member: Member, scope: Scope, right: PlainRight = 'documents'): Promise<string[]> {
  const told = (): string[] => {
    const { log, standing } = member.replica;
    const said = log.entries.filter(({ message, stands }) => {
      const isMeant = message.header.kind === 'doc.update' && message.header.scope === scope;
      return isMeant && stands && standing.stands(message.id) && hadRight(member.replica, message, right);
    });
    return said.map(({ open }) => new TextDecoder().decode(open?.body)).sort();
  };
  const before = told();
  await member.restart();
  expect(told()).toEqual(before);
  return before;
}
