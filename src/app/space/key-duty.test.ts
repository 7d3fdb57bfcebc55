// Keys go on without anybody in charge: on schedule, for newcomers, for who comes back after long, and in spite of those
// who would rather they did not (protocol §4; P14, P22, P35, threat 19).

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVERYONE } from '#core/charter/ids.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { rankOf, whenDue, type Turn } from '#core/keys/duty.ts';
import { DAY, HOUR, MINUTE } from '#core/ports.ts';
import { KITCHEN, Town, townRules, type Member } from '#tests/suites/group-replicas.ts';
import { Thief } from '#tests/suites/thief.ts';
import { encodeSignedOp } from '#core/charter/op.ts';
import { encodeWrap, wrapAgreement } from '#core/keys/wrap.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { heldNow } from './offer.ts';
import { revokeBody } from './revoking.ts';

async function four(): Promise<{ town: Town; alice: Member; bob: Member; carol: Member; dave: Member }> {
  const town = new Town();
  const alice = await town.found('alice');
  const others = [];
  for (const name of ['bob', 'carol', 'dave']) others.push(await town.join(name, alice));
  await town.live(HOUR);
  const [bob, carol, dave] = others as [Member, Member, Member];
  return { town, alice, bob, carol, dave };
}

function rotationsOf(member: Member, scope = EVERYONE) {
  return member.replica.view!.rotations.filter(({ scopes }) => scopes.some((rotated) => rotated.scope === scope));
}

/** What a device sends under now. */
function keyAge(member: Member, now: number): number {
  const times = [...member.replica.keys.held.values()].filter(({ key }) => key.scope === EVERYONE);
  return now - Math.max(...times.map(({ since }) => since));
}

describe('P22 19: with the founder gone for ever', () => {
  test('keys are replaced on schedule for sixty days by whoever is there, and nobody types', async () => {
    const { town, alice, bob, carol, dave } = await four();
    alice.isOn = false;
    const before = rotationsOf(bob).length;
    const limit = townRules.rotateDays * DAY + DAY;
    const rest = [bob, carol, dave];
    for (let day = 0; day < 60; day++) {
      // One or two of them are there on a day, for an hour.
      for (const member of rest) member.isOn = false;
      rest[day % 3]!.isOn = true;
      if (day % 2 === 0) rest[(day + 1) % 3]!.isOn = true;
      await town.live(HOUR);
      for (const member of rest.filter(({ isOn }) => isOn)) {
        expect(keyAge(member, town.clock.now())).toBeLessThanOrEqual(limit);
      }
      for (const member of rest) member.isOn = false;
      await town.live(DAY - HOUR);
    }
    for (const member of rest) member.isOn = true;
    await town.live(HOUR);
    const made = rotationsOf(bob).slice(before);
    expect(made.length).toBeGreaterThanOrEqual(7);
    expect(made.length).toBeLessThanOrEqual(12);
    expect(new Set(made.map(({ by }) => by)).size).toBeGreaterThan(1);
    expect(made.map(({ by }) => by)).not.toContain(alice.device);
  });

  test('old keys are gone from every disk two weeks after they were replaced, and old sealing keys sooner', async () => {
    const { town, alice, bob, carol, dave } = await four();
    alice.isOn = false;
    await carol.say('soon unreadable');
    const first = new Set(bob.replica.keys.held.keys());
    const leaf = bob.replica.keys.leaf.current.id;
    // A sealing key is replaced when it opened something: whoever makes all keys alone opens none.
    await carol.rotate(EVERYONE);
    await town.live(40 * DAY);
    for (const member of [bob, carol, dave]) {
      await member.flush();
      const kept = [...member.rows.rows.get(`key:${member.replica.identity.space}`)!.keys()];
      expect(kept.filter((kid) => first.has(kid as never))).toEqual([]);
      expect(member.replica.keys.held.size).toBeLessThanOrEqual(5);
    }
    // Who takes the device then, and recorded everything, opens nothing of it.
    const thief = new Thief(bob.replica.identity.space, town.suite, [bob.rows]);
    const opened = await thief.openAll(town.tape.map(({ written }) => written.parcel));
    expect(thief.secrets.size).toBeGreaterThan(0);
    expect([...opened]).not.toContain('soon unreadable');
    const { leaf: now } = bob.replica.keys;
    expect([now.current, ...now.former].map(({ id }) => id)).not.toContain(leaf);
    expect(now.former.length).toBeLessThanOrEqual(2);
  });
});

describe('newcomers', () => {
  test('who came in one after the other are let in by one rotation, and read what is said from then on', async () => {
    const { town, alice, bob } = await four();
    await alice.say('long ago');
    await town.live(HOUR);
    const before = rotationsOf(bob).length;
    alice.isOn = false;
    const [erin, frank] = [await town.join('erin', bob), await town.join('frank', bob)];
    await town.live(HOUR);
    const made = rotationsOf(bob).slice(before);
    expect(made.length).toBe(1);
    const body = bob.replica.charter.ops.get(made[0]!.op)!.signed.op.body;
    expect(body.type === 'rotate' && body.admits.length).toBe(2);
    await bob.say('welcome');
    await town.live(MINUTE);
    // What was said before is a row of links to them, and any member has it.
    for (const newcomer of [erin, frank]) await town.link(bob, newcomer);
    for (const newcomer of [erin, frank]) expect(newcomer.texts()).toContain('welcome');
  });

  test('get no key and no text of what was said before they came, from nobody, whatever they ask', async () => {
    const { town, alice, bob, carol } = await four();
    await alice.say('our secret');
    await bob.rotate(EVERYONE);
    await bob.say('under another key');
    await town.live(HOUR);
    await bob.rotate(EVERYONE);
    const erin = await town.join('erin', bob);
    await town.live(HOUR);
    for (const from of [alice, bob, carol]) {
      from.replica.peers.confirm(
        erin.device,
        { ...heldNow(erin.replica), lacks: [...from.replica.keys.held.keys()] },
        from.context.disk,
      );
      await town.link(from, erin);
    }
    const secrets = ['our secret', 'under another key'];
    expect(erin.texts().filter((text) => secrets.includes(text))).toEqual([]);
    await erin.flush();
    const all = [...erin.rows.rows.values()].flatMap((rows) =>
      [...rows.values()].map((row) => new TextDecoder().decode(row)),
    );
    for (const secret of secrets) expect(all.some((row) => row.includes(secret))).toBe(false);
    // The links are there, so that what follows settles.
    expect(erin.replica.log.entries.length).toBe(alice.replica.log.entries.length);
  });

  test('read the documents of the group by its rule, though no key of theirs opens them', async () => {
    for (const docs of ['checkpoint', 'none'] as const) {
      const town = new Town();
      const rules = { ...townRules, history: { ...townRules.history, docs } };
      const alice = await town.found('alice', rules);
      await alice.say('the plan', EVERYONE, 'doc.update');
      await alice.say('my name', EVERYONE, 'channel');
      await alice.rotate(EVERYONE);
      const bob = await town.join('bob', alice);
      await town.live(HOUR);
      await town.link(alice, bob);
      expect(bob.texts()).toEqual(docs === 'none' ? ['my name'] : ['the plan', 'my name']);
    }
  });
});

describe('P35: who comes back after sixty days', () => {
  test('having followed nothing, with all wraps gone, reads all of it from any one peer', async () => {
    const { town, alice, bob, carol, dave } = await four();
    dave.isOn = false;
    alice.isOn = false;
    for (let day = 0; day < 60; day += 5) {
      await bob.say(`day ${day}`);
      await town.live(5 * DAY);
    }
    // Nothing of what was sent is left anywhere.
    for (const sent of town.tape) sent.heard.add(dave);
    dave.isOn = true;
    await dave.restart();
    await town.link(carol, dave);
    await town.live(HOUR);
    expect(dave.texts().filter((text) => text.startsWith('day'))).toEqual(
      bob.texts().filter((text) => text.startsWith('day')),
    );
    expect(await dave.say('back again')).toBeUndefined();
    await town.live(HOUR);
    expect(carol.texts()).toContain('back again');
    await carol.say('good to see you');
    await town.live(HOUR);
    expect(dave.texts()).toContain('good to see you');
  });

  test('finds the newest key at its inbox alone, and is told nothing by a rotation after ninety', async () => {
    const { town, bob, dave } = await four();
    dave.isOn = false;
    await town.live(60 * DAY);
    expect(
      rotationsOf(bob)
        .at(-1)!
        .scopes[0]!.recipients.map(({ device }) => device),
    ).toContain(dave.device);
    await town.live(45 * DAY);
    expect(
      rotationsOf(bob)
        .at(-1)!
        .scopes[0]!.recipients.map(({ device }) => device),
    ).not.toContain(dave.device);
    dave.isOn = true;
    await dave.restart();
    dave.sendRecord();
    await town.live(DAY);
    await bob.say('you are back');
    await town.live(HOUR);
    expect(dave.texts()).toContain('you are back');
  });
});

test('P35: who comes back after a removal finds where the others meet in the wrap alone, before any op of theirs', async () => {
  const { town, alice, bob, dave } = await four();
  dave.isOn = false;
  await alice.act(revokeBody(alice.replica, bob.principal));
  await town.live(60 * DAY);
  const last = rotationsOf(alice).at(-1)!;
  const by = town.members.find(({ device }) => device === last.by)!;
  const op = encodeSignedOp(by.replica.charter.ops.get(last.op)!.signed);
  const wrap = by.replica.wraps.get(`${dave.device}/${last.op}`)!;
  const before = dave.replica.keys.rendezvous;
  await dave.restart();
  await dave.take({ ...emptyParcel, ops: [op], wraps: [wrap] });
  expect(dave.replica.keys.rendezvous).not.toEqual(before);
  expect(dave.replica.keys.rendezvous).toEqual(alice.replica.keys.rendezvous);
  // Nothing is said or read under what nobody can judge yet.
  expect(dave.replica.keys.has(last.scopes[0]!.kid)).toBe(false);
  await town.link(alice, dave);
  expect(dave.replica.keys.has(last.scopes[0]!.kid)).toBe(true);
  expect(dave.replica.keys.rendezvous).toEqual(alice.replica.keys.rendezvous);
});

test('who was not away is led nowhere by a wrap that no rotation announced', async () => {
  const { town, alice, bob } = await four();
  const { suite } = town;
  const sealingKey = bob.replica.records.get(bob.device)!.record.sealingKey;
  const secrets = { keys: [], rendezvous: new Uint8Array(32).fill(6) };
  const { space } = bob.replica.identity;
  const { wraps } = await wrapAgreement(bob.dice, suite).seal(space, [{ device: bob.device, sealingKey }], secrets);
  await bob.take({ ...emptyParcel, wraps: wraps.map(encodeWrap) });
  expect(bob.replica.keys.rendezvous).toEqual(alice.replica.keys.rendezvous);
});

describe('a member who means harm', () => {
  test('toggles devices without end and silences nobody; keys are made for that every ten minutes at most', async () => {
    const { town, alice, bob, carol } = await four();
    const before = rotationsOf(alice).length;
    for (let i = 0; i < 12; i++) {
      const extra = await town.addDevice(bob, `bob ${i}`);
      expect(await carol.say(`through ${i}`)).toBeUndefined();
      await town.live(MINUTE);
      const { binding } = extra.replica.me!;
      await extra.act({ type: 'device', act: 'end', binding, device: extra.device, frontier: [] });
      extra.isOn = false;
      expect(await carol.say(`and again ${i}`)).toBeUndefined();
      await town.live(MINUTE);
    }
    await town.live(HOUR);
    const texts = new Set(alice.texts());
    for (let i = 0; i < 12; i++) expect(texts.has(`through ${i}`) && texts.has(`and again ${i}`)).toBe(true);
    // Once for each device that was ended with a key in its hands, and some for those that came.
    expect(rotationsOf(alice).length - before).toBeLessThanOrEqual(26);
  });

  test('publishes a sealing key that is none, and costs one rotation more, not one every ten minutes', async () => {
    const { town, alice, bob } = await four();
    const before = rotationsOf(alice).length;
    const { suite } = town;
    const wrap = suite.wrap.bind(suite);
    const bad = bob.replica.records.get(bob.device)!.record.sealingKey;
    const { SealFault } = await import('#core/crypto/suite.ts');
    suite.wrap = (to, secret, options) => {
      return String(to) === String(bad) ? Promise.reject(new SealFault()) : wrap(to, secret, options);
    };
    bob.isOn = false;
    await alice.rotate(EVERYONE);
    await town.live(DAY);
    expect(rotationsOf(alice).length - before).toBeLessThanOrEqual(5);
  });
});

describe('a turn', () => {
  const turn = fc.record({
    cause: fc.constantFrom('unsafe', 'newcomers', 'old', 'lacking'),
    from: fc.integer({ min: 0, max: 10 * DAY }),
    upSince: fc.integer({ min: 0, max: 10 * DAY }),
    since: fc.option(fc.integer({ min: 0, max: 10 * DAY }), { nil: undefined }),
    rank: fc.integer({ min: 0, max: 500 }),
    random: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  }) as fc.Arbitrary<Turn>;

  test('comes for everybody, however many are before them, within hours of the time and a moment of being up', () => {
    fc.assert(
      fc.property(turn, (given) => {
        const at = whenDue(given);
        expect(at).toBeGreaterThanOrEqual(given.from);
        const waits = given.cause === 'newcomers' ? (given.since ?? 0) + 10 * MINUTE : 0;
        expect(at).toBeLessThanOrEqual(Math.max(given.from + 7 * HOUR, given.upSince + MINUTE, waits));
        expect(whenDue({ ...given, rank: given.rank + 1 })).toBeGreaterThanOrEqual(at);
      }),
    );
  });

  test('is somebody else’s after each rotation', () => {
    const devices = Array.from({ length: 40 }, (_, i) => (i * 7_919).toString(16).padStart(64, 'ab') as never);
    const firsts = new Set<number>();
    for (let i = 0; i < 60; i++) {
      const op = (i * 104_729).toString(16).padStart(64, 'c') as never;
      const ranks = devices.map((device) => rankOf(device, devices, op));
      expect([...ranks].sort((a, b) => a - b)).toEqual(devices.map((_, place) => place));
      firsts.add(ranks.indexOf(0));
    }
    expect(firsts.size).toBeGreaterThan(10);
  });
});

test('a frontier that a remover could not write is completed by who reads the scope', async () => {
  const { town, alice, bob, carol } = await four();
  for (const member of [bob, carol]) {
    await alice.act({ type: 'grant', act: 'role', on: member.principal, role: 'kitchen' as RoleId });
  }
  await town.live(HOUR);
  await carol.say('heard by bob alone', KITCHEN);
  await town.deliver(bob);
  await alice.act(revokeBody(alice.replica, carol.principal));
  await town.live(HOUR);
  expect(bob.texts(KITCHEN)).toContain('heard by bob alone');
  const frontiers = [...bob.replica.charter.ops.values()].filter(({ signed }) => signed.op.body.type === 'frontier');
  expect(frontiers.length).toBe(1);
  expect(bob.replica.view!.group!.incomplete).toEqual([]);
});
