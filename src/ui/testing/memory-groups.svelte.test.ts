// The groups in memory keep to the rules they show, so that screens over them show what happens.
import { describe, expect, it } from 'vitest';
import type { Group, GroupId, PersonId } from '#app/groups/group-api.ts';
import { TEMPLATES } from '#core/charter/templates.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { MemoryGroups } from './memory-groups.ts';
import { KITCHEN, SHIFT } from './memory-group-seeds.ts';

const open = (id: GroupId): Group => new MemoryGroups(true).open(id);
const named = (group: Group, name: string): PersonId =>
  group.state.current.people.find((person) => person.name === name)!.id;
const ORGANISER = 'organiser' as RoleId;

describe('MemoryGroups', () => {
  it('P26 founds a group with its rules, and the founder with the roles it begins with', async () => {
    const groups = new MemoryGroups(false);
    const { rules, founderRoles } = TEMPLATES.council;
    const result = await groups.found({
      name: 'New',
      myName: 'Me',
      rules,
      myRoles: founderRoles,
      channels: ['General'],
    });
    if (result.is !== 'group') throw new Error(result.problem);
    const group = groups.open(result.group);
    expect(group.may({ do: 'invite' })).toBe('yes');
    expect(group.channels.current.map(({ name }) => name)).toEqual(['General']);
    expect(groups.list.current).toMatchObject([{ name: 'New', state: 'in' }]);
  });

  it('P33 refuses alone what takes a vote, and does it when enough agree', async () => {
    const group = open(KITCHEN.id);
    const bo = named(group, 'Bo');
    expect(group.may({ do: 'remove', person: bo })).toBe('vote');
    expect(await group.remove(bo)).toBe('not-allowed');
    const before = group.proposals.current.length;
    await group.propose({ do: 'remove', person: bo });
    expect(group.proposals.current).toHaveLength(before + 1);
    expect(group.state.current.people.find(({ id }) => id === bo)?.isIn).toBe(true);
    const open_ = group.proposals.current.find(({ mayEndorse }) => mayEndorse)!;
    await group.endorse(open_.id);
    expect(group.proposals.current.find(({ id }) => id === open_.id)?.state).toBe('decided');
    expect(group.history.current.at(-1)?.what.is).toBe('decided');
  });

  it('gives and takes roles by right, and writes it down', async () => {
    const group = open(KITCHEN.id);
    const layla = named(group, 'ليلى منصور');
    expect(await group.giveRole(layla, ORGANISER)).toBe('done');
    expect(group.state.current.roles.find(({ id }) => id === ORGANISER)?.holders).toContain(layla);
    expect(group.history.current.at(-1)?.what).toMatchObject({ is: 'gave-role', person: layla });
  });

  it('P43 lets in who knocked when enough vouched', async () => {
    const group = open(KITCHEN.id);
    await group.vouch(group.knocks.current[0]!.id);
    expect(group.knocks.current).toEqual([]);
    expect(group.state.current.people).toContainEqual(expect.objectContaining({ name: 'Noor', isIn: true }));
  });

  it('offers little to whom the rules give little', () => {
    const group = open(SHIFT.id);
    expect(group.may({ do: 'invite' })).toBe('no');
    expect(group.may({ do: 'change-rules', rules: group.state.current.rules })).toBe('no');
  });

  it('forgets a group that is wiped', async () => {
    const groups = new MemoryGroups(true);
    await groups.open(KITCHEN.id).wipe();
    expect(groups.list.current.some(({ id }) => id === KITCHEN.id)).toBe(false);
  });
});
