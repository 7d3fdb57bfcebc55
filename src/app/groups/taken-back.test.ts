// What a device said that was ended is taken back, alike at everybody's (chain/SPEC.md §8).

import { expect, test } from 'vitest';
import { updatesCollection } from '#adapters/storage-indexeddb/document-vault.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import { StorageFault } from '#core/ports.ts';
import { Dice } from '#tests/sim/dice.ts';
import { SimDisk } from '#tests/sim/sim-disk.ts';
import { SessionWorld, twoContacts, type TestPerson } from '#tests/suites/session-world.ts';
import { openStoredDocuments } from '#tests/suites/stored-documents.ts';
import { opened, texts, write as writeIn } from '#tests/suites/written-documents.ts';
import type { DocumentId, OpenDocument } from '../api.ts';
import { importFromBackup } from '../backup-state.ts';

/**
 * Alice's device goes on twice from one disk, and says two things under each number from there on. Bob, who hears of
 * both, ends it at the last message before. Alice then comes back with a device from her backup.
 */
async function forked(
  options: { readonly between?: (bob: TestPerson, id: DocumentId, world: SessionWorld) => Promise<void> } = {},
) {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  await bob.stop();
  bob.documents = openStoredDocuments;
  await bob.start();
  await world.pass(5_000);
  await say(alice, 'before');
  const id = await world.during(alice.session.documents.create({ title: 'Plan', with: alice.contact }));
  await write(alice, id, 'kept');
  await say(bob, 'heard');
  await world.pass(15_000);
  const backup = (await world.during(alice.session.backUp('secret'))) as Bytes;
  await world.pass(5_000);
  await alice.stop();

  const disk = new SimDisk(world.world, new Dice(1, 'copy'));
  disk.copyFrom(alice.disk);
  await alice.start();
  await world.pass(5_000);
  await write(alice, id, 'void');
  await say(alice, 'one');
  await world.pass(3_000);
  await options.between?.(bob, id, world);
  alice.vanish();
  await world.pass(5_000);
  const shown = bob.texts();

  // Before it hears what it said the first time.
  const mend = [world.roads.cut('alice', 'bob'), world.roads.cut('bob', 'alice')];
  const twin = alice.twin(disk, 1);
  await twin.start();
  await world.pass(2_000);
  // No chat: the key of a chat message is erased after use, so that a second one under its number cannot be read.
  await write(twin, id, 'other');
  await say(twin, 'another');
  // Left at the relay node meanwhile, for Bob to find.
  await world.pass(8_000);
  await say(twin, 'back-dated');
  await world.pass(8_000);
  for (const end of mend) end();
  await world.pass(15_000);
  twin.vanish();
  const back = world.person('back');
  expect(await world.during(importFromBackup(backup, { rows: back.disk }))).toBe('imported');
  await back.start();
  await world.pass(30_000);
  return { world, bob, back, id, shown, twin };

  async function say(person: TestPerson, text: string): Promise<void> {
    expect(await person.say(text)).toBe('saved');
    await world.pass(2_000);
  }

  async function write(person: TestPerson, document: DocumentId, text: string): Promise<void> {
    await opened(world, { person }, document, (shown) => writeIn(shown, text));
  }
}

async function bodyOf(world: SessionWorld, person: TestPerson, id: DocumentId): Promise<string> {
  return opened(world, { person }, id, texts);
}

/** What a document's rows on the disk hold, readable or not. */
async function restingText(person: TestPerson, id: DocumentId): Promise<string> {
  const rows = await person.disk.list(updatesCollection(id));
  return rows.map(({ value }) => new TextDecoder('latin1').decode(value)).join();
}

test('messages of an ended device beyond its frontier are shown by nobody; those within it stay', async () => {
  const { world, bob, back, shown } = await forked();
  expect(shown).toEqual(['before', 'heard', 'one']);
  expect(bob.texts()).toEqual(['before', 'heard']);
  expect(back.texts()).toEqual(['before', 'heard']);
  expect(bob.session.people.contacts.current[0]!.lastMessage?.text).toBe('heard');
  await back.say('I am back');
  await world.pass(3_000);
  expect(bob.texts()).toEqual(['before', 'heard', 'I am back']);
  for (const person of [bob, back]) {
    await person.stop();
    await person.start();
    expect(person.texts()).toEqual(['before', 'heard', 'I am back']);
  }
});

test('what others had built on stays', async () => {
  const { bob } = await forked({
    between: async (bob) => {
      await bob.say('I answer to one');
    },
  });
  const all = ['before', 'heard', 'one', 'I answer to one'];
  expect(bob.texts()).toEqual(all);
  await bob.stop();
  await bob.start();
  expect(bob.texts()).toEqual(all);
});

test('a document is put together anew without what was taken back, also one that is open', async () => {
  let open: OpenDocument | undefined;
  const { world, bob, back, id } = await forked({
    between: async (bob, id) => {
      open = await bob.session.documents.open(id);
      expect(open.doc.getXmlFragment('body').toString()).toContain('void');
    },
  });
  expect(open?.isOver.current).toBe(true);
  await open?.close();
  const kept = '<paragraph>kept</paragraph>';
  expect([await bodyOf(world, bob, id), await bodyOf(world, back, id)]).toEqual([kept, kept]);
  await bob.stop();
  await bob.start();
  expect(await bodyOf(world, bob, id)).toBe(kept);
  expect(bob.session.documents.list.current).toMatchObject([{ title: 'Plan' }]);
});

test('a disk that is full just then does not keep what was taken back: it is done when there is room', async () => {
  let open: OpenDocument | undefined;
  let refusals = 0;
  const { world, bob, id } = await forked({
    between: async (bob, id, world) => {
      open = await bob.session.documents.open(id);
      await world.pass(15_000);
      const commit = bob.disk.commit.bind(bob.disk);
      bob.disk.commit = (writes, durability) => {
        const forgets = writes.some(({ collection, value }) => collection === 'doc.guard' && value === null);
        if (!forgets || refusals === 2) return commit(writes, durability);
        refusals++;
        return Promise.reject(new StorageFault('full'));
      };
    },
  });
  expect(refusals).toBe(2);
  expect(open?.isOver.current).toBe(true);
  await open?.close();
  expect(await bodyOf(world, bob, id)).toBe('<paragraph>kept</paragraph>');
  await world.pass(15_000);
  await bob.stop();
  expect(await restingText(bob, id)).not.toContain('void');
});

test('after a crash before that was done, it is done at the next unlocking', async () => {
  let mend = (): unknown => undefined;
  const { world, bob, id } = await forked({
    between: async (bob, id, world) => {
      await bob.session.documents.open(id);
      await world.pass(15_000);
      const commit = bob.disk.commit.bind(bob.disk);
      // From here on the disk takes nothing of documents, as if the crash came before: what rests has the void text.
      bob.disk.commit = (writes, durability) => {
        const taken = writes.filter(({ collection }) => !collection.startsWith('doc'));
        return commit(taken, durability);
      };
      mend = () => (bob.disk.commit = commit);
    },
  });
  expect(await restingText(bob, id)).toContain('void');
  mend();
  bob.vanish();
  await bob.start();
  await world.pass(5_000);
  expect(await bodyOf(world, bob, id)).toBe('<paragraph>kept</paragraph>');
});
