// Two groups that send each other tasks see nothing else of each other: every byte that crossed, and every byte on the disks
// at the other end, is looked at (P39).

import { expect, test } from 'vitest';
import { hex, utf8, type Bytes } from '#core/bytes/bytes.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import type { RoleId } from '#core/charter/rules.ts';
import type { Member } from '#tests/suites/group-members.ts';
import { personIn } from '#tests/suites/group-members.ts';
import { acquaint, HELPER, MEALS, room, seen, withCard } from '#tests/suites/neighbour-groups.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { makeCheapSuite } from '#tests/sim/cheap-suite.ts';

/** What a group has that is nobody else's: names, words, and every id in the names of its rows. */
function insideOf(...members: readonly Member[]): Map<string, Bytes> {
  const inside = new Map<string, Bytes>();
  const ids = new Set<string>();
  for (const { person, group } of members) {
    for (const { collection, id } of person.disk.rows) {
      for (const word of `${collection}/${id}`.split(/[^0-9a-f]+/u)) if (word.length >= 32) ids.add(word);
    }
    for (const { id } of group.state.current.people) ids.add(id);
    for (const { id } of group.tasks!.list.current) ids.add(id);
    for (const { id } of group.channels.current) ids.add(id);
  }
  for (const id of ids) {
    inside.set(`as text ${id}`, utf8(id));
    const raw = hex.decode(id);
    if (raw !== undefined) inside.set(`as bytes ${id}`, raw);
  }
  return inside;
}

function contains(bytes: Uint8Array, part: Uint8Array): boolean {
  const within = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return within.includes(Buffer.from(part.buffer, part.byteOffset, part.length));
}

test('two groups that work together see nothing of each other but cards and tasks', { timeout: 120_000 }, async () => {
  const crossed: Bytes[] = [];
  const cheap = makeCheapSuite();
  const suite: CryptoSuite = {
    ...cheap,
    wrap: (key, plain, options) => {
      if (options.label === 'neighbourMail') crossed.push(plain.slice());
      return cheap.wrap(key, plain, options);
    },
  };
  const world = await SessionWorld.start(2, suite);
  const harbour = await withCard(world, 'bartholomea', 'ottokar');
  const shift = await withCard(world, 'celestine', 'dagobert');
  const [alice, carol] = [harbour[0]!, shift[0]!];
  await acquaint(world, alice, carol);
  for (const [member, words] of [
    [alice, 'we meet at the old mill'],
    [carol, 'the blue door is open'],
  ] as const) {
    await member.say(words);
    await world.during(member.group.tasks!.create({ title: `about: ${words}`, readers: 'everyone' }));
    await world.during(member.group.giveRole(personIn(member, member.person.name).id, HELPER));
    await world.during(member.group.createChannel({ name: `plan ${words}`, readers: HELPER as RoleId }));
  }
  const task = alice.group.tasks!.list.current[0]!.id;
  await world.during(room(alice).send({ to: seen(alice).known[0]!.id, ...MEALS, task }));
  await world.pass(30_000);
  await world.during(room(carol).accept(seen(carol).received[0]!.id, [{ title: 'cook it all' }]));
  await world.pass(60_000);
  expect(seen(alice).sent).toMatchObject([{ state: 'accepted' }]);
  expect(crossed.length).toBeGreaterThan(1);

  const words = {
    harbour: ['bartholomea', 'ottokar', 'old mill', 'plaza'],
    shift: ['celestine', 'dagobert', 'blue door', 'cook it all', 'plaza'],
  };
  const looked = [
    { inside: insideOf(...harbour), words: words.harbour, at: shift },
    { inside: insideOf(...shift), words: words.shift, at: harbour },
  ];
  for (const { inside, words: said, at } of looked) {
    expect(inside.size).toBeGreaterThan(50);
    const own = insideOf(...at);
    for (const [name, part] of inside) {
      if (own.has(name)) continue;
      for (const letter of crossed) expect(contains(letter, part), name).toBe(false);
      for (const { person } of at) {
        for (const { value } of person.disk.rows) expect(value !== null && contains(value, part), name).toBe(false);
      }
    }
    for (const word of said) {
      for (const letter of crossed) expect(contains(letter, utf8(word)), word).toBe(false);
    }
    for (const word of said.slice(0, 4).filter((one) => one !== 'plaza')) {
      for (const { person } of at) {
        for (const { value } of person.disk.rows)
          expect(value !== null && contains(value, utf8(word)), word).toBe(false);
      }
    }
  }
  // The eye sees: what did cross is found by the same look.
  expect(crossed.some((letter) => contains(letter, utf8(MEALS.title)))).toBe(true);
  expect(shift[1]!.person.disk.rows.some(({ value }) => value !== null && contains(value, utf8(MEALS.title)))).toBe(
    true,
  );
});
