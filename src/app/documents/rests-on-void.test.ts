// A change that rests on what is void is refused; should that come to stand after weeks, the change is still there
// (core/docs/SPEC.md §11).

import { expect, test } from 'vitest';
import { contentHash } from '#core/docs/content-hash.ts';
import { DAY, type Millis } from '#core/ports.ts';
import { gathered, personIn, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import {
  again,
  DRAFT,
  opened,
  openPaced,
  PACE,
  rowsWith,
  texts,
  write,
  writeInto,
} from '#tests/suites/written-documents.ts';
import type { DocumentId } from '../api.ts';
import type { OpenDocuments } from '../space-content.ts';
import type { CheckpointPace } from './checkpoints.ts';
import { groupHome } from './document-homes.ts';
import { openDocuments } from './documents.ts';

interface Scene {
  readonly world: SessionWorld;
  readonly alice: Member;
  readonly bob: Member;
  readonly id: DocumentId;
  /** She has seen what is void, spoke after it, and comes back now. */
  readonly back: () => Promise<readonly Member[]>;
}

/** Alice and Bob have words of Carol's that stand, in a paragraph of Xavier's that does not. */
async function scene(bobsApp = openPaced, alicesPace: CheckpointPace = PACE): Promise<Scene> {
  const world = await SessionWorld.start();
  const all = await gathered(world, 'founder-led', 'alice', 'bob', 'carol', 'dora', 'xavier');
  const [alice, bob, carol, dora, xavier] = all as [Member, Member, Member, Member, Member];
  await again(alice, (host) => openDocuments(host, { pace: alicesPace }));
  await again(bob, bobsApp);
  for (const one of [carol, dora, xavier]) {
    await again(one, (host) =>
      openDocuments(host, { pace: { ...PACE, changes: 1_000, within: (20 * DAY) as Millis } }),
    );
  }
  await world.pass(20_000);
  const home = groupHome(alice.entry.id, 'everyone');
  const id: DocumentId = await world.during(alice.person.session.documents.create({ title: 'Plan', with: home }));
  await opened(world, alice, id, (document) => write(document, 'begun'));
  await world.pass(5_000);

  // Carol and Dora see what Xavier writes; Carol writes into it, and Dora speaks after both, heard by nobody.
  const mend = world.roads.part(['alice', 'bob'], ['carol', 'dora', 'xavier', 'relay0']);
  await opened(world, xavier, id, (document) => write(document, 'by xavier'));
  await world.pass(3_000);
  await opened(world, carol, id, (document) => writeInto(document, 'carol into it, ', 'by xavier'));
  await world.pass(3_000);
  expect(await opened(world, dora, id, texts)).toContain('carol into it');
  const mendDora = world.roads.part(['dora'], ['alice', 'bob', 'carol', 'xavier', 'relay0']);
  await dora.say('I have read it');
  await dora.person.stop();
  await xavier.person.stop();
  // Alice removes Xavier, of whose words she knows nothing, and then Carol, whose words she has heard.
  expect(await world.during(alice.group.remove(personIn(alice, 'xavier').id))).toBe('done');
  mend();
  await world.pass(30_000);
  expect(await opened(world, alice, id, texts)).toContain('carol into it');
  expect(await world.during(alice.group.remove(personIn(alice, 'carol').id))).toBe('done');
  await carol.person.stop();
  await world.pass(5_000);
  expect(await opened(world, alice, id, texts)).not.toContain('into it');

  await opened(world, alice, id, (document) => write(document, DRAFT));
  await opened(world, alice, id, ({ doc }) => doc.getXmlFragment('body').delete(1, 1));
  for (const text of ['one', 'two', 'three']) await opened(world, bob, id, (document) => write(document, text));
  await world.pass(20_000);
  await world.pass(400_000);
  const back = async (): Promise<readonly Member[]> => {
    mendDora();
    await dora.person.start();
    await world.pass(120_000);
    return [alice, bob, dora];
  };
  return { world, alice, bob, id, back };
}

async function expectWhole({ world, id }: Scene, members: readonly Member[]): Promise<void> {
  const said: (readonly [string, string])[] = [];
  for (const one of members) {
    said.push(await opened(world, one, id, (document) => [texts(document), contentHash(document.doc)] as const));
  }
  for (const [text, hash] of said) {
    for (const part of ['carol into it, by xavier', 'begun', 'three']) expect(text).toContain(part);
    expect(hash).toBe(said[0]![1]);
  }
}

test('P32 what was written into a paragraph that is void is there again with it, though a checkpoint came between', async () => {
  const found = await scene();
  for (const one of [found.alice, found.bob]) expect(rowsWith(one, DRAFT)).toEqual([]);
  await expectWhole(found, await found.back());
});

test('P32 nothing goes for a checkpoint that takes words along because what they rest on is void', async () => {
  // An app that was changed, or is older, minds no void paragraphs; Alice writes no checkpoints and looks over others'.
  const blind: OpenDocuments = (host) => {
    const contents = new Proxy(host.contents, {
      get: (target, name) => {
        if (name === 'setAside') return () => [];
        const known: unknown = Reflect.get(target, name);
        return typeof known === 'function' ? (known.bind(target) as unknown) : known;
      },
    });
    return openPaced({ ...host, contents });
  };
  const found = await scene(blind, { ...PACE, changes: 1_000 });
  const claims = found.bob.person.disk.rows.some(({ value }) => Buffer.from(value ?? []).includes('doc.checkpoint'));
  expect(claims).toBe(true);
  for (const one of [found.alice, found.bob]) expect(rowsWith(one, 'carol into it')).toContain('log');
  await expectWhole(found, await found.back());
});
