// Whoever loses a role or membership, on whatever path, opens nothing that is written afterwards: judged by the rows of
// their device and a recording of all roads, not by what the app says (protocol §4; P14, P15, P16, threats 13 and 18).

import { describe, expect, test } from 'vitest';
import { EVERYONE, type GrantId, type Scope } from '#core/charter/ids.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import { HOUR, MINUTE } from '#core/ports.ts';
import { KITCHEN, MemoryRows, type Member, type Town } from '#tests/suites/group-replicas.ts';
import { cast, grantOf, LOSSES, type Cast, type Loss } from '#tests/suites/losses.ts';
import { Thief } from '#tests/suites/thief.ts';
import { heldNow, serve } from './offer.ts';
import { revokeBody } from './revoking.ts';
import { share } from './rotate.ts';
import { emptyParcel } from '#core/sync/parcel.ts';

/** What a device kept is copied again and again, and everything sent is recorded. */
class Copies {
  readonly #of: Member;
  readonly #disks: MemoryRows[] = [];

  constructor(of: Member) {
    this.#of = of;
  }

  async take(): Promise<void> {
    await this.#of.flush();
    const copy = new MemoryRows();
    for (const [collection, rows] of this.#of.rows.rows) copy.rows.set(collection, new Map(rows));
    this.#disks.push(copy);
  }

  thief(town: Town): Thief {
    return new Thief(this.#of.replica.identity.space, town.suite, this.#disks);
  }
}

describe('P15 P16: opens nothing that is written afterwards', () => {
  for (const [name, loss] of Object.entries(LOSSES)) {
    test(`when ${name}, and everybody else reads on`, async () => {
      const all = await cast();
      await lose(all, loss);
    });
  }

  test('also with the primitives that ship', async () => {
    await lose(await cast(makeProductionSuite()), LOSSES['a membership is revoked']!);
  }, 30_000);
});

async function lose(all: Cast, loss: Loss): Promise<void> {
  const { town } = all;
  await loss.how(all);
  const out = loss.who(all);
  const copies = new Copies(out);
  await copies.take();
  await town.deliver();
  await copies.take();
  const live = () => town.members.filter((member) => member !== out && member.replica.me?.isLive === true);
  const said: string[] = [];
  for (const scope of loss.scopes) {
    for (const member of live().filter(({ replica }) => replica.reads(scope))) {
      for (const kind of ['chat', 'doc.update']) {
        const text = `after ${kind} ${scope} ${member.name}`;
        expect(await member.say(text, scope, kind)).toBeUndefined();
        said.push(text);
        await town.deliver();
        await copies.take();
      }
    }
  }
  // One op for several scopes, of which those who are out read one at most.
  for (const scope of loss.scopes) {
    const [reader] = live().filter(({ replica }) => replica.reads(scope));
    if (reader === undefined) continue;
    await reader.rotate(...[EVERYONE, KITCHEN].filter((held) => reader.replica.reads(held)));
    await town.deliver();
    const text = `after together ${scope} ${reader.name}`;
    expect(await reader.say(text, scope)).toBeUndefined();
    said.push(text);
    await town.deliver();
    await copies.take();
  }
  // The duty makes further keys, and so do days that pass.
  await town.live(HOUR);
  await copies.take();
  const parcels = town.tape.map(({ written }) => written.parcel);
  const thief = copies.thief(town);
  const opened = await thief.openAll(parcels);
  // What they could read they can, so the attack is one.
  expect([...opened].filter((text) => text.startsWith('before')).length).toBeGreaterThanOrEqual(
    loss.knew ?? (loss.scopes.includes(KITCHEN) ? 8 : 4),
  );
  expect(said.filter((text) => opened.has(text))).toEqual([]);
  await nobodyServes(all, out, loss.scopes, said);
  for (const scope of loss.scopes) {
    const readers = live().filter(({ replica }) => replica.reads(scope));
    if (scope !== KITCHEN || readers.length > 0)
      for (const reader of readers) expect(missing(reader, said, scope)).toEqual([]);
  }
}

function missing(member: Member, said: readonly string[], scope: Scope): string[] {
  const texts = new Set(member.texts(scope));
  return said.filter((text) => text.includes(` ${scope} `) && !texts.has(text));
}

/** Whatever they ask for over a link. */
async function nobodyServes(
  { town }: Cast,
  out: Member,
  scopes: readonly Scope[],
  said: readonly string[],
): Promise<void> {
  for (const member of town.members) {
    if (member === out) continue;
    const { chains } = heldNow(member.replica);
    const lacks = member.replica.view!.rotations.flatMap((rotation) => rotation.scopes);
    const lost = lacks.filter(({ scope }) => scopes.includes(scope)).map(({ kid }) => kid);
    member.replica.peers.confirm(
      out.device,
      { heads: [], chains: [], records: [], lacks: lost.slice(-60) },
      member.context.disk,
    );
    const before = new Set(out.replica.keys.held.keys());
    for (const wrap of await share(member.replica, out.device)) {
      await out.take({ ...emptyParcel, wraps: [wrap] }, true);
    }
    for (const kid of lost) expect(before.has(kid) || !out.replica.keys.has(kid)).toBe(true);
    const pieces = [...serve(member.replica, { request: 1, ops: true, heads: [], records: [], chains }, out.device)];
    const served = new TextDecoder().decode(concatAll(pieces.flatMap(({ runs, frames }) => [...runs, ...frames])));
    for (const text of said) expect(served).not.toContain(text);
  }
}

function concatAll(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

test('P15: two who remove each other at once both stay outside of what is said by the others', async () => {
  const all = await cast();
  const { town, alice, bob, carol, dave } = all;
  // Neither has seen what the other does.
  const grants: [Member, GrantId][] = [
    [alice, dave.principal],
    [bob, carol.principal],
  ];
  for (const [by, grant] of grants) {
    await by.act(revokeBody(by.replica, grant));
    await by.rotate(EVERYONE, KITCHEN);
  }
  const copies = [new Copies(carol), new Copies(dave)];
  for (const copy of copies) await copy.take();
  await town.deliver();
  for (const copy of copies) await copy.take();
  expect(alice.replica.view!.devices.get(carol.device)?.isLive).toBe(false);
  const said = ['after all alice', 'after all bob'];
  await alice.say('after all alice');
  await bob.say('after all bob');
  await town.live(HOUR);
  for (const copy of copies) {
    await copy.take();
    const opened = await copy.thief(town).openAll(town.tape.map(({ written }) => written.parcel));
    expect(said.filter((text) => opened.has(text))).toEqual([]);
    expect(opened.size).toBeGreaterThan(4);
  }
  expect(missing(alice, ['after all alice', 'after all bob'], EVERYONE)).toEqual([]);
  expect(alice.texts()).toEqual(expect.arrayContaining(said));
  expect(bob.texts()).toEqual(expect.arrayContaining(said));
});

test('P14: what is said while a key is replaced is read by all who remain, under the old key and the new', async () => {
  const { town, alice, bob, carol } = await cast();
  await alice.rotate(EVERYONE, KITCHEN);
  await bob.say('under the old one');
  await carol.rotate(EVERYONE, KITCHEN);
  await carol.say('under a third');
  await alice.say('under the new one');
  await bob.say('kitchen, old', KITCHEN);
  await town.live(MINUTE);
  for (const member of town.members) {
    expect(member.texts()).toEqual(
      expect.arrayContaining(['under the old one', 'under the new one', 'under a third', 'kitchen, old']),
    );
  }
});

test('P30: what somebody says in a role with their old key after losing it stands nowhere', async () => {
  const { town, alice, bob, dave } = await cast();
  await dave.say('in time', KITCHEN);
  await town.deliver(alice);
  await alice.act(revokeBody(alice.replica, grantOf(dave, KITCHEN)));
  // They go on as if they had not heard: an app that was changed. Whoever has the old key still opens it.
  await dave.say('too late', KITCHEN);
  const { parcel } = town.tape.at(-1)!.written;
  for (const member of [alice, bob]) await member.take(parcel);
  await town.live(HOUR);
  for (const member of [alice, bob]) {
    expect(member.replica.log.entries.filter(({ message }) => message.header.device === dave.device).length).toBe(5);
    expect(member.texts(KITCHEN)).toContain('in time');
    expect(member.texts(KITCHEN)).not.toContain('too late');
  }
});
