// The charter log as people meet it: pairs, devices, recovery, and what strangers and cheats try.
import { describe, expect, it } from 'vitest';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { Signature } from '#core/crypto/suite.ts';
import { decode as decodeCbor, encode as encodeCbor, type Encodable } from '#core/wire/cbor.ts';
import { ItemReader } from '#core/wire/item-reader.ts';
import {
  deviceNamed,
  forge,
  lastOf,
  makePair,
  makeSelf,
  principalOf,
  quickSuite,
  Replica,
  spaceOf,
  stateOf,
} from '#tests/suites/space-kit.ts';
import { addOp, addOps, emptyCharter, isInPast, MAX_WAITING, missingParents, orderedOps } from './charter.ts';
import { decodeSignedOp, encodeOp, encodeSignedOp, signedOp, type VerifiedOp } from './op.ts';
import { MAX_DEVICES } from './legality.ts';
import { placeLog } from './place-sliced.ts';
import { viewOf } from './view.ts';
import { readStoredOp, verifyOp } from './verify-op.ts';
import { forkedOps } from './forked-ops.ts';
import { MAX_BRANCHES } from './past.ts';
import { addDeviceBody, authOf, citedHeads, opSeqOf, pairGenesis, writeOp } from './write-op.ts';

const relays = (relay: string) => ({ type: 'relays', relays: [relay] }) as const;

describe('a pair', () => {
  it('begins with a card and an answer, and goes on with the fresh device of the card’s maker', async () => {
    const { replica, card, alice, bob } = await makePair();
    expect(replica.view.kind).toBe('pair');
    expect([card, alice, bob].map((device) => replica.isLive(device))).toEqual([false, true, true]);
    expect(replica.view.principals.map(({ index, isLive }) => [index, isLive])).toEqual([
      [0, true],
      [1, true],
    ]);
  });

  it('lets each side move the relays, the later one winning', async () => {
    const { replica, alice, bob } = await makePair();
    await replica.write(alice, relays('/a'));
    await replica.write(bob, relays('/b'));
    expect(replica.view.relays).toEqual(['/b']);
  });

  it('holds with the primitives that ship', async () => {
    const suite = makeProductionSuite();
    const { replica, alice } = await makePair({ suite });
    await replica.write(alice, relays('/a'));
    for (const op of replica.ops) expect(await verifyOp(decodeSignedOp(encodeSignedOp(op)), suite)).toBeDefined();
    const again = new Replica(replica.charter.space, suite);
    again.take(...replica.ops.map((op) => readStoredOp(new ItemReader(encodeSignedOp(op), 'signed op'), op.id)));
    expect(stateOf(again.charter)).toEqual(stateOf(replica.charter));
  });

  it('is void for both once its card was answered twice, and the proof is the other answer', async () => {
    const first = await makePair({ name: 'first', cardName: 'shared' });
    const second = await makePair({ name: 'second', cardName: 'shared' });
    const body = { type: 'void', other: encodeSignedOp(second.genesis) } as const;
    const told = await first.replica.write(first.alice, body);
    expect(await verifyOp(told, quickSuite)).toBeDefined();
    expect(first.replica.view.isVoid).toBe(true);
  });

  it('is not void for an answer to another card, for itself, or for bytes that mean nothing', async () => {
    const first = await makePair({ name: 'first' });
    const other = await makePair({ name: 'other' });
    for (const evidence of [encodeSignedOp(other.genesis), encodeSignedOp(first.genesis), new Uint8Array([1, 2])]) {
      await first.replica.write(first.bob, { type: 'void', other: evidence });
    }
    expect(first.replica.view.isVoid).toBe(false);
  });

  it('does not take a second answer whose signatures are false as proof', async () => {
    const first = await makePair({ name: 'first', cardName: 'shared' });
    const second = await makePair({ name: 'second', cardName: 'shared' });
    const forged = { ...second.genesis, signature: new Uint8Array(64) as Signature };
    const told = await writeOp(
      first.replica.charter,
      first.bob,
      { type: 'void', other: encodeSignedOp(forged) },
      quickSuite,
    );
    expect(await verifyOp(told, quickSuite)).toBeUndefined();
  });
});

describe('a genesis', () => {
  it('counts only for the space whose id it is', async () => {
    const { genesis } = await makePair({ name: 'one' });
    const { replica } = await makePair({ name: 'two' });
    expect(addOp(replica.charter, genesis).outcome).toBe('refused');
    expect(addOp(emptyCharter(spaceOf(genesis)), genesis).outcome).toBe('added');
  });

  it('is false without the consent of the card’s maker', async () => {
    const [mallory, card] = [await deviceNamed('mallory'), await deviceNamed('a card')];
    const bytes = new Uint8Array([7]);
    const consent = await quickSuite.sign('card', bytes, mallory.seed);
    const genesis = await pairGenesis(
      mallory,
      { cardKey: card.device, card: bytes, consent, recovery: undefined },
      quickSuite,
    );
    expect(await verifyOp(genesis, quickSuite)).toBeUndefined();
  });

  it('is false when another than the answerer signs it, or when a founder’s key is unacceptable', async () => {
    const { genesis, card } = await makePair();
    const bySomeoneElse = await forge({ ...genesis.op, device: card.device }, card);
    expect(await verifyOp(bySomeoneElse, quickSuite)).toBeUndefined();
    const zero = '00'.repeat(32) as typeof card.device;
    const body = { type: 'genesis', kind: 'self', founders: [{ device: zero, recovery: undefined }] } as const;
    expect(await verifyOp(await forge({ ...genesis.op, body }, card), quickSuite)).toBeUndefined();
  });

  it('has no view until it is here, whatever else arrived', async () => {
    const { replica, genesis } = await makePair();
    const headless = new Replica(replica.charter.space);
    headless.take(...replica.ops.filter((op) => op !== genesis));
    expect(viewOf(headless.charter)).toBeUndefined();
    expect(missingParents(headless.charter)).toEqual([genesis.id]);
    headless.take(genesis);
    expect(stateOf(headless.charter)).toEqual(stateOf(replica.charter));
  });
});

describe('an op', () => {
  it('waits for its parents and is asked for by them', async () => {
    const { replica, alice } = await makePair();
    const behind = replica.fork();
    const first = await replica.write(alice, relays('/1'));
    const second = await replica.write(alice, relays('/2'));
    expect(addOp(behind.charter, second).outcome).toBe('waiting');
    behind.take(second);
    expect(missingParents(behind.charter)).toEqual([first.id]);
    behind.take(first);
    expect(stateOf(behind.charter)).toEqual(stateOf(replica.charter));
    expect(behind.charter.waiting.size).toBe(0);
    expect(addOp(behind.charter, first).outcome).toBe('known');
  });

  it('of which a thousand wait costs no more than a thousand', async () => {
    const { replica, bob, genesis } = await makePair();
    const nowhere = 'ab'.repeat(32) as VerifiedOp['id'];
    const auth = authOf(replica.charter, bob.device)!;
    const orphans: VerifiedOp[] = [];
    for (let seq = 1; seq <= MAX_WAITING + 50; seq++) {
      const op = { space: replica.charter.space, prev: [nowhere], own: nowhere, under: genesis.id, auth };
      orphans.push(await forge({ ...op, device: bob.device, seq, body: relays('/x') }, bob));
    }
    expect(addOps(replica.charter, orphans).charter.waiting.size).toBe(MAX_WAITING);
  });

  it('comes from disk with thousands of others in any order, and none is left waiting', async () => {
    const { replica, alice } = await makePair();
    let { charter } = replica;
    for (let i = 0; i < MAX_WAITING + 200; i++) {
      charter = addOp(charter, await writeOp(charter, alice, relays(`/${i}`), quickSuite)).charter;
    }
    const stored = [...charter.ops.values()].map(({ signed }) => signed).sort((a, b) => (a.id < b.id ? -1 : 1));
    const loaded = addOps(emptyCharter(charter.space), stored);
    expect(new Set(loaded.outcomes)).toEqual(new Set(['added']));
    expect(loaded.charter.heads).toEqual(charter.heads);
    expect(loaded.charter.waiting.size).toBe(0);
    // Rows of many are in order, and before what came since.
    const half = orderedOps(charter).slice(0, 600);
    const rest = stored.filter(({ id }) => !half.some((op) => op.id === id));
    const mixed = [...half.map(({ signed }) => signed), ...rest];
    const placed = await placeLog(emptyCharter(charter.space), mixed);
    expect(placed.inOrder.map(({ id }) => id)).toEqual(orderedOps(charter).map(({ id }) => id));
    expect(new Set(placed.outcomes)).toEqual(new Set(['added']));
    expect(placed.charter.heads).toEqual(charter.heads);
  });

  it('is refused with all on top of it when its structure is false', async () => {
    const { replica, alice, bob } = await makePair();
    const honest = await writeOp(replica.charter, bob, relays('/x'), quickSuite);
    const mallory = await deviceNamed('mallory');
    const other = await makePair({ name: 'other' });
    const claims = [
      { space: other.replica.charter.space },
      { seq: honest.op.seq + 1 },
      { own: replica.charter.heads[0]! },
      { auth: authOf(replica.charter, alice.device)! },
      { auth: [honest.op.auth[0]!, authOf(replica.charter, alice.device)![1]] },
      { auth: [...honest.op.auth, honest.op.auth[0]!] },
      { under: replica.charter.heads[0]! },
      { device: mallory.device },
    ];
    for (const claim of claims) {
      const bad = await forge({ ...honest.op, ...claim }, claim.device === undefined ? bob : mallory);
      expect(addOp(replica.charter, bad).outcome, JSON.stringify(claim)).toBe('refused');
    }
    const bad = await forge({ ...honest.op, under: replica.charter.heads[0]! }, bob);
    const onTop = await forge({ ...honest.op, prev: [bad.id], own: bad.id, seq: honest.op.seq + 1 }, bob);
    const { charter, outcomes } = addOps(replica.charter, [onTop, bad]);
    expect(outcomes).toEqual(['refused', 'refused']);
    expect(charter.waiting.size).toBe(0);
    expect(stateOf(charter)).toEqual(stateOf(replica.charter));
  });

  it('with a false signature, or a signature over something else, is never verified', async () => {
    const { replica, alice, bob } = await makePair();
    const op = await writeOp(replica.charter, alice, relays('/x'), quickSuite);
    const byAnother = signedOp(encodeOp(op.op), await quickSuite.sign('op', op.bytes, bob.seed));
    const otherLabel = signedOp(op.bytes, await quickSuite.sign('header', op.bytes, alice.seed));
    expect(await verifyOp(byAnother, quickSuite)).toBeUndefined();
    expect(await verifyOp(otherLabel, quickSuite)).toBeUndefined();
  });

  it('has its authors’ whole past in its own, and writes its place down', async () => {
    const { replica, alice, genesis } = await makePair();
    const op = await replica.write(alice, relays('/1'));
    expect(isInPast(replica.charter, genesis.id, op.id)).toBe(true);
    expect(isInPast(replica.charter, op.id, genesis.id)).toBe(false);
    expect(orderedOps(replica.charter).at(-1)!.id).toBe(op.id);
    expect(opSeqOf(replica.charter, alice.device)).toBe(1);
  });

  it('cannot be written by a stranger', async () => {
    const { replica } = await makePair();
    await expect(writeOp(replica.charter, await deviceNamed('stranger'), relays('/x'), quickSuite)).rejects.toThrow();
  });

  it('joins the heads of a flooder eight at a time without losing its own chain', async () => {
    const { replica, alice, bob } = await makePair();
    const own = await replica.write(alice, relays('/own'));
    const devices = await Promise.all(Array.from({ length: 20 }, (_, i) => deviceNamed(`bob ${i}`)));
    for (const device of devices) await replica.addDevice(bob, device);
    const base = replica.fork();
    const flood = await Promise.all(devices.map((device) => base.fork().write(device, relays('/flood'))));
    replica.take(...flood);
    replica.take(await base.write(alice, relays('/mine')));
    expect(replica.charter.heads.length).toBe(21);
    for (const heads of [14, 7, 1]) {
      const next = await replica.write(alice, relays('/next'));
      expect(isInPast(replica.charter, own.id, next.id)).toBe(true);
      expect(replica.charter.heads.length).toBe(heads);
    }
  });
});

describe('a device that forks its chain without end', () => {
  it('gets into nobody’s past with more branches than a few, and holds nobody up', async () => {
    const { replica, alice, bob } = await makePair();
    const base = replica.fork();
    const branches: VerifiedOp[] = [];
    for (let i = 0; i < 40; i++) branches.push(await base.fork().write(bob, relays(`/branch ${i}`)));
    replica.take(...branches);
    for (let i = 0; i < 8; i++) {
      const op = await replica.write(alice, relays(`/${i}`));
      expect(replica.charter.ops.get(op.id)!.past.get(bob.device)!.length).toBeLessThanOrEqual(MAX_BRANCHES);
    }
    expect(citedHeads(replica.charter, alice.device).length).toBeLessThanOrEqual(8);
    expect(replica.view.relays).toEqual(['/7']);
    const [accusation] = forkedOps(replica.charter);
    await replica.write(alice, accusation!);
    expect(replica.isLive(bob)).toBe(false);
  });

  it('cannot make an op that rests on more', async () => {
    const { replica, alice, bob } = await makePair();
    const second = await deviceNamed('bob second');
    await replica.addDevice(bob, second);
    const base = replica.fork();
    const joins: VerifiedOp[] = [];
    for (let group = 0; group < 3; group++) {
      const branches: VerifiedOp[] = [];
      for (let i = 0; i < 8; i++) branches.push(await base.fork().write(bob, relays(`/${group} ${i}`)));
      replica.take(...branches);
      const own = lastOf(replica, second.device);
      const op = (await writeOp(base.charter, second, relays('/join'), quickSuite)).op;
      const place = own === undefined ? {} : { own: own.id, seq: own.op.seq + 1 };
      const prev = [
        ...branches.slice(0, own === undefined ? 8 : 7).map(({ id }) => id),
        ...(own ? [own.id] : []),
      ].sort();
      joins.push(await forge({ ...op, ...place, prev }, second));
      replica.take(joins.at(-1)!);
    }
    expect(joins.map(({ id }) => replica.charter.ops.has(id))).toEqual([true, true, false]);
    await replica.write(alice, relays('/on'));
    expect(replica.view.relays).toEqual(['/on']);
  });
});

describe('devices', () => {
  it('are bound with a proof that their key is held, so nobody binds another’s key', async () => {
    const { replica, alice, bob } = await makePair();
    const binding = { space: replica.charter.space, principal: principalOf(replica.view, bob.device) };
    const body = await addDeviceBody(bob, binding, quickSuite);
    const stolen = await writeOp(replica.charter, bob, { ...body, device: alice.device }, quickSuite);
    expect(await verifyOp(stolen, quickSuite)).toBeUndefined();
    const replayed = await writeOp(replica.charter, alice, body, quickSuite);
    expect(await verifyOp(replayed, quickSuite)).toBeUndefined();
  });

  it('are bound once: adding one again, ended or not, changes nothing', async () => {
    const { replica, bob, bobRecovery } = await makePair();
    const second = await deviceNamed('bob second');
    await replica.addDevice(bob, second);
    const before = replica.view.principals[1]!.devices.length;
    await replica.addDevice(bob, second);
    await replica.endDevice(bobRecovery, second.device);
    await replica.addDevice(bob, second);
    expect(replica.view.principals[1]!.devices.length).toBe(before);
    expect(replica.isLive(second)).toBe(false);
  });

  it('are limited in number for each person', async () => {
    const { replica, first } = await makeSelf();
    for (let i = 1; i <= MAX_DEVICES + 2; i++) await replica.addDevice(first, await deviceNamed(`spare ${i}`));
    expect(replica.view.principals[0]!.devices.length).toBe(MAX_DEVICES);
  });

  it('name a recovery key only while there is none', async () => {
    const { replica, alice, aliceRecovery } = await makePair();
    const own = await deviceNamed('a thief’s recovery key');
    await replica.addDevice(alice, await deviceNamed('alice second'), own.device);
    expect(replica.view.principals[0]!.recovery?.key).toBe(aliceRecovery.device);
    expect(authOf(replica.charter, own.device)).toBeUndefined();
  });
});

describe('what a newer app wrote', () => {
  const newer = async (type: 'type' | 'version', pair: Awaited<ReturnType<typeof makePair>>): Promise<VerifiedOp> => {
    const op = await writeOp(pair.replica.charter, pair.bob, relays('/x'), quickSuite);
    const map = decodeCbor(op.bytes, 'op', 65_536) as Record<string, Encodable>;
    const bytes = encodeCbor(
      type === 'type' ? { ...map, type: 'endorse', body: [1] } : { ...map, v: 2, extra: true, type: 9, body: null },
    );
    return signedOp(bytes, await quickSuite.sign('op', bytes, pair.bob.seed)) as VerifiedOp;
  };

  it.each(['type', 'version'] as const)(
    'is kept and handed on, and makes the space read-only: unknown %s',
    async (what) => {
      const pair = await makePair();
      const op = await newer(what, pair);
      const verified = await verifyOp(decodeSignedOp(encodeSignedOp(op)), quickSuite);
      expect(addOp(pair.replica.charter, verified!).outcome).toBe('added');
      pair.replica.take(verified!);
      expect(pair.replica.view.needsNewerVersion).toBe(true);
      expect(pair.replica.ops).toContain(verified);
      await pair.replica.write(pair.alice, relays('/after'));
      expect(pair.replica.view.relays).toEqual(['/after']);
    },
  );

  it('also when it rests on what only a newer app can read', async () => {
    const pair = await makePair();
    const op = await newer('type', pair);
    pair.replica.take(op);
    const next = await writeOp(pair.replica.charter, pair.bob, relays('/y'), quickSuite);
    const role = (op.id + '00') as (typeof next.op.auth)[0];
    const resting = await forge({ ...next.op, auth: [...next.op.auth, role] }, pair.bob);
    expect(addOp(pair.replica.charter, resting).outcome).toBe('added');
    pair.replica.take(resting);
    expect(pair.replica.view.relays).toEqual([]);
  });

  it('cannot be planted by somebody who is not in the space, nor by an ended device', async () => {
    const pair = await makePair();
    const op = await newer('type', pair);
    const stranger = await deviceNamed('stranger');
    const planted = signedOp(op.bytes, await quickSuite.sign('op', op.bytes, stranger.seed));
    expect(await verifyOp(planted, quickSuite)).toBeUndefined();
    await pair.replica.endDevice(pair.bobRecovery, pair.bob.device);
    pair.replica.take(op);
    expect(pair.replica.view.needsNewerVersion).toBe(false);
  });
});
