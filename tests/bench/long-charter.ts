// The log of a group that lived long: 150 people with 250 devices who joined by an invitation, got and lost roles, moved
// relays and rotated keys.

import { addOp, emptyCharter, type Charter } from '#core/charter/charter.ts';
import type { PrincipalId, SpaceId } from '#core/charter/ids.ts';
import type { VerifiedOp } from '#core/charter/op.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { TEMPLATES } from '#core/charter/templates.ts';
import { viewOf } from '#core/charter/view.ts';
import { groupGenesis, inviteBody, writeJoin } from '#core/charter/write-group.ts';
import { addDeviceBody, writeOp, type Author, type Writable } from '#core/charter/write-op.ts';
import { hash } from '#core/crypto/hash.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import { deviceNamed } from '../suites/space-kit.ts';

const MEMBERS = 150;
const DEVICES = 250;

export interface World {
  charter: Charter;
  readonly suite: CryptoSuite;
  readonly people: { readonly author: Author; readonly principal: PrincipalId; readonly spare: Author[] }[];
}

/** A group with so many ops. */
export async function longCharter(count: number, suite: CryptoSuite): Promise<World> {
  const world = await foundWorld(suite);
  await fill(world, count);
  return world;
}

async function write(world: World, author: Author, body: Writable): Promise<VerifiedOp> {
  const op = await writeOp(world.charter, author, body, world.suite);
  const added = addOp(world.charter, op);
  if (added.outcome !== 'added') throw new Error(`own op ${added.outcome}`);
  world.charter = added.charter;
  return op;
}

async function foundWorld(suite: CryptoSuite): Promise<World> {
  const author = await deviceNamed('bench founder', suite);
  const { rules, founderRoles } = TEMPLATES['founder-led'];
  const founders = [{ author, recovery: undefined, roles: founderRoles }];
  const genesis = await groupGenesis({ name: 'Bench', rules, founders }, suite);
  const space = genesis.id as string as SpaceId;
  const charter = addOp(emptyCharter(space), genesis).charter;
  return { charter, suite, people: [{ author, principal: `${genesis.id}00` as PrincipalId, spare: [] }] };
}

async function fill(world: World, count: number): Promise<void> {
  const { suite, people } = world;
  const [founder] = people;
  const lead = founder!.author;
  const space = world.charter.space;
  const secret = hash('op', new Uint8Array([1]));
  const invite = await write(world, lead, await inviteBody({ secret, space, uses: 1_000 }, suite));
  while (people.length < MEMBERS) {
    const author = await deviceNamed(`bench ${people.length}`, suite);
    const join = await writeJoin(world.charter, author, { invite: invite.id, secret, recovery: undefined }, suite);
    world.charter = addOp(world.charter, join).charter;
    people.push({ author, principal: `${join.id}00` as PrincipalId, spare: [] });
  }
  for (let i = 0; i < DEVICES - MEMBERS; i++) {
    const person = people[i]!;
    const spare = await deviceNamed(`bench spare ${i}`, suite);
    await write(world, person.author, await addDeviceBody(spare, { space, principal: person.principal }, suite));
    person.spare.push(spare);
  }
  for (let i = 0; world.charter.ops.size < count; i++) await act(world, lead, i);
}

/** One of the things that go on in a group. */
async function act(world: World, lead: Author, i: number): Promise<void> {
  const { people } = world;
  const person = people[1 + (i % (people.length - 1))]!;
  const author = i % 3 === 0 && person.spare[0] !== undefined ? person.spare[0] : person.author;
  switch (i % 10) {
    case 0:
    case 1: {
      const role = 'helper' as RoleId;
      await write(world, lead, { type: 'grant', act: 'role', on: person.principal, role });
      return;
    }
    case 2: {
      const grant = viewOf(world.charter)!.group!.members.get(person.principal)!.roles[0];
      if (grant !== undefined) await write(world, lead, { type: 'revoke', grant, frontier: [], cascade: false });
      return;
    }
    case 3:
      await write(world, lead, { type: 'relays', relays: [`wss://relay-${i}.example`] });
      return;
    default: {
      const scopes = [{ scope: 'everyone', commitment: hash('op', new Uint8Array([i, i >> 8])), recipients: [] }];
      await write(world, author, { type: 'rotate', scopes, root: hash('op', new Uint8Array(1)), admits: [] } as never);
    }
  }
}
