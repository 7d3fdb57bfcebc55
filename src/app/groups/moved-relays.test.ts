// A group that is told to meet elsewhere (sync/SPEC.md §8): nobody is lost on the way.

import { afterEach, expect, test, vi } from 'vitest';
import type { SpaceId } from '#core/charter/ids.ts';
import { MINUTE } from '#core/ports.ts';
import { gathered, personIn, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { writeOwnOp } from '../space/own-ops.ts';
import type { Replica } from '../space/replica.ts';
import { Beckonings } from '../traffic/beckoning.ts';
import { Engine } from '../traffic/engine.ts';

afterEach(() => void vi.restoreAllMocks());

/** Has somebody sign that the group meets elsewhere. */
function movers(): (by: Member, relays: readonly string[]) => Promise<void> {
  const known: { readonly engine: Engine; readonly replica: Replica }[] = [];
  const add = Engine.prototype.add;
  vi.spyOn(Engine.prototype, 'add').mockImplementation(function (this: Engine, ...given: Parameters<Engine['add']>) {
    known.push({ engine: this, replica: given[0] });
    add.apply(this, given);
  });
  return async (by, relays) => {
    const space = by.entry.id as string as SpaceId;
    const { me } = by.group.state.current;
    const own = known.find(
      ({ replica }) => replica.identity.space === space && replica.me?.principal === (me as string),
    );
    await writeOwnOp(own!.replica, { type: 'relays', relays });
    own!.engine.noteDurable(own!.replica);
  };
}

test('an order to meet where nobody is takes a group apart for no moment', async () => {
  const moves = movers();
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, 'founder-led', 'alice', 'bob');
  await moves(alice!, ['wss://nowhere.example']);
  await world.pass(5_000);
  await bob!.person.stop();
  await alice!.say('who hears me?');
  await world.pass(5_000);
  await alice!.person.stop();
  await bob!.person.start();
  await world.pass(5_000);
  expect(bob!.texts()).toContain('who hears me?');
});

test('who was away when the group moved hears of it where it met before', async () => {
  const moves = movers();
  const world = await SessionWorld.start(2);
  const [oak, elm] = world.relays.map(({ address }) => address);
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  await moves(alice!, [oak!]);
  await world.pass(5_000);
  await carol!.person.stop();
  await moves(alice!, [elm!]);
  await world.pass(5_000);
  await bob!.say('we meet at the elm');
  await world.pass(5_000);
  await alice!.person.stop();
  await bob!.person.stop();
  await carol!.person.start();
  await world.pass(5_000);
  expect(carol!.texts()).toContain('we meet at the elm');
});

test('P16 the letter to who was removed is left again though one of the places is nowhere', async () => {
  const moves = movers();
  const world = await SessionWorld.start();
  const [alice, , carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  const [oak] = world.relays.map(({ address }) => address);
  await moves(alice!, [oak!, 'wss://nowhere.example']);
  await world.pass(5_000);
  await carol!.person.stop();
  expect(await world.during(alice!.group.remove(personIn(alice!, 'carol').id))).toBe('done');
  await world.pass(5_000);
  await world.loseMail();
  await world.pass(2 * MINUTE);
  // Whoever heard her would tell her: that is another promise.
  vi.spyOn(Beckonings.prototype, 'hearFormer').mockResolvedValue();
  await carol!.person.start();
  await world.pass(10_000);
  expect(carol!.entry.state).toBe('removed');
});
