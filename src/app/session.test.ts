// Sessions against each other: the code that ships, over a relay node and a network in memory.

import { expect, test, vi } from 'vitest';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { Millis } from '#core/ports.ts';
import { SessionWorld, twoContacts } from '#tests/suites/session-world.ts';
import { importFromBackup } from './backup-state.ts';

test('a card, an answer, and chat both ways', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  expect(alice.session.people.contacts.current).toMatchObject([{ name: 'bob', state: 'connected', myName: 'alice' }]);
  expect(bob.session.people.contacts.current).toMatchObject([{ name: 'alice', state: 'connected', myName: 'bob' }]);
  expect(alice.session.people.cards.current).toMatchObject([{ state: 'used', code: '' }]);
  expect(alice.session.connection.current.relayedWith).toEqual([alice.contact]);
  expect(await alice.say('hello')).toBe('saved');
  await world.pass(500);
  expect(await bob.say('hi')).toBe('saved');
  await world.pass(3_000);
  expect(alice.texts()).toEqual(['hello', 'hi']);
  expect(bob.texts()).toEqual(['hello', 'hi']);
  expect(alice.messages()[0]).toMatchObject({ mine: true, delivery: 'delivered' });
});

test('P04: what was written while the other was away arrives, also when the writer is gone for good', async () => {
  const world = await SessionWorld.start();
  const alice = await world.person('alice').start();
  await world.pass(500);
  const code = await alice.card();
  await alice.stop();
  const bob = await world.person('bob').start();
  await world.pass(500);
  expect(await bob.answer(code)).toMatchObject({ is: 'contact' });
  expect(await bob.say('you were away')).toBe('saved');
  await world.pass(3_000);
  expect(bob.messages()).toMatchObject([{ delivery: 'relay' }]);
  await bob.stop();

  await alice.start();
  await world.pass(5_000);
  expect(alice.texts()).toEqual(['you were away']);
  expect(alice.session.people.contacts.current).toMatchObject([{ name: 'bob', state: 'connected', unread: 1 }]);
  await alice.say('and now you');
  await world.pass(20_000);
  expect(alice.messages().at(-1)).toMatchObject({ delivery: 'relay' });
  await alice.stop();

  await bob.start();
  await world.pass(20_000);
  expect(bob.texts()).toEqual(['you were away', 'and now you']);
  expect(bob.messages()[0]).toMatchObject({ delivery: 'delivered' });
});

test('safety numbers are equal at both ends, and a card answered before or by its maker is told apart', async () => {
  const world = await SessionWorld.start();
  const alice = await world.person('alice').start();
  const bob = await world.person('bob').start();
  const code = await alice.card();
  expect(alice.session.people.readCode(code)).toEqual({ is: 'own-card' });
  expect(bob.session.people.readCode(code)).toMatchObject({ is: 'card' });
  expect(await alice.answer(code)).toEqual({ is: 'refused', problem: 'own-card' });
  const answered = await bob.answer(code);
  expect(bob.session.people.readCode(code)).toEqual({ is: 'answered-before', contact: bob.contact });
  expect(await bob.answer(code)).toEqual(answered);
  await world.pass(4_000);
  const [numberA, numberB] = [alice, bob].map((person) => person.session.people.contacts.current[0]!.safetyNumber);
  expect(numberA).toMatch(/^\d{5}( \d{5}){11}$/u);
  expect(numberA).toBe(numberB);
});

test('edits and deletions reach the other side; nobody edits what another wrote', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  await alice.say('first');
  await alice.say('second');
  await world.pass(2_000);
  const [first, second] = bob.messages();
  expect(await world.during(bob.session.conversation(bob.contact).edit(first!.id, 'mine now'))).toBe('not-yours');
  const talk = alice.session.conversation(alice.contact);
  expect(await world.during(talk.edit(first!.id, 'first, better'))).toBe('saved');
  expect(await world.during(talk.deleteForAll(second!.id))).toBe('saved');
  await world.pass(2_000);
  expect(bob.messages()).toMatchObject([
    { text: 'first, better', edited: true },
    { text: '', deleted: true },
  ]);
  await bob.stop();
  await bob.start();
  expect(bob.messages()).toMatchObject([
    { text: 'first, better', edited: true },
    { text: '', deleted: true },
  ]);
});

test('a restart finds everything again, and goes on', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  await alice.say('one');
  await world.pass(1_000);
  await bob.say('two');
  await world.pass(2_000);
  const before = await world.during(alice.session.stateHash());
  await alice.stop();
  await alice.start();
  expect(await world.during(alice.session.stateHash())).toBe(before);
  expect(alice.texts()).toEqual(['one', 'two']);
  await alice.say('three');
  await world.pass(8_000);
  expect(bob.texts()).toEqual(['one', 'two', 'three']);
});

test('a long conversation is read again in parts, from its end, and is then what it was, the unread too', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  const talk = () => bob.session.conversation(bob.contact);
  const old = await alice.say('an old one').then(() => alice.messages()[0]!.id);
  for (let i = 0; i < 400; i++) await alice.say(`${i}`);
  await world.pass(8_000);
  talk().markRead(bob.messages().at(-1)!.id);
  const answer = await world.during(talk().send('about the old one', old));
  expect(answer).toBe('saved');
  await world.during(alice.session.conversation(alice.contact).edit(old, 'a changed one'));
  for (let i = 400; i < 410; i++) await alice.say(`${i}`);
  await world.pass(8_000);
  const before = bob.messages();
  expect(before).toHaveLength(412);
  await bob.stop();
  await bob.start();
  expect(talk().contact.current.unread).toBe(10);
  expect(talk().firstUnread.current).toBe(before.find(({ text }) => text === '400')!.id);
  await world.pass(100);
  expect(bob.messages()).toEqual(before);
  expect(bob.messages()[0]).toMatchObject({ text: 'a changed one', edited: true });
  expect(bob.messages().find(({ text }) => text === 'about the old one')?.replyTo?.text).toBe('a changed one');
  // Nothing read: everything is there at once.
  await alice.stop();
  await alice.start();
  expect(alice.session.conversation(alice.contact).contact.current.unread).toBe(1);
  expect(alice.messages()).toHaveLength(412);
});

test('through loss, doubling, delay and damage everything arrives once and in one order', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  world.roads.weather = { loss: 0.1, duplication: 0.1, corruption: 0.03, delay: 0.1 };
  for (let i = 0; i < 30; i++) {
    void (i % 3 === 0 ? bob : alice).session.conversation((i % 3 === 0 ? bob : alice).contact).send(`message ${i}`);
    await world.pass(300);
  }
  world.roads.weather = { loss: 0, duplication: 0, corruption: 0, delay: 0 };
  await world.pass(60_000);
  expect(alice.texts()).toHaveLength(30);
  expect(bob.texts()).toEqual(alice.texts());
  expect(alice.messages().filter(({ mine, delivery }) => mine && delivery !== 'delivered')).toEqual([]);
});

test('a closed tab is noticed within 3 s, with or without a goodbye', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  const presence = () => alice.session.people.contacts.current[0]!.presence;
  expect(presence()).toBe('relayed');
  await bob.stop();
  await world.pass(500);
  expect(presence()).toBe('away');
  await bob.start();
  await world.pass(5_000);
  expect(presence()).toBe('relayed');
  const seen: string[] = [];
  alice.session.people.contacts.subscribe(() => seen.push(presence()));
  bob.session.goodbye();
  await world.pass(20_000);
  // The page stayed after all, so they met again.
  expect([seen[0], presence()]).toEqual(['away', 'relayed']);
  world.roads.cut('alice', 'bob');
  world.roads.cut('bob', 'alice');
  await world.pass(3_000);
  expect(presence()).toBe('away');
});

test('P03 who hides the address from a contact, or blocks them, ends the direct road at once and at both ends', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  const peers = [alice, bob].map(({ network }) => network.self);
  expect(alice.network.permitted).toEqual(new Set([peers[1]]));
  expect(bob.network.permitted).toEqual(new Set([peers[0]]));
  await world.during(alice.session.people.setPolicy(alice.contact, 'relays'));
  expect(alice.network.permitted).toEqual(new Set());
  await world.pass(500);
  expect(bob.network.permitted).toEqual(new Set());
  await world.during(alice.session.people.setPolicy(alice.contact, 'direct'));
  await world.pass(500);
  expect([alice, bob].map(({ network }) => network.permitted.size)).toEqual([1, 1]);
  await world.during(bob.session.people.setBlocked(bob.contact, true));
  expect(bob.network.permitted).toEqual(new Set());
});

test('P03 a direct road that was not found is looked for again, more and more rarely, and taken once it is there', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  const presence = () => alice.session.people.contacts.current[0]!.presence;
  const networks = [alice, bob].map(({ network }) => network);
  const searches = networks.map((network) => vi.spyOn(network, 'upgrade'));
  const count = (): number => searches.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  // The first one was when they met.
  await world.pass(90_000);
  expect([count(), presence()]).toEqual([2, 'relayed']);
  await world.pass(9 * 60_000);
  expect([count(), presence()]).toEqual([3, 'relayed']);
  for (const [i, search] of searches.entries()) {
    const meeting = { peer: networks[1 - i]!.self, relays: [] };
    search.mockImplementation(() => networks[i]!.openPeer(meeting, 'direct', new AbortController().signal));
  }
  await world.pass(15 * 60_000);
  expect([count(), presence()]).toEqual([4, 'direct']);
  await world.pass(15 * 60_000);
  expect(count()).toBe(4);
});

test('P03 a direct road is looked for beside the relayed one, which ends whichever of the two is proved first', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  const networks = [alice, bob].map(({ network }) => network);
  const never = new AbortController().signal;
  const came: string[] = [];
  const ends: ReturnType<typeof vi.spyOn>[] = [];
  for (const [i, network] of networks.entries()) {
    const open = network.openPeer.bind(network);
    vi.spyOn(network, 'openPeer').mockImplementation(async (...asked) => {
      const link = await open(...asked);
      await new Promise<void>((resolve) => void world.world.after(400 as Millis, 'late', resolve));
      came.push('relayed');
      ends.push(vi.spyOn(link, 'close'));
      return link;
    });
    vi.spyOn(network, 'upgrade').mockImplementation(() => {
      came.push('search');
      return open({ peer: networks[1 - i]!.self, relays: [] }, 'direct', never);
    });
  }
  const mend = [world.roads.cut('alice', 'bob'), world.roads.cut('bob', 'alice')];
  await world.pass(12_000);
  expect(alice.session.people.contacts.current[0]!.presence).toBe('away');
  for (const one of mend) one();
  came.length = 0;
  ends.length = 0;
  await world.pass(60_000);
  expect(alice.session.people.contacts.current[0]!.presence).toBe('direct');
  expect(came).toEqual(['search', 'relayed']);
  expect(ends.map(({ mock }) => mock.calls.length)).toEqual([1]);
});

test('a blocked contact is dropped without answer, and comes back when unblocked', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  await world.during(alice.session.people.setBlocked(alice.contact, true));
  await world.pass(1_000);
  expect(bob.session.people.contacts.current[0]!.presence).toBe('away');
  await bob.say('are you there?');
  await world.pass(60_000);
  expect(alice.texts()).toEqual([]);
  expect(bob.messages()).toMatchObject([{ delivery: 'relay' }]);
  expect(await alice.say('no')).toBe('blocked');
  await world.during(alice.session.people.setBlocked(alice.contact, false));
  await world.pass(60_000);
  expect(alice.texts()).toEqual(['are you there?']);
});

test('a card answered twice makes both contacts void, and both are told', async () => {
  const world = await SessionWorld.start();
  const alice = await world.person('alice').start();
  const bob = await world.person('bob').start();
  const mallory = await world.person('mallory').start();
  await world.pass(500);
  const code = await alice.card();
  await bob.answer(code);
  await world.pass(4_000);
  await mallory.answer(code);
  await world.pass(10_000);
  expect(alice.session.people.cards.current).toMatchObject([{ state: 'void' }]);
  const states = [alice, bob, mallory].map((p) => p.session.people.contacts.current.map(({ state }) => state));
  expect(states).toEqual([['void', 'void'], ['void'], ['void']]);
});

test('a backup goes on as a spare device: same state, nobody accused, also while the old device runs', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  await alice.say('before the backup');
  await world.pass(2_000);
  const state = await world.during(alice.session.backUp('secret'));
  const before = await world.during(alice.session.stateHash());
  await alice.say('after the backup');
  await world.pass(2_000);

  const copy = world.person('copy');
  expect(await world.during(importFromBackup(state as Bytes, { rows: copy.disk }))).toBe('imported');
  await copy.start();
  expect(await world.during(copy.session.stateHash())).toBe(before);
  expect(copy.texts()).toEqual(['before the backup']);
  await world.pass(15_000);
  expect(copy.texts()).toEqual(['before the backup', 'after the backup']);
  await copy.say('from the copy');
  await world.pass(1_000);
  await alice.say('from the old one');
  await world.pass(1_000);
  await bob.say('from bob');
  await world.pass(15_000);
  const all = ['before the backup', 'after the backup', 'from the copy', 'from the old one', 'from bob'];
  expect([alice.texts(), bob.texts(), copy.texts()]).toEqual([all, all, all]);
  expect(bob.messages().map(({ mine }) => mine)).toEqual([false, false, false, false, true]);
});

test('a full disk leaves the session readable; work waits and goes on', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  alice.disk.full = true;
  await bob.say('while you are full');
  await world.pass(3_000);
  expect(alice.session.keeping.current.full).toBe(true);
  expect(bob.messages()).toMatchObject([{ delivery: 'relay' }]);
  expect(await alice.say('no room')).toBe('no-room');
  alice.disk.full = false;
  await world.pass(10_000);
  expect(alice.session.keeping.current.full).toBe(false);
  expect(bob.messages()).toMatchObject([{ delivery: 'delivered' }]);
  expect(await alice.say('room again')).toBe('saved');
});
