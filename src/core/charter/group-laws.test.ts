// Laws of a group's log: one state for every order of arrival, whatever its members try; and what is carried on op by
// op is what would be worked out anew (charter/SPEC.md §4).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foundGroup, giveRole, invite, join, KIT_RULES, toRevoke, type Invited } from '#tests/suites/group-kit.ts';
import { deviceNamed, forge, quickSuite, stateOf, type Replica } from '#tests/suites/space-kit.ts';
import { addOp, addOps, emptyCharter, type Charter } from './charter.ts';
import { settleContests } from './contests.ts';
import { Situation } from './held.ts';
import type { GrantId } from './ids.ts';
import { decodeSignedOp, encodeSignedOp, type VerifiedOp } from './op.ts';
import { isIn, type Placed } from './past.ts';
import { placeSliced } from './place-sliced.ts';
import { pastSight, wholeOf } from './sight.ts';
import { situationIn, situationOf } from './situation.ts';
import { viewOf } from './view.ts';
import { pastBefore } from './votes.ts';
import { addDeviceBody, completionOf, type Author } from './write-op.ts';

const ACTS = [
  'invite',
  'join',
  'role',
  'revoke',
  'revoke-all',
  'leave',
  'unleave',
  'rules',
  'propose',
  'endorse',
  'complete',
  'device',
  'end-device',
  'rotate',
  'relays',
  'sync',
  'fork',
] as const;

const step = fc.record({ at: fc.nat(2), who: fc.nat(30), act: fc.constantFrom(...ACTS), which: fc.nat(60) });
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface World {
  readonly replicas: Replica[];
  readonly authors: Author[];
  readonly invited: Invited[];
}

async function play(steps: readonly Step[]): Promise<readonly VerifiedOp[]> {
  const people = { ada: ['steward'], ben: ['steward', 'voter'], cleo: ['voter', 'guide'], dan: ['voter'] };
  const { replica, founders } = await foundGroup(people);
  const spare = await deviceNamed('spare');
  const authors = founders.flatMap(({ author, recovery }) => [author, author, recovery]);
  const world = { replicas: [replica, replica.fork(), replica.fork()], authors: [...authors, spare], invited: [] };
  for (const [number, each] of steps.entries()) await take(world, each, number).catch(() => undefined);
  return world.replicas.flatMap(({ ops }) => ops);
}

/** Rejects where there is nothing to do. */
async function take(world: World, { at, who, act, which }: Step, number: number): Promise<unknown> {
  const replica = world.replicas[at]!;
  const author = world.authors[who % world.authors.length]!;
  if (act === 'sync') return replica.take(...world.replicas[which % 3]!.ops);
  // An older state to go on from: a device that forgets what it wrote forks itself.
  if (act === 'fork') {
    const ops = replica.ops.slice(0, 1 + (which % replica.ops.length));
    replica.charter = addOps(emptyCharter(replica.charter.space), ops).charter;
    return undefined;
  }
  if (act === 'invite') return world.invited.push(await invite(replica, author, 1 + (which % 2), ['guide'][which % 3]));
  if (act === 'join') {
    const newcomer = await join(replica, `new ${number % 7}`, world.invited[which % world.invited.length]!);
    return world.authors.push(newcomer.author);
  }
  if (act === 'device') return addSpare(replica, author, await deviceNamed('spare'));
  return replica.write(author, bodyOf(replica, act, which));
}

async function addSpare(replica: Replica, author: Author, spare: Author): Promise<unknown> {
  const { principal } = replica.view.devices.get(author.device)!;
  const binding = { space: replica.charter.space, principal };
  return replica.write(author, await addDeviceBody(spare, binding, quickSuite));
}

type Plain = Exclude<Step['act'], 'sync' | 'fork' | 'invite' | 'join' | 'device'>;

function bodyOf(replica: Replica, act: Plain, which: number) {
  const { group, principals, devices } = replica.view;
  const pick = <T>(items: Iterable<T>): T => [...items][which % [...items].length]!;
  const role = KIT_RULES.roles[which % 3]!.id;
  const grants = [...group!.grants.keys(), ...group!.invitations.map(({ grant }) => grant)];
  const bodies = {
    role: () => ({ type: 'grant', act: 'role', on: pick(principals).id, role }) as const,
    revoke: () => toRevoke(pick(grants)),
    'revoke-all': () => toRevoke(pick(grants), true),
    leave: () => (which % 2 === 0 ? ({ type: 'leave' } as const) : { type: 'leave' as const, role: pick(grants) }),
    unleave: () => ({ type: 'unleave', leave: pick(replica.charter.ops.keys()) }) as const,
    rules: () => ({ type: 'charter', rules: changedRules(which), frontier: [] }) as const,
    propose: () => ({ type: 'propose', act: proposable(which, pick(grants), role, pick(principals).id) }) as const,
    endorse: () => ({ type: 'endorse', proposal: pick(group!.proposals).op }) as const,
    complete: () => completionOf(replica.charter, pick(group!.proposals).op),
    'end-device': () => {
      const { binding, device } = pick(devices.values());
      return { type: 'device', act: 'end', binding, device, frontier: [] } as const;
    },
    rotate: () => rotation(replica, which),
    relays: () => ({ type: 'relays', relays: [`/${which}`] }) as const,
  };
  return bodies[act]();
}

function proposable(which: number, grant: GrantId, role: (typeof KIT_RULES.roles)[number]['id'], on: GrantId) {
  if (which % 3 === 0) return toRevoke(grant);
  if (which % 3 === 1) return { type: 'grant', act: 'role', on, role } as const;
  return { type: 'charter', rules: changedRules(which), frontier: [] } as const;
}

function changedRules(which: number) {
  const roles = KIT_RULES.roles.map((role, at) =>
    at === which % 3 ? { ...role, can: role.can.filter((right) => right.length % 2 === which % 2) } : role,
  );
  return { ...KIT_RULES, roles };
}

function rotation(replica: Replica, which: number) {
  const joins = [...replica.charter.ops.values()].filter(({ signed }) => signed.op.body.type === 'join');
  const admits = which % 2 === 0 ? joins.map(({ id }) => id) : [];
  const scopes = [{ scope: 'everyone' as never, commitment: new Uint8Array(32).fill(which), recipients: [] }];
  return { type: 'rotate', scopes, root: new Uint8Array(32), admits } as const;
}

/** All that later judgments are made from. */
function told(situation: Situation, ops: readonly Placed[]): unknown {
  const memberships = ops.flatMap(({ grants }) => grants.filter(({ kind }) => kind === 'membership'));
  return {
    charter: situation.charter.id,
    electorate: [...situation.electorate()].sort(),
    held: memberships.map(({ id }) => [
      id,
      situation.isMember(id),
      situation
        .rolesOf(id)
        .map((grant) => grant.id)
        .sort(),
    ]),
    ops: ops
      .filter((op) => situation.has(op))
      .map((op) => [op.id, situation.standing.stands(op), situation.standing.grants(op)]),
  };
}

function isCarriedOnRightly(charter: Charter): void {
  const ops = [...charter.ops.values()].filter(({ depth }) => depth > 0);
  for (const op of ops) {
    const past = pastBefore(op);
    const anew = new Situation(charter, settleContests(pastSight(charter, past)), (other) => isIn(past, other));
    expect(told(situationIn(charter, past), ops)).toEqual(told(anew, ops));
  }
  const anew = new Situation(charter, settleContests(wholeOf(charter)), (op) => charter.ops.get(op.id) === op);
  expect(told(situationOf(charter), ops)).toEqual(told(anew, ops));
}

function oneByOne(space: Charter['space'], ops: readonly VerifiedOp[]): Charter {
  let charter = emptyCharter(space);
  for (const op of ops) {
    charter = addOp(charter, op).charter;
    viewOf(charter);
  }
  return charter;
}

describe('the state of a group’s log', () => {
  it('P33: does not depend on the order of arrival, and is carried on as it would be worked out anew', async () => {
    let disputed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 45 }), async (steps) => {
        const ops = await play(steps);
        const space = ops[0]!.id as string as Charter['space'];
        const { charter } = addOps(emptyCharter(space), ops);
        const state = stateOf(charter);
        const orders = [[...ops].reverse(), [...ops].sort((a, b) => (a.id < b.id ? -1 : 1))];
        for (const order of orders) expect(stateOf(oneByOne(space, order))).toEqual(state);
        const grown = oneByOne(space, ops);
        expect(stateOf(grown)).toEqual(state);
        isCarriedOnRightly(grown);
        if (viewOf(charter)!.group!.disputes.length > 0) disputed++;
      }),
      { numRuns: 25 },
    );
    // Histories in which nothing crossed would prove little.
    expect(disputed).toBeGreaterThan(0);
  });

  it('of an earlier moment is not touched by what came later', async () => {
    const { replica, founders } = await foundGroup({ ada: ['steward'], ben: ['steward'], cleo: [] });
    const [ada, ben, cleo] = founders;
    const before = replica.charter;
    const there = replica.fork();
    const seen = JSON.stringify(stateOf(before)?.group?.history);
    await replica.write(ada!.author, toRevoke(ben!.id));
    const given = await giveRole(there, ben!.author, cleo!.id, 'guide');
    const fateIn = (charter: Charter) => viewOf(charter)!.group!.history.find(({ op }) => op === given.id)!.fate.is;
    replica.take(...there.ops);
    expect(fateIn(replica.charter)).toBe('void');
    expect(JSON.stringify(stateOf(before)?.group?.history)).toBe(seen);
    expect(fateIn(there.charter)).toBe('standing');
  });

  it('is the same when a long log is placed in slices, with room to breathe, and false ops left out', async () => {
    const { replica, founders } = await foundGroup({ ada: ['steward'], ben: [] });
    for (let i = 0; i < 150; i++) {
      const author = founders[i % 2]!.author;
      await replica.write(author, i % 2 === 0 ? { type: 'relays', relays: [`/${i}`] } : rotation(replica, i));
    }
    const encoded = replica.ops.map((op) => encodeSignedOp(op));
    let breaths = 0;
    const { charter, outcomes } = await placeSliced(
      emptyCharter(replica.charter.space),
      [...encoded, new Uint8Array([1])],
      {
        read: (bytes) => decodeSignedOp(bytes) as VerifiedOp,
        breathe: () => {
          breaths++;
          return Promise.resolve();
        },
      },
    );
    expect(stateOf(charter)).toEqual(stateOf(replica.charter));
    expect(outcomes.filter((outcome) => outcome === 'added')).toHaveLength(151);
    expect(outcomes.at(-1)).toBe('refused');
    expect(breaths).toBeGreaterThan(1);
  });
});

describe('an op', () => {
  it('that names a parent and its parent is taken in once, though both call for it', async () => {
    const { replica, founders, genesis } = await foundGroup({ ada: ['steward'], ben: ['steward'] });
    const [ada, ben] = founders;
    const parent = await replica.write(ada!.author, { type: 'relays', relays: ['/a'] });
    const { op } = await replica.write(ben!.author, { type: 'relays', relays: ['/b'] });
    const child = await forge({ ...op, prev: [genesis.id, parent.id].sort() }, ben!.author);
    const onTop = await forge({ ...op, prev: [child.id], own: child.id, seq: 1 }, ben!.author);
    const { charter } = addOps(emptyCharter(replica.charter.space), [onTop, child, parent, genesis]);
    expect(charter.heads).toEqual([onTop.id]);
    expect(charter.ops.size).toBe(4);
  });
});
