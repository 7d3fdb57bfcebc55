// The card a group shows others, in real sessions over relay nodes in memory: what it is taken for, how long it holds, who
// makes it anew.

import { describe, expect, it, vi } from 'vitest';
import { utf8 } from '#core/bytes/bytes.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { invitationCode } from '#core/identity/invitation-code.ts';
import { DAY } from '#core/ports.ts';
import { personIn } from '#tests/suites/group-members.ts';
import {
  acquaint,
  acquainted,
  cardIn,
  HELPER,
  LEAD,
  MEALS,
  offline,
  room,
  seen,
  sendMeals,
  withCard,
} from '#tests/suites/neighbour-groups.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';

vi.setConfig({ testTimeout: 120_000 });

describe('a card', () => {
  it('is read as nothing else, and nothing else as a card; what is wrong with one is said', async () => {
    const world = await SessionWorld.start();
    const [alice] = await withCard(world, 'alice');
    const [carol] = await withCard(world, 'carol');
    const code = seen(alice!).card!.code!;
    const read = (text: string) => world.during(room(carol!).readCard(text));
    expect(await read(`https://app.example/#/join/${code}`)).toMatchObject({ is: 'card', name: 'the garden' });
    expect((await read(code.slice(0, -9))).is).toBe('cut');
    expect((await read(`${code.slice(0, 60)}A${code.slice(61)}`)).is).toBe('damaged');
    const invitation = { space: '11'.repeat(32), secret: utf8('x'.repeat(32)), relays: [], groupName: 'x' };
    expect((await read(invitationCode(invitation))).is).toBe('foreign');
    expect((await read(await carol!.person.card())).is).toBe('foreign');
    expect(carol!.groups.readCode(code).is).toBe('outside-card');
    expect(await carol!.join(code)).toMatchObject({ is: 'refused', problem: 'foreign' });
    expect(carol!.person.session.people.readCode(code)).toMatchObject({ is: 'foreign' });
    expect(carol!.person.session.ownDevices.readCode(code)).toMatchObject({ is: 'foreign' });
    expect((await world.during(room(alice!).readCard(code))).is).toBe('own');
    expect(await world.during(room(alice!).approve(code, { name: 'us', roles: [] }))).toBe('own-card');
  });

  it('that is over is not taken in, and to it nothing is sent', async () => {
    const [world, [alice], [carol]] = await acquainted(['alice'], ['carol']);
    const code = seen(carol!).card!.code!;
    await carol!.person.stop();
    await alice!.person.stop();
    await world.pass(30 * DAY);
    await alice!.person.start();
    expect(seen(alice!).card).toMatchObject({ isOver: true });
    await world.pass(15 * 60_000);
    expect((await world.during(room(alice!).readCard(code))).is).toBe('expired');
    expect(await world.during(room(alice!).approve(code, { name: 'x', roles: [LEAD] }))).toBe('expired');
    const to = seen(alice!).known[0]!;
    expect(to.isOver).toBe(true);
    expect(await world.during(room(alice!).send({ to: to.id, ...MEALS }))).toBe('expired');
    // Our own was made anew as soon as somebody was there again.
    expect(seen(alice!).card).toMatchObject({ isOver: false });
  });

  it('is made anew by whoever may and is there first, when somebody loses a role on it; what the role signed before, unknowing, is refused', async () => {
    const world = await SessionWorld.start();
    const [alice, bob] = await withCard(world, 'alice', 'bob');
    const [carol] = await withCard(world, 'carol');
    for (const name of ['alice', 'bob']) {
      expect(await world.during(alice!.group.giveRole(personIn(alice!, name).id, HELPER))).toBe('done');
    }
    await world.pass(5_000);
    const making = { roles: [LEAD, HELPER], readers: 'everyone' as const };
    expect(await world.during(room(alice!).publishCard(making))).toBe('done');
    await world.pass(15 * 60_000);
    const before = cardIn(seen(alice!).card!.code);
    await acquaint(world, alice!, carol!, [LEAD, HELPER]);
    expect(
      seen(bob!)
        .card!.roles.filter(({ maySign }) => maySign)
        .map(({ id }) => id),
    ).toEqual([HELPER]);

    // Bob has not heard yet that he is no helper any more.
    const back = offline(world, [bob!], [alice!, carol!]);
    await world.pass(5_000);
    const to = seen(bob!).known[0]!.id;
    expect(await world.during(room(bob!).send({ to, ...MEALS, role: HELPER, title: 'from Bob' }))).toBe('done');
    expect(await world.during(alice!.group.takeRole(personIn(alice!, 'bob').id, HELPER))).toBe('done');
    await world.pass(15 * 60_000);
    const after = cardIn(seen(alice!).card!.code);
    expect(after.number).toBeGreaterThan(before.number);
    expect(after.key).toBe(before.key);
    const keyOfHelper = (card: typeof after) => card.card.roles.find(({ id }) => id === HELPER)?.key;
    expect(keyOfHelper(after)).not.toEqual(keyOfHelper(before));
    expect(after.card.secret).not.toEqual(before.card.secret);
    await sendMeals(world, alice!);
    await world.pass(30_000);
    expect(seen(carol!).received.map(({ title }) => title)).toEqual([MEALS.title]);
    back();
    await world.pass(120_000);
    expect(seen(carol!).received.map(({ title }) => title)).toEqual([MEALS.title]);
    expect(seen(carol!).refused).toMatchObject([{ why: 'revoked', title: 'from Bob' }]);
    const sent = await world.during(room(bob!).send({ to, ...MEALS, role: HELPER }));
    expect(sent).toBe('role-not-on-card');
  });

  it('is made anew by another who may, when somebody is removed while its maker is away; the removed cannot read what comes then', async () => {
    const world = await SessionWorld.start();
    const [alice, bob, dave] = await withCard(world, 'alice', 'bob', 'dave');
    const [carol] = await withCard(world, 'carol');
    const DEPUTY = 'deputy' as RoleId;
    expect(await world.during(alice!.group.giveRole(personIn(alice!, 'bob').id, DEPUTY))).toBe('done');
    await world.pass(15 * 60_000);
    await acquaint(world, alice!, carol!);
    await alice!.person.stop();
    const before = cardIn(seen(bob!).card!.code);
    expect(await world.during(bob!.group.remove(personIn(bob!, 'dave').id))).toBe('done');
    await world.pass(15 * 60_000);
    const after = cardIn(seen(bob!).card!.code);
    expect([after.key, after.number > before.number]).toEqual([before.key, true]);
    expect(after.card.sealingKey).not.toEqual(before.card.sealingKey);
    // Of a role its maker does not hold the key stays as it was.
    expect(after.card.roles).toEqual(before.card.roles);

    expect(await world.during(room(carol!).approve(seen(bob!).card!.code!, { name: 'Harbour', roles: [] }))).toBe(
      'done',
    );
    await sendMeals(world, carol!);
    await world.pass(30_000);
    expect(seen(bob!).refused.map(({ why, title }) => [why, title])).toEqual([]);
    expect(seen(bob!).received.map(({ title }) => title)).toEqual([MEALS.title]);
    const daves = dave!.person.disk.rows.filter(({ value }) => value !== null);
    expect(daves.some(({ value }) => Buffer.from(value!).includes(MEALS.title))).toBe(false);
    // And she who made the first one finds all of it when she is back.
    await alice!.person.start();
    await world.pass(120_000);
    expect(cardIn(seen(alice!).card!.code).number).toBe(after.number);
    expect(seen(alice!).received.map(({ title }) => title)).toEqual([MEALS.title]);
  });

  it('can be begun anew by who has what belongs to it: with a key that nobody had before, and others take it in by hand', async () => {
    const [world, [alice, bob], [carol]] = await acquainted(['alice', 'bob'], ['carol']);
    const before = cardIn(seen(alice!).card!.code);
    const { home, card } = seen(alice!);
    expect([home, card!.isOver]).toEqual(['here', false]);
    const making = { roles: [LEAD], readers: LEAD, anew: true };
    expect(await world.during(room(alice!).publishCard(making))).toBe('done');
    await world.pass(10_000);
    const after = cardIn(seen(alice!).card!.code);
    expect(after.key).not.toBe(before.key);
    expect(seen(alice!)).toMatchObject({ home: 'here', readers: LEAD });
    // Chosen anew: only that role takes what comes from now on.
    expect(seen(bob!)).toMatchObject({ home: 'elsewhere', received: [] });

    await sendMeals(world, carol!);
    await world.pass(120_000);
    expect(seen(alice!).received).toEqual([]);
    await acquaint(world, alice!, carol!);
    const to = seen(carol!).known.find(({ id }) => (id as string) === after.key)!;
    expect(await world.during(room(carol!).send({ to: to.id, ...MEALS, title: 'to the new one' }))).toBe('done');
    await world.pass(120_000);
    expect(seen(alice!).received.map(({ title }) => title)).toEqual(['to the new one']);
  });
});
