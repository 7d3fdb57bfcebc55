// What somebody said in a role while nobody was in reach, and then gave up the role: it was saved, and those who read there
// get it from its author, who reads nothing there any more (keys/SPEC.md §6; P30).

import { expect, test } from 'vitest';
import type { RoleId } from '#core/charter/rules.ts';
import { gathered, personIn, withRole, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';

const GARDEN = 'garden' as RoleId;

interface Cast {
  readonly world: SessionWorld;
  readonly alice: Member;
  readonly bob: Member;
  readonly carol: Member;
}

/** Alice and Bob have a role with a channel of its own; Carol has not. */
async function cast(): Promise<Cast> {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, withRole(GARDEN), 'alice', 'bob', 'carol');
  expect(await world.during(alice.group.giveRole(personIn(alice, 'bob').id, GARDEN))).toBe('done');
  expect(await world.during(alice.group.createChannel({ name: 'beds', readers: GARDEN }))).toMatch(/^[0-9a-f]+$/u);
  await world.pass(20_000);
  expect(await bob.say('in time', 'beds')).toBe('saved');
  await world.pass(20_000);
  expect(alice.texts('beds')).toEqual(['in time']);
  return { world, alice, bob, carol };
}

const OTHERS = ['alice', 'carol', 'relay0'];

test('what somebody said in a role before they gave it up reaches those who read there, and nobody else', async () => {
  const { world, alice, bob, carol } = await cast();
  const mend = world.roads.part(['bob'], OTHERS);
  await world.pass(20_000);
  expect(await bob.say('on its way', 'beds')).toBe('saved');
  expect(await bob.say('and this', 'beds')).toBe('saved');
  expect(await world.during(bob.group.resignRole(GARDEN))).toBe('done');
  await world.pass(5_000);
  await bob.person.stop();
  await bob.person.start();
  mend();
  await world.pass(120_000);
  expect(personIn(alice, 'bob').roles).toEqual([]);
  expect(alice.texts('beds')).toEqual(['in time', 'on its way', 'and this']);
  expect(alice.talk('beds').timeline.current.filter(({ is }) => is === 'gap')).toEqual([]);
  for (const { group } of [bob, carol]) expect(group.channels.current.map(({ name }) => name)).toEqual(['plaza']);
});

test('P34 what somebody took back in a role before they gave it up holds up nothing that they said after it', async () => {
  const { world, alice, bob } = await cast();
  const mend = world.roads.part(['bob'], OTHERS);
  await world.pass(20_000);
  expect(await bob.say('thought better of', 'beds')).toBe('saved');
  expect(await bob.say('on its way', 'beds')).toBe('saved');
  const [, rash] = bob.messages('beds');
  expect(await world.during(bob.talk('beds').deleteForAll(rash!.id))).toBe('saved');
  expect(await world.during(bob.group.resignRole(GARDEN))).toBe('done');
  await world.pass(5_000);
  await bob.person.stop();
  await bob.person.start();
  mend();
  await world.pass(120_000);
  expect(alice.texts('beds')).toEqual(['in time', 'on its way']);
  expect(alice.talk('beds').timeline.current.filter(({ is }) => is === 'gap')).toEqual([]);
});
