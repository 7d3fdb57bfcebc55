// Every way in which somebody loses a role or a membership, done in a small group (charter/SPEC.md §3, §4).

import { hex } from '#core/bytes/bytes.ts';
import { EVERYONE, type DeviceId, type GrantId, type Scope } from '#core/charter/ids.ts';
import { decodeSignedOp, encodeSignedOp, grantIdOf } from '#core/charter/op.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { signOp, unsignedOp, type Author } from '#core/charter/write-op.ts';
import type { CryptoSuite, Seed } from '#core/crypto/suite.ts';
import { HOUR } from '#core/ports.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { accuse } from '#app/space/author.ts';
import { authorOf } from '#app/space/own-ops.ts';
import { revokeBody, rulesBody } from '#app/space/revoking.ts';
import { KITCHEN, STEWARDS, Town, townRules, type Member } from './group-replicas.ts';

export interface Cast {
  readonly town: Town;
  readonly alice: Member;
  readonly bob: Member;
  readonly carol: Member;
  readonly dave: Member;
}

/** Alice, Bob and Carol are stewards, all four are in the kitchen; everybody has talked everywhere. */
export async function cast(suite?: CryptoSuite): Promise<Cast> {
  const town = new Town(suite);
  const alice = await town.found('alice');
  const [bob, carol, dave] = [
    await town.join('bob', alice),
    await town.join('carol', alice),
    await town.join('dave', alice, (await paperKey(town)).device),
  ];
  await town.deliver();
  for (const member of [alice, bob, carol, dave]) {
    await alice.act({ type: 'grant', act: 'role', on: member.principal, role: 'kitchen' as RoleId });
  }
  for (const member of [bob, carol]) {
    await alice.act({ type: 'grant', act: 'role', on: member.principal, role: 'stewards' as RoleId });
  }
  await town.live(HOUR);
  for (const member of [alice, bob, carol, dave]) {
    await member.say(`before ${member.name}`);
    await town.deliver();
    await member.say(`before in the kitchen ${member.name}`, KITCHEN);
    await member.say(`document ${member.name}`, KITCHEN, 'doc.update');
    await town.deliver();
  }
  return { town, alice, bob, carol, dave };
}

/** Dave's recovery key, on paper. */
async function paperKey({ suite }: Town): Promise<Author> {
  const seed = new Uint8Array(32).fill(99) as Seed;
  return { device: hex.encode(await suite.signingKeyOf(seed)) as DeviceId, seed };
}

export interface Loss {
  /** Does it; gives who still talks and must be able to. */
  readonly how: (cast: Cast) => Promise<void>;
  readonly who: (cast: Cast) => Member;
  readonly scopes: readonly Scope[];
  /** Texts said before that they can read whatever happens; fewer for who came late. */
  readonly knew?: number;
}

async function vote(cast: Cast, grant: GrantId): Promise<void> {
  const { town, alice, bob, carol } = cast;
  const proposal = await alice.act({ type: 'propose', act: revokeBody(alice.replica, grant) });
  await town.deliver();
  for (const voter of [bob, carol]) {
    const facts = voter.replica.view!.group!.proposals.find(({ op }) => op === proposal)!;
    if (facts.completedBy !== undefined) break;
    const counted = facts.missing <= 1 ? { counted: [...facts.endorsements] } : {};
    await voter.act({ type: 'endorse', proposal, ...counted });
    await town.deliver();
  }
}

function named(town: Town, name: string): Member {
  return town.members.find((member) => member.name === name)!;
}

export function grantOf(member: Member, role: Scope): GrantId {
  return member.roleGrant(role) as string as GrantId;
}

export const LOSSES: Readonly<Record<string, Loss>> = {
  'a role is revoked': {
    who: ({ dave }) => dave,
    scopes: [KITCHEN],
    how: async ({ alice, dave }) => void (await alice.act(revokeBody(alice.replica, grantOf(dave, KITCHEN)))),
  },
  'a role is resigned': {
    who: ({ dave }) => dave,
    scopes: [KITCHEN],
    how: async ({ dave }) => void (await dave.act({ type: 'leave', role: grantOf(dave, KITCHEN) })),
  },
  'a membership is revoked': {
    who: ({ dave }) => dave,
    scopes: [EVERYONE, KITCHEN],
    how: async ({ alice, dave }) => void (await alice.act(revokeBody(alice.replica, dave.principal))),
  },
  'a steward falls, and with them whom they let in': {
    who: ({ town }) => named(town, 'erin'),
    scopes: [EVERYONE],
    knew: 1,
    how: async ({ town, alice, bob }) => {
      await town.join('erin', bob);
      await town.live(HOUR);
      await alice.act(revokeBody(alice.replica, bob.principal, true));
    },
  },
  'somebody is removed before a key of their time was made': {
    who: ({ town }) => named(town, 'erin'),
    scopes: [EVERYONE],
    knew: 1,
    how: async ({ town, alice }) => {
      const erin = await town.join('erin', alice);
      await town.deliver();
      await alice.say('before all to erin');
      await town.deliver();
      await alice.act(revokeBody(alice.replica, erin.principal));
    },
  },
  'a device is ended that was given the keys later': {
    who: ({ town }) => named(town, 'dave second'),
    scopes: [EVERYONE, KITCHEN],
    how: async ({ town, dave }) => {
      const second = await town.addDevice(dave, 'dave second');
      await town.live(HOUR);
      await town.link(dave, second);
      const { binding } = second.replica.me!;
      const body = { type: 'device', act: 'end', binding, device: second.device, frontier: [] } as const;
      await dave.act(body, await paperKey(town));
    },
  },
  'a majority votes somebody out': {
    who: ({ dave }) => dave,
    scopes: [EVERYONE, KITCHEN],
    how: (cast) => vote(cast, cast.dave.principal),
  },
  'somebody leaves': {
    who: ({ dave }) => dave,
    scopes: [EVERYONE, KITCHEN],
    how: async ({ dave }) => void (await dave.act({ type: 'leave' })),
  },
  'a device ends itself': {
    who: ({ dave }) => dave,
    scopes: [EVERYONE, KITCHEN],
    how: async ({ dave }) => {
      const { binding } = dave.replica.me!;
      await dave.act({ type: 'device', act: 'end', binding, device: dave.device, frontier: [] });
    },
  },
  'a lost device is ended with the recovery key': {
    who: ({ dave }) => dave,
    scopes: [EVERYONE, KITCHEN],
    how: async ({ town, dave }) => {
      const second = await town.addDevice(dave, 'dave second');
      await town.live(HOUR);
      const { binding } = dave.replica.me!;
      // The past of the person comes to their new device over a link.
      await town.link(dave, second);
      await second.act(
        { type: 'device', act: 'end', binding, device: dave.device, frontier: [] },
        await paperKey(town),
      );
    },
  },
  'a majority takes a role': {
    who: ({ dave }) => dave,
    scopes: [KITCHEN],
    how: (cast) => vote(cast, grantOf(cast.dave, KITCHEN)),
  },
  'a role falls with who had given it': {
    who: ({ town }) => named(town, 'erin'),
    scopes: [KITCHEN],
    knew: 1,
    how: async ({ town, alice, bob }) => {
      const erin = await town.join('erin', alice);
      await town.live(HOUR);
      await bob.act({ type: 'grant', act: 'role', on: erin.principal, role: 'kitchen' as RoleId });
      await town.live(HOUR);
      await alice.act(revokeBody(alice.replica, grantOf(bob, STEWARDS), true));
    },
  },
  'a role was given by somebody who was removed at that moment': {
    who: ({ town }) => named(town, 'erin'),
    scopes: [KITCHEN],
    knew: 2,
    how: async ({ town, alice, bob, carol }) => {
      const erin = await town.join('erin', alice);
      await town.live(HOUR);
      // Bob, Carol and Erin are among themselves, and Erin gets the keys.
      await bob.act({ type: 'grant', act: 'role', on: erin.principal, role: 'kitchen' as RoleId });
      await town.deliver(bob, carol, erin);
      await carol.rotate(KITCHEN);
      await town.deliver(bob, carol, erin);
      await town.link(carol, erin);
      await carol.say('before to erin', KITCHEN);
      await town.deliver(bob, carol, erin);
      await alice.act(revokeBody(alice.replica, bob.principal));
    },
  },
  'somebody was let in by who was removed at that moment': {
    who: ({ town }) => named(town, 'erin'),
    scopes: [EVERYONE],
    knew: 1,
    how: async ({ town, alice, bob }) => {
      const erin = await town.join('erin', bob);
      await town.deliver(bob, erin);
      await bob.say('before to erin');
      await town.deliver(erin);
      await alice.act(revokeBody(alice.replica, bob.principal));
    },
  },
  'the invitation they came by was withdrawn at that moment': {
    who: ({ town }) => named(town, 'erin'),
    scopes: [EVERYONE],
    knew: 1,
    how: async ({ town, alice, bob, carol }) => {
      const made = bob.replica.charter.ops.size;
      const erin = await town.join('erin', bob);
      const invite = [...bob.replica.charter.ops.keys()][made]!;
      await town.deliver(carol, erin);
      await carol.say('before to erin');
      await town.deliver(erin);
      const op = town.tape.find(({ from, written }) => {
        return from === bob && written.parcel.ops.some((bytes) => decodeSignedOp(bytes).id === invite);
      });
      await alice.take(op!.written.parcel);
      await alice.act(revokeBody(alice.replica, grantIdOf(invite, 0)));
    },
  },
  'a lost device had brought in another one': {
    who: ({ town }) => named(town, 'thief'),
    scopes: [EVERYONE, KITCHEN],
    how: async ({ town, dave }) => {
      const second = await town.addDevice(dave, 'dave second');
      await town.live(HOUR);
      await town.link(dave, second);
      const thief = await town.addDevice(dave, 'thief');
      await town.deliver(dave);
      await town.link(dave, thief);
      await dave.say('before thief');
      await town.deliver(thief);
      const { binding } = dave.replica.me!;
      const body = { type: 'device', act: 'end', binding, device: dave.device, frontier: [] } as const;
      await second.act(body, await paperKey(town));
    },
  },
  'new rules drop the role': {
    who: ({ dave }) => dave,
    scopes: [KITCHEN],
    how: async ({ alice }) => {
      const rules = { ...townRules, roles: [{ ...townRules.roles[0]!, can: withoutKitchen() }] };
      await alice.act({ type: 'charter', rules, frontier: [] });
    },
  },
  'somebody who does not read a role drops it by new rules, takes it from them, and brings it back': {
    who: ({ dave }) => dave,
    scopes: [KITCHEN],
    how: async ({ town, alice, dave }) => {
      const theirs = grantOf(dave, KITCHEN);
      await alice.act({ type: 'leave', role: grantOf(alice, KITCHEN) });
      await town.deliver();
      const rules = { ...townRules, roles: [{ ...townRules.roles[0]!, can: withoutKitchen() }] };
      await alice.act(rulesBody(alice.replica, rules));
      await town.deliver();
      await alice.act(revokeBody(alice.replica, theirs));
      await alice.act(rulesBody(alice.replica, townRules));
    },
  },
  'a device contradicts itself and is frozen': {
    who: ({ dave }) => dave,
    scopes: [EVERYONE, KITCHEN],
    how: async ({ town, alice, dave }) => {
      const charter = dave.replica.charter;
      for (const uses of [1, 2]) {
        const scopes = [{ scope: EVERYONE, commitment: new Uint8Array(32).fill(uses), recipients: [] }];
        const body = { type: 'rotate', scopes, root: new Uint8Array(32).fill(uses), admits: [] } as const;
        const op = unsignedOp(charter, dave.device, body)!;
        const signed = await signOp(op, authorOf(dave.replica).seed, town.suite);
        town.sent(dave, { parcel: { ...emptyParcel, ops: [encodeSignedOp(signed)] }, hasOps: true });
      }
      await town.deliver();
      const parcel = await accuse(alice.replica);
      town.sent(alice, { parcel: parcel!, hasOps: true });
    },
  },
};

function withoutKitchen() {
  return townRules.roles[0]!.can.filter((right) => right !== 'grant:kitchen');
}
