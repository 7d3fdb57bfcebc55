// A rotation that fell with who made it: what honest people said under its key before they heard is read by everybody it was
// wrapped for, whatever comes first, and nobody says anything more under it (keys/SPEC.md §6).

import { expect, test } from 'vitest';
import { EVERYONE, type Kid } from '#core/charter/ids.ts';
import { DAY, HOUR } from '#core/ports.ts';
import { Town, type Member } from '#tests/suites/group-replicas.ts';
import { revokeBody } from './revoking.ts';

interface Cast {
  readonly town: Town;
  readonly alice: Member;
  readonly bob: Member;
  readonly carol: Member;
  readonly dora: Member;
  /** The key that Bob made while Alice removed him. */
  readonly fallen: Kid;
}

/** Carol spoke under Bob's key; Dora heard of nothing. */
async function cast(): Promise<Cast> {
  const town = new Town();
  const alice = await town.found('alice');
  const bob = await town.join('bob', alice);
  const carol = await town.join('carol', alice);
  const dora = await town.join('dora', alice);
  await town.live(DAY);
  [alice, dora].forEach((member) => (member.isOn = false));
  await bob.rotate(EVERYONE);
  await town.deliver();
  await carol.say('under bob’s key');
  const fallen = carol.replica.log.entries.at(-1)!.message.header.kid;
  await alice.act(revokeBody(alice.replica, bob.principal));
  return { town, alice, bob, carol, dora, fallen };
}

/** Everything that was sent, in some order, as mail comes. */
async function hears(member: Member, { town }: Cast, from: 'first' | 'last'): Promise<void> {
  const order = from === 'first' ? [...town.tape] : [...town.tape].reverse();
  for (const { from: author, written } of order) if (author !== member) await member.take(written.parcel);
}

for (const from of ['first', 'last'] as const) {
  test(`what was said under its key is read by mail alone, whoever hears of the ${from} thing first`, async () => {
    const people = await cast();
    const { town, alice, carol, dora, fallen } = people;
    for (const member of [alice, dora]) await hears(member, people, from);
    await town.deliver(carol);
    for (const member of [alice, carol, dora]) {
      expect(member.replica.view!.rotations.flatMap(({ scopes }) => scopes).map(({ kid }) => kid)).not.toContain(
        fallen,
      );
      expect([member.name, member.texts()]).toEqual([member.name, expect.arrayContaining(['under bob’s key'])]);
    }
    // Nobody speaks under it, and after a while nobody has it.
    [alice, dora].forEach((member) => (member.isOn = true));
    await town.live(HOUR);
    for (const member of [alice, carol, dora]) {
      await member.say(`later, ${member.name}`);
      expect(member.replica.log.entries.at(-1)!.message.header.kid).not.toBe(fallen);
    }
    await town.live(30 * DAY);
    for (const { replica } of [alice, carol, dora]) expect(replica.keys.has(fallen)).toBe(false);
    for (const member of [alice, carol, dora]) expect(member.texts()).toContain('later, carol');
  });
}

test('who was removed makes nobody keep keys by rotations that they date back', async () => {
  const people = await cast();
  const { town, alice, bob, carol } = people;
  await town.deliver(alice, carol);
  const before = new Set(carol.replica.keys.held.keys());
  for (let i = 0; i < 10; i++) await bob.rotate(EVERYONE);
  await town.deliver(alice, carol);
  const more = [...carol.replica.keys.held.keys()].filter((kid) => !before.has(kid));
  expect(more.length).toBeLessThanOrEqual(3);
});
