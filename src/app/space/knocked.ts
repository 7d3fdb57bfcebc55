// Keys of somebody who asks to come in, and the group as they find it once they were let in: the keys they knocked with.

import type { SpaceId } from '#core/charter/ids.ts';
import { knockProof } from '#core/charter/write-group.ts';
import type { Signature } from '#core/crypto/suite.ts';
import { sealingKeyIdOf, signRecord } from '#core/keys/device-record.ts';
import { newLeaf } from '#core/keys/leaf.ts';
import { signKnock, type Answered, type KnockLetter } from '#core/knocks/knock-letter.ts';
import type { Knocking } from '../joining/knocking-row.ts';
import { freshLeafKey, publishRecord } from './author.ts';
import { drawIncarnation, freshDevice } from './found.ts';
import type { Welcome } from './found-group.ts';
import { takeVerified } from './intake.ts';
import { Replica, type SpaceContext } from './replica.ts';
import { takeWelcomeKeys } from './take-wraps.ts';

/** A knock with fresh keys, ready to be left at a door. */
export async function makeKnock(
  context: SpaceContext,
  space: SpaceId,
  said: { readonly code: string; readonly name: string; readonly answers: readonly Answered[] },
): Promise<Knocking> {
  const { suite, random, clock } = context;
  const fresh = await freshDevice(context);
  const leaf = await freshLeafKey(suite, random);
  const sealingKey = await suite.sealingKeyOf(leaf.seed, leaf.suite);
  const { device, seed, inboxSecret } = fresh;
  const record = await signRecord(
    { space, device, number: newLeaf(leaf).number, sealingKey, inboxSecret },
    seed,
    suite,
  );
  const proof: Signature = await knockProof(fresh, space, undefined, suite);
  const { code, name, answers } = said;
  const madeAt = clock.now();
  const letter: KnockLetter = {
    ...{ is: 'knock', space, device, at: madeAt, proof, record },
    ...{ name, answers, reply: random.bytes(32) },
  };
  const knock = { ...(await signKnock(letter, seed, suite)), letter };
  return { space, code, knock, seed, leafSeed: leaf.seed, madeAt, state: 'knocking', left: [] };
}

/** The group, verified from its genesis, by the keys one knocked with. `undefined`: by its charter one is not in. */
export async function enterAsKnocked(
  context: SpaceContext,
  { knock, seed, leafSeed }: Knocking,
  welcome: Welcome,
): Promise<Replica | undefined> {
  const { space, relays, ops } = welcome;
  const { sealingKey, inboxSecret, device } = knock.letter.record.record;
  const leaf = newLeaf({ id: sealingKeyIdOf(sealingKey), seed: leafSeed, suite: 1 });
  const identity = { space, kind: 'group', relays, card: undefined, device, seed, inboxSecret } as const;
  const replica = new Replica(context, { identity, leaf, incarnation: drawIncarnation(context) });
  await takeVerified(replica, ops);
  if (replica.me?.isLive !== true) return undefined;
  await publishRecord(replica);
  takeWelcomeKeys(replica, welcome);
  replica.putIdentity();
  replica.save();
  replica.keys.saveAll(context.disk);
  return replica;
}
