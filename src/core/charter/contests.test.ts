// Stolen devices, back-dating, false leaves and equivocation: who ends whom, and what stays (protocol §3, rules 5 and 6).
import { describe, expect, it } from 'vitest';
import { deviceNamed, forge, makePair, makeSelf, quickSuite, stateOf, type Pair } from '#tests/suites/space-kit.ts';
import { addOps, emptyCharter } from './charter.ts';
import { forkedOps as findForkedOps } from './forked-ops.ts';
import { encodeHeader, messageIdOf, type Header } from './header.ts';
import type { Incarnation, Kid, Scope } from './ids.ts';
import type { Equivocation, HeaderProof } from './evidence-body.ts';
import { verifyOp } from './verify-op.ts';
import { authOf, writeOp, type Author } from './write-op.ts';

const relays = (relay: string) => ({ type: 'relays', relays: [relay] }) as const;

describe('a device', () => {
  it('of one person cannot end another device of that person, nor one of somebody else', async () => {
    const { replica, alice, bob } = await makePair();
    const second = await deviceNamed('alice second');
    await replica.addDevice(alice, second);
    await replica.endDevice(alice, second.device);
    await replica.endDevice(second, alice.device);
    await replica.endDevice(bob, alice.device);
    expect([alice, second, bob].map((device) => replica.isLive(device))).toEqual([true, true, true]);
  });

  it('ends itself', async () => {
    const { replica, alice } = await makePair();
    const second = await deviceNamed('alice second');
    await replica.addDevice(alice, second);
    await replica.endDevice(second, second.device);
    expect(replica.isLive(second)).toBe(false);
    expect(replica.isLive(alice)).toBe(true);
  });

  it('that was stolen is ended by the recovery key, with all it did that nobody had seen', async () => {
    const { replica, bob, bobRecovery } = await makePair();
    const thief = replica.fork();
    const accomplice = await deviceNamed('the thief’s own device');
    const added = await thief.addDevice(bob, accomplice);
    const moved = await thief.write(accomplice, relays('/thief'));
    await replica.endDevice(bobRecovery, bob.device);
    replica.take(added, moved);
    expect([bob, accomplice].map((device) => replica.isLive(device))).toEqual([false, false]);
    expect(replica.isLive(accomplice)).toBe(false);
    expect(replica.view.relays).toEqual([]);
    expect(replica.view.devices.has(accomplice.device)).toBe(false);
  });

  it('cannot undo its end by back-dating, however little of the log it claims to have seen', async () => {
    const { replica, bob, bobRecovery, genesis } = await makePair();
    const early = replica.fork();
    early.charter = addOps(emptyCharter(replica.charter.space), [genesis]).charter;
    await replica.endDevice(bobRecovery, bob.device);
    const accomplice = await deviceNamed('the thief’s own device');
    replica.take(await early.addDevice(bob, accomplice), await early.write(accomplice, relays('/old')));
    expect(replica.view.devices.has(accomplice.device)).toBe(false);
    expect(replica.view.relays).toEqual([]);
  });

  it('cannot end the recovery key’s work by leaving first', async () => {
    const { replica, bob, bobRecovery } = await makePair();
    const second = await deviceNamed('bob second');
    await replica.addDevice(bobRecovery, second);
    const leave = await replica.write(bob, { type: 'leave' });
    expect(replica.view.principals[1]!.isLive).toBe(false);
    await replica.write(bobRecovery, { type: 'unleave', leave: leave.id });
    expect(replica.view.principals[1]!.isLive).toBe(true);
    expect(replica.isLive(second)).toBe(true);
  });
});

describe('a recovery key', () => {
  it('spares what the other person had built on before they knew', async () => {
    const { replica, alice, bob, bobRecovery } = await makePair();
    const ignorant = replica.fork();
    const second = await deviceNamed('bob second');
    const [added, moved] = [await replica.addDevice(bob, second), await replica.write(bob, relays('/seen'))];
    const built = await replica.write(alice, relays('/built'));
    const end = await ignorant.endDevice(bobRecovery, bob.device);
    replica.take(end);
    expect([added, moved, built].map(({ id }) => replica.view.stands(id))).toEqual([true, true, true]);
    expect(replica.isLive(second)).toBe(true);
    expect(replica.isLive(bob)).toBe(false);
  });

  it('does not spare what only the thief’s own devices built on', async () => {
    const { replica, bob, bobRecovery } = await makePair();
    const ignorant = replica.fork();
    const second = await deviceNamed('bob second');
    const added = await replica.addDevice(bob, second);
    await replica.write(second, relays('/built'));
    replica.take(await ignorant.endDevice(bobRecovery, bob.device));
    expect(replica.view.stands(added.id)).toBe(false);
  });

  it('manages devices and nothing else', async () => {
    const { replica, bobRecovery, alice } = await makePair();
    const moved = await replica.write(bobRecovery, relays('/paper'));
    const left = await replica.write(bobRecovery, { type: 'leave' });
    const ended = await replica.endDevice(bobRecovery, alice.device);
    expect([moved, left, ended].map(({ id }) => replica.view.stands(id))).toEqual([false, false, false]);
  });

  it('undoes only a leave of its own person', async () => {
    const { replica, alice, bobRecovery } = await makePair();
    const leave = await replica.write(alice, { type: 'leave' });
    await replica.write(bobRecovery, { type: 'unleave', leave: leave.id });
    expect(replica.view.principals[0]!.isLive).toBe(false);
  });

  it('restores a self space whose only device was lost', async () => {
    const { replica, first, recovery } = await makeSelf();
    const fresh = await deviceNamed('self fresh');
    await replica.addDevice(recovery, fresh);
    await replica.endDevice(recovery, first.device);
    await replica.write(fresh, relays('/home'));
    expect(replica.view.relays).toEqual(['/home']);
    expect([first, fresh].map((device) => replica.isLive(device))).toEqual([false, true]);
  });
});

/** A header of Bob's in the state of the log, with a body of its own. */
function headerOf(pair: Pair, author: Author, claim: Partial<Header>): Header {
  const { charter } = pair.replica;
  return {
    space: charter.space,
    scope: 'everyone' as Scope,
    kid: '00'.repeat(16) as Kid,
    device: author.device,
    incarnation: '11'.repeat(8) as Incarnation,
    seq: 0,
    n: 0,
    lamport: 1,
    own: undefined,
    seen: [],
    charter: charter.heads,
    opSeq: 1,
    under: pair.genesis.id,
    auth: authOf(charter, author.device)!,
    kind: 'chat',
    bodyHash: new Uint8Array(32),
    bodyLength: 0,
    ...claim,
  };
}

async function proofOf(author: Author, ...headers: readonly Header[]): Promise<HeaderProof> {
  const bytes = headers.map(encodeHeader);
  return { headers: bytes, signature: await quickSuite.sign('header', bytes.at(-1)!, author.seed) };
}

const other = { bodyHash: new Uint8Array(32).fill(1) };

describe('equivocation', () => {
  const accusationOf = (pair: Pair, author: Author) => ({
    type: 'equivocation' as const,
    binding: authOf(pair.replica.charter, author.device)![1],
    device: author.device,
    frontier: [],
  });

  async function forkedOps(pair: Pair): Promise<Equivocation> {
    const twin = pair.replica.fork();
    const ops = [await pair.replica.write(pair.bob, relays('/one')), await twin.write(pair.bob, relays('/two'))];
    pair.replica.take(...ops);
    const [first, second] = ops.map(({ id }) => id).sort() as [never, never];
    return { ...accusationOf(pair, pair.bob), evidence: 'ops', first, second };
  }

  it('of ops freezes the device identically everywhere, in whatever order the ops arrive', async () => {
    const pair = await makePair();
    const accusation = await forkedOps(pair);
    expect(findForkedOps(pair.replica.charter)).toEqual([accusation]);
    const proof = await pair.replica.write(pair.alice, accusation);
    expect(findForkedOps(pair.replica.charter)).toEqual([]);
    expect(pair.replica.view.devices.get(pair.bob.device)).toMatchObject({ isLive: false, isFrozen: true });
    const reversed = pair.replica.fork();
    reversed.charter = addOps(emptyCharter(pair.replica.charter.space), [...pair.replica.ops].reverse()).charter;
    expect(stateOf(reversed.charter)).toEqual(stateOf(pair.replica.charter));
    expect(pair.replica.view.devices.get(pair.bob.device)!.ends.map(({ op }) => op)).toEqual([proof.id]);
  });

  it('is stated once, also of a device that had ended itself and so is not frozen by it', async () => {
    const pair = await makePair();
    const second = await deviceNamed('alice second');
    await pair.replica.addDevice(pair.alice, second);
    const twin = pair.replica.fork();
    pair.replica.take(await twin.fork().write(second, relays('/one')), await twin.endDevice(second, second.device));
    const [accusation, ...others] = findForkedOps(pair.replica.charter);
    expect(others).toEqual([]);
    await pair.replica.write(pair.bob, accusation!);
    expect(pair.replica.view.devices.get(second.device)).toMatchObject({ isLive: false, isFrozen: false });
    expect(findForkedOps(pair.replica.charter)).toEqual([]);
  });

  it('of ops leaves a device that merges its own fork without a voice', async () => {
    const pair = await makePair();
    await forkedOps(pair);
    const next = await forge(
      {
        ...(await writeOp(pair.replica.charter, pair.alice, relays('/a'), quickSuite)).op,
        auth: authOf(pair.replica.charter, pair.bob.device)!,
        device: pair.bob.device,
        own: pair.replica.charter.heads[0]!,
        seq: 2,
      },
      pair.bob,
    );
    expect(addOps(pair.replica.charter, [next]).outcomes).toEqual(['refused']);
  });

  it('of headers is proved by the two headers, also when later ones carry the signature', async () => {
    const pair = await makePair();
    const one = headerOf(pair, pair.bob, {});
    const next = headerOf(pair, pair.bob, { seq: 1, lamport: 2, own: messageIdOf(encodeHeader(one)) });
    const two = headerOf(pair, pair.bob, other);
    const accusation: Equivocation = {
      ...accusationOf(pair, pair.bob),
      evidence: 'headers',
      first: await proofOf(pair.bob, one, next),
      second: await proofOf(pair.bob, two),
    };
    const proof = await pair.replica.write(pair.alice, accusation);
    expect(await verifyOp(proof, quickSuite)).toBeDefined();
    expect(pair.replica.view.devices.get(pair.bob.device)!.isFrozen).toBe(true);
  });

  it('cannot be made up: not from one header, other chains, foreign spaces, or false signatures and links', async () => {
    const pair = await makePair();
    const one = headerOf(pair, pair.bob, {});
    const elsewhere = '22'.repeat(8) as Incarnation;
    const unequal: readonly Partial<Header>[] = [
      {},
      { ...other, incarnation: elsewhere },
      { ...other, scope: 'stewards' as Scope },
      { ...other, space: '33'.repeat(32) as Header['space'] },
      { ...other, seq: 1, own: messageIdOf(encodeHeader(one)) },
      { ...other, device: pair.alice.device },
    ];
    for (const claim of unequal) {
      const second = await proofOf(pair.bob, headerOf(pair, pair.bob, claim));
      const first = await proofOf(pair.bob, one);
      await pair.replica.write(pair.alice, { ...accusationOf(pair, pair.bob), evidence: 'headers', first, second });
    }
    expect(pair.replica.view.devices.get(pair.bob.device)!.isFrozen).toBe(false);
    const first = await proofOf(pair.bob, one);
    const false1 = await proofOf(pair.alice, headerOf(pair, pair.bob, other));
    const false2 = await proofOf(pair.bob, headerOf(pair, pair.bob, other), one);
    for (const second of [false1, false2]) {
      const body = { ...accusationOf(pair, pair.bob), evidence: 'headers' as const, first, second };
      expect(
        await verifyOp(await writeOp(pair.replica.charter, pair.alice, body, quickSuite), quickSuite),
      ).toBeUndefined();
    }
  });

  it('is shown by an op that forgot a charter head an earlier header had cited', async () => {
    const pair = await makePair();
    const before = pair.replica.fork();
    await pair.replica.write(pair.alice, relays('/seen by Bob'));
    const header = await proofOf(pair.bob, headerOf(pair, pair.bob, {}));
    const backdated = await before.write(pair.bob, relays('/as if unseen'));
    const accuse = (op: typeof backdated): Equivocation => ({
      ...accusationOf(pair, pair.bob),
      evidence: 'broken-promise',
      header,
      op: op.id,
    });
    pair.replica.take(backdated);
    const honest = await makePair();
    const kept = await honest.replica.write(honest.bob, relays('/kept'));
    await honest.replica.write(honest.alice, accuse(kept));
    expect(honest.replica.view.devices.get(honest.bob.device)!.isFrozen).toBe(false);
    const proof = await pair.replica.write(pair.alice, accuse(backdated));
    expect(await verifyOp(proof, quickSuite)).toBeDefined();
    expect(pair.replica.view.devices.get(pair.bob.device)!.isFrozen).toBe(true);
  });

  it('is not for a device to state of itself, and needs both statements in the past of the proof', async () => {
    const pair = await makePair();
    const second = await deviceNamed('alice second');
    await pair.replica.addDevice(pair.alice, second);
    const accusation = await forkedOps(pair);
    const early = pair.replica.fork();
    early.charter = addOps(
      emptyCharter(pair.replica.charter.space),
      pair.replica.ops.filter(({ op }) => op.body.type !== 'relays'),
    ).charter;
    pair.replica.take(await early.write(second, accusation));
    expect(pair.replica.view.devices.get(pair.bob.device)!.isFrozen).toBe(false);
    await pair.replica.write(pair.alice, {
      ...accusation,
      binding: authOf(pair.replica.charter, pair.alice.device)![1],
    });
    expect(pair.replica.view.devices.get(pair.bob.device)!.isFrozen).toBe(false);
  });
});
