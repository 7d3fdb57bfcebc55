// Chains of a scope: what settles, what is missing, who contradicts themself; the same on every replica whatever the
// order of arrival (protocol §5; P10, threats 11 and 18).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Header } from '#core/charter/header.ts';
import { EVERYONE, type MessageId, type Scope } from '#core/charter/ids.ts';
import { verifyOp } from '#core/charter/verify-op.ts';
import { authOf } from '#core/charter/write-op.ts';
import { headerKey, incarnationOf, Writer } from '#tests/suites/chain-kit.ts';
import { seededRandom } from '#tests/suites/seeded.ts';
import { deviceNamed, makePair, quickSuite } from '#tests/suites/space-kit.ts';
import { ChainSet } from './chain-set.ts';
import { comparePlaces } from './place.ts';
import { voidMessages } from './content-standing.ts';
import { accusations } from './evidence.ts';
import { cutRuns, openRun, sealRun } from './frame.ts';
import { MAX_LEAP } from './lamport.ts';
import type { Message } from './message.ts';

/** Of the first message of all, where it may not stand. */
const FAR = { lamport: 2 + MAX_LEAP };

const relays = (relay: string) => ({ type: 'relays', relays: [relay] }) as const;

async function two() {
  const pair = await makePair();
  return { pair, alice: new Writer(pair.alice, pair.replica), bob: new Writer(pair.bob, pair.replica) };
}

describe('messages', () => {
  it('settle in order and cite what was seen', async () => {
    const { alice, bob } = await two();
    const hello = await alice.say('hello');
    expect(bob.hear(hello)).toEqual({ outcomes: ['settled'], settled: [hello.id], forks: [] });
    const answer = await bob.say('hello yourself');
    expect(answer.header).toMatchObject({ seen: [hello.id], lamport: 2, seq: 0, own: undefined });
    const again = await bob.say('and again');
    expect(again.header).toMatchObject({ seen: [], lamport: 3, seq: 1, own: answer.id });
    expect(bob.hear(again).outcomes).toEqual(['known']);
  });

  it('wait for their past, are told as a gap, and settle when it is healed', async () => {
    const { alice, bob } = await two();
    const said = await alice.sayMany(6);
    expect(bob.hear(said[0]!, said[4]!, said[5]!).outcomes).toEqual(['settled', 'waiting', 'waiting']);
    const { device } = alice.author;
    expect(bob.chains.gaps()).toEqual([{ device, incarnation: alice.incarnation, from: 1, to: 4 }]);
    expect(bob.chains.missing()).toEqual([said[3]!.id]);
    expect(bob.chains.frontier()).toMatchObject([{ held: 1, settled: 1, known: 6, head: said[0]!.id }]);
    expect(bob.hear(said[2]!, said[3]!, said[1]!).settled).toEqual(said.slice(1).map(({ id }) => id));
    expect(bob.chains.gaps()).toEqual([]);
    expect(bob.chains.missing()).toEqual([]);
    expect(bob.chains.frontier()).toMatchObject([{ held: 6, settled: 6, known: 6, head: said[5]!.id }]);
  });

  it('of a newcomer come after what they were told of and do not have, and settle with whoever has it', async () => {
    const { alice, bob } = await two();
    const said = await alice.sayMany(6);
    const newest = { id: said[5]!.id, lamport: said[5]!.header.lamport };
    expect(alice.chains.heads()).toEqual([newest]);
    bob.chains.anchor([newest]);
    const hello = await bob.say('hello');
    expect(hello.header).toMatchObject({ seen: [newest.id], lamport: newest.lamport + 1 });
    expect(bob.chains.isSettled(hello.id)).toBe(true);
    expect(alice.hear(hello).outcomes).toEqual(['settled']);
    const answer = await alice.say('welcome');
    expect(bob.hear(answer).outcomes).toEqual(['waiting']);
    expect(bob.hear(...said).settled).toContain(answer.id);
    expect((await bob.say('thank you')).header.seen).toEqual([answer.id]);
  });

  it('wait for charter ops they cite', async () => {
    const { pair, alice } = await two();
    const behind = new Writer(pair.bob, pair.replica.fork());
    const op = await pair.replica.write(pair.alice, relays('/new'));
    const said = await alice.say('under the new op');
    expect(behind.hear(said).outcomes).toEqual(['waiting']);
    expect(behind.chains.missing()).toEqual([]);
    behind.replica.take(op);
    expect(behind.chains.recheck(behind.replica.charter)).toEqual([said.id]);
    expect(behind.chains.recheck(behind.replica.charter)).toEqual([]);
  });

  it('of people outside, of other scopes and spaces, or under false claims are never handed out', async () => {
    const { pair, alice, bob } = await two();
    const said = await alice.say('first');
    const [mine, theirs] = [
      authOf(pair.replica.charter, pair.alice.device)!,
      authOf(pair.replica.charter, pair.bob.device)!,
    ];
    const paper = authOf(pair.replica.charter, pair.aliceRecovery.device)!;
    const claims: readonly Partial<Header>[] = [
      { lamport: 3 + MAX_LEAP },
      { lamport: 1 },
      { opSeq: 1 },
      { auth: theirs },
      { auth: [mine[0], theirs[1]] },
      { auth: paper },
      { auth: [...mine, mine[0]] },
      { under: pair.replica.charter.heads[0]! },
      { scope: 'stewards' as Scope },
      { space: 'ee'.repeat(32) as Header['space'] },
    ];
    for (const claim of claims) {
      const listener = new Writer(pair.bob, pair.replica);
      listener.hear(said);
      const message = await alice.make('false', claim);
      expect(listener.hear(message), JSON.stringify(claim)).toMatchObject({ outcomes: ['bad'], settled: [] });
    }
    const outsider = await deviceNamed('outsider');
    const forged = await alice.make('outsider', { device: outsider.device, seq: 0, own: undefined });
    expect(bob.hear(forged).outcomes).toEqual(['bad']);
  });

  it('that rest on a bad one are bad too, whatever the order', async () => {
    const { alice, bob } = await two();
    const bad = await alice.say('bad', FAR);
    const next = await alice.make('next', { seq: 1, own: bad.id, lamport: FAR.lamport + 1 });
    expect(bob.hear(next, bad).outcomes).toEqual(['bad', 'bad']);
    const cites = await bob.make('cites', { seen: [bad.id], lamport: FAR.lamport + 1 });
    expect(bob.hear(cites).outcomes).toEqual(['bad']);
  });

  it('never use a number twice, even when the last own one was bad', async () => {
    const { alice } = await two();
    await alice.say('bad', FAR);
    expect(alice.chains.next(alice.author.device, alice.incarnation).seq).toBe(1);
  });

  it('cite at most eight of many heads, the newest first', async () => {
    const { pair, bob } = await two();
    const heads: Message[] = [];
    for (let i = 0; i < 12; i++) heads.push(await new Writer(pair.alice, pair.replica, 100 + i).say(`${i}`));
    bob.hear(...heads);
    const first8 = await bob.say('joins eight');
    expect(first8.header.seen.length).toBe(8);
    expect((await bob.say('joins four')).header.seen.length).toBe(4);
    expect((await bob.say('none left')).header.seen).toEqual([]);
  });
});

describe('the past of a message', () => {
  it('counts what its author had seen of every chain', async () => {
    const { pair, alice, bob } = await two();
    const early = await alice.sayMany(3);
    bob.hear(...early);
    const answer = await bob.say('after three');
    const late = await alice.sayMany(2);
    bob.hear(...late);
    alice.hear(answer);
    const other = new Writer(pair.alice, pair.replica, 2);
    other.hear(...early, answer, ...late);
    const joint = await other.say('after all');
    const reach = (of: MessageId, who: Writer) => other.chains.reach(of, who.author.device, who.incarnation);
    expect([reach(answer.id, alice), reach(answer.id, bob), reach(answer.id, other)]).toEqual([3, 1, 0]);
    expect([reach(joint.id, alice), reach(joint.id, bob), reach(joint.id, other)]).toEqual([5, 1, 1]);
    expect(reach(late[0]!.id, bob)).toBe(0);
  });
});

/** A conversation of several writers who hear of each other now and then; one of them forks its chain. */
const conversation = fc.array(
  fc.record({ who: fc.nat(3), act: fc.constantFrom('say', 'say', 'hear', 'fork'), from: fc.nat(3) }),
  { minLength: 3, maxLength: 40 },
);

describe('every replica', () => {
  it('settles the same messages with the same pasts, whatever order they came in', async () => {
    let forksSeen = 0;
    await fc.assert(
      fc.asyncProperty(conversation, fc.infiniteStream(fc.nat()), async (steps, dice) => {
        const pair = await makePair();
        const writers = [pair.alice, pair.bob, pair.alice, pair.bob].map((a, i) => new Writer(a, pair.replica, i));
        const all = new Map<MessageId, Message>();
        for (const [i, { who, act, from }] of steps.entries()) {
          const writer = writers[who]!;
          if (act === 'hear') writer.hear(...[...writers[from]!.chains.links()].map(({ id }) => all.get(id)!));
          else if (act === 'say') keep(all, await writer.say(`${i}`));
          else {
            const links = [...writer.chains.links()].filter(({ chain }) => chain.device === writer.author.device);
            const base = all.get(links[from % Math.max(links.length, 1)]?.id ?? ('' as MessageId));
            if (base !== undefined) keep(all, await writer.make(`fork ${i}`, base.header));
          }
        }
        const shuffle = [...all.values()]
          .map((message) => ({ message, key: dice.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ message }) => message);
        const [one, other] = [new ChainSet(EVERYONE), new ChainSet(EVERYONE)];
        one.add([...all.values()], pair.replica.charter);
        const settled: MessageId[] = [];
        for (const message of shuffle) settled.push(...other.add([message], pair.replica.charter).settled);
        const facts = (set: ChainSet) =>
          [...all.values()]
            .map(({ id }) => [id, set.isSettled(id), writers.map((w) => set.reach(id, w.author.device, w.incarnation))])
            .sort();
        expect(facts(other)).toEqual(facts(one));
        expect(new Set(settled).size).toBe(settled.length);
        expectEachAfterItsPast(settled, all);
        forksSeen += one.frontier().some(({ isForked }) => isForked) ? 1 : 0;
      }),
      { numRuns: 120 },
    );
    expect(forksSeen).toBeGreaterThan(10);
  });

  it('lists content alike: by lamport, then by id', async () => {
    const { alice, bob } = await two();
    const [a, b] = [await alice.say('a'), await bob.say('b')];
    const later = await (bob.hear(a), bob.say('later'));
    const order = (list: readonly Message[]) =>
      list
        .map(({ id, header }) => ({ id, lamport: header.lamport }))
        .sort(comparePlaces)
        .map(({ id }) => id);
    expect(order([later, b, a])).toEqual(order([a, b, later]));
    expect(order([later, b, a]).at(-1)).toBe(later.id);
  });
});

function keep(all: Map<MessageId, Message>, message: Message): void {
  all.set(message.id, message);
}

function expectEachAfterItsPast(settled: readonly MessageId[], all: ReadonlyMap<MessageId, Message>): void {
  const places = new Map(settled.map((id, i) => [id, i]));
  for (const [id, place] of places) {
    const { own, seen } = all.get(id)!.header;
    for (const cited of own === undefined ? seen : [own, ...seen]) expect(places.get(cited)).toBeLessThan(place);
  }
}

describe('a device that says two things under one number', () => {
  async function forked() {
    const { pair, alice, bob } = await two();
    const common = await bob.say('common');
    const [one, other] = [await bob.make('one'), await bob.make('other')];
    alice.hear(common, one);
    const { forks, outcomes } = alice.hear(other);
    return { pair, alice, bob, common, one, other, forks, outcomes };
  }

  it('is noticed, and the two headers are evidence that freezes it', async () => {
    const { pair, alice, bob, common, one, other, forks, outcomes } = await forked();
    expect(outcomes).toEqual(['fork']);
    expect(forks).toEqual([
      { device: bob.author.device, incarnation: bob.incarnation, seq: 1, held: one.id, other: other.id },
    ]);
    const [body, ...rest] = accusations([alice.chains], pair.replica.charter);
    expect(rest).toEqual([]);
    expect(body!.frontier).toEqual([{ scope: EVERYONE, incarnation: bob.incarnation, seq: 0, head: common.id }]);
    const op = await pair.replica.write(pair.alice, body!);
    expect(await verifyOp(op, quickSuite)).toBeDefined();
    expect(pair.replica.isLive(pair.bob)).toBe(false);
    expect([...voidMessages(alice.chains, pair.replica.charter)].sort()).toEqual([one.id, other.id].sort());
    expect(accusations([alice.chains], pair.replica.charter)).toEqual([]);
  });

  it('is accused once, also where it had ended itself and so is not frozen by it', async () => {
    const { pair, alice } = await two();
    const second = await deviceNamed('bob second');
    await pair.replica.addDevice(pair.bob, second);
    const twice = new Writer(second, pair.replica);
    const [one, other] = [await twice.make('one'), await twice.make('other')];
    alice.hear(one, other);
    await pair.replica.endDevice(second, second.device);
    const [body] = accusations([alice.chains], pair.replica.charter);
    await pair.replica.write(pair.alice, body!);
    expect(pair.replica.view.devices.get(second.device)).toMatchObject({ isLive: false, isFrozen: false });
    expect(accusations([alice.chains], pair.replica.charter)).toEqual([]);
  });

  it('is convicted also by messages whose signature is that of a later one', async () => {
    const { pair, alice, bob } = await two();
    const other = await bob.make('other');
    const said = await bob.sayMany(3);
    alice.hear(...said.map((message, i) => (i === 2 ? message : { ...message, signature: undefined })), other);
    const [body] = accusations([alice.chains], pair.replica.charter);
    expect(body).toMatchObject({ evidence: 'headers', frontier: [] });
    expect(await verifyOp(await pair.replica.write(pair.alice, body!), quickSuite)).toBeDefined();
    expect(pair.replica.isLive(pair.bob)).toBe(false);
  });

  it('is not accused where a signature is missing, and honest devices never are', async () => {
    const { pair, alice, bob } = await two();
    const other = await bob.make('other');
    const [said] = await bob.sayMany(2);
    alice.hear({ ...said!, signature: undefined }, other, await alice.say('mine'));
    expect(accusations([alice.chains], pair.replica.charter)).toEqual([]);
  });

  it('by ops is convicted with a frontier too', async () => {
    const { pair, alice, bob } = await two();
    const said = await bob.sayMany(2);
    alice.hear(...said);
    const twin = pair.replica.fork();
    pair.replica.take(
      await twin.write(pair.bob, relays('/one')),
      await pair.replica.fork().write(pair.bob, relays('/two')),
    );
    const [body] = accusations([alice.chains], pair.replica.charter);
    expect(body).toMatchObject({ evidence: 'ops', frontier: [{ seq: 1, head: said[1]!.id }] });
    await pair.replica.write(pair.alice, body!);
    expect(pair.replica.isLive(pair.bob)).toBe(false);
    expect(voidMessages(alice.chains, pair.replica.charter).size).toBe(0);
  });

  it('leaves standing what an honest person had built on, alike for who held either branch first', async () => {
    const { pair, alice, common, one, other } = await forked();
    const built = new Writer(pair.alice, pair.replica.fork(), 5);
    built.hear(common, one);
    const reply = await built.say('reply to one');
    await pair.replica.write(pair.alice, accusations([alice.chains], pair.replica.charter)[0]!);
    const late = new Writer(pair.alice, pair.replica, 6);
    late.hear(other, one, common, reply);
    alice.hear(reply);
    expect([...voidMessages(alice.chains, pair.replica.charter)]).toEqual([other.id]);
    expect([...voidMessages(late.chains, pair.replica.charter)]).toEqual([other.id]);
  });

  it('has its second branch cited by nobody who noticed', async () => {
    const { alice, other, one } = await forked();
    const next = alice.chains.next(alice.author.device, alice.incarnation);
    expect(next.seen).toEqual([one.id]);
    expect(alice.chains.isSettled(other.id)).toBe(true);
  });

  it('cannot have an honest message that cites one branch held up where the other branch came first', async () => {
    const { pair, alice, common, one, other } = await forked();
    const reply = await (async () => {
      const writer = new Writer(pair.alice, pair.replica, 7);
      writer.hear(common, other);
      return writer.say('reply to other');
    })();
    expect(reply.header.seen).toEqual([other.id]);
    expect(alice.hear(reply).outcomes).toEqual(['settled']);
    expect(alice.chains.isSettled(one.id)).toBe(true);
  });
});

describe('after a device was ended', () => {
  it('its messages stand up to the frontier, and others’ are not touched', async () => {
    const { pair, alice, bob } = await two();
    const said = await bob.sayMany(4);
    const own = await alice.say('mine');
    alice.hear(...said);
    expect(voidMessages(alice.chains, pair.replica.charter).size).toBe(0);
    const { binding } = pair.replica.view.devices.get(pair.bob.device)!;
    const frontier = [{ scope: EVERYONE, incarnation: bob.incarnation, seq: 1, head: said[1]!.id }];
    await pair.replica.write(pair.bobRecovery, {
      type: 'device',
      act: 'end',
      binding,
      device: pair.bob.device,
      frontier,
    });
    expect([...voidMessages(alice.chains, pair.replica.charter)].sort()).toEqual([said[2]!.id, said[3]!.id].sort());
    expect(alice.chains.isSettled(own.id)).toBe(true);
  });

  it('a frontier that names a message which is none of its chain keeps nothing', async () => {
    const { pair, alice, bob } = await two();
    const said = await bob.sayMany(2);
    alice.hear(...said);
    const { binding } = pair.replica.view.devices.get(pair.bob.device)!;
    const frontier = [{ scope: EVERYONE, incarnation: incarnationOf(99), seq: 1, head: said[1]!.id }];
    await pair.replica.write(pair.bobRecovery, {
      type: 'device',
      act: 'end',
      binding,
      device: pair.bob.device,
      frontier,
    });
    expect(voidMessages(alice.chains, pair.replica.charter).size).toBe(2);
  });
});

describe('runs from a chain', () => {
  it('end where a signature is, also for messages that came in a run themselves', async () => {
    const { alice, bob } = await two();
    const said = await alice.sayMany(10);
    const frame = sealRun(said.slice(0, 6), headerKey, seededRandom(1), quickSuite);
    const run = await openRun(frame, headerKey, quickSuite);
    if ('problem' in run) throw new Error(run.problem);
    bob.hear(...run.messages, said[6]!);
    const end = (from: number) => bob.chains.runEnd(alice.author.device, alice.incarnation, from);
    expect([end(0), end(3), end(6), end(7)]).toEqual([7, 7, 7, 7]);
    expect(cutRuns([...run.messages, said[6]!].slice(2)).map((part) => part.length)).toEqual([5]);
    expect(bob.chains.runEnd(bob.author.device, bob.incarnation, 0)).toBe(0);
    expect(bob.chains.at(alice.author.device, alice.incarnation, 6)).toBe(said[6]!.id);
    expect(bob.chains.has(said[9]!.id)).toBe(false);
  });
});
