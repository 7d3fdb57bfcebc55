// Writes tests/vectors/crypto/beckonings.json: whole beckonings for fixed inputs, as they lie at a device's inbox topic.
// Cases that stand there stay; new ones are appended.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hex } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { SealingSuite, Seed } from '#core/crypto/suite.ts';
import type { PeerId, Random, RelayAddress } from '#core/ports.ts';
import { sealBeckoning } from '#core/sync/beckon.ts';
import { filler, fillerId } from './samples/sample.ts';

const suite = makeProductionSuite();
const [space, device] = [fillerId<SpaceId>(32, 0x11), fillerId<DeviceId>(32, 0x77)];
const [signing, sealing, secret, coins] = [filler(32, 1), filler(32, 2), filler(32, 0x40), filler(64, 0x20)];
const long = (host: string): RelayAddress => `/dns4/${host}.example/tcp/443/wss/${'a'.repeat(170)}` as RelayAddress;
const beat = {
  device: hex.encode(await suite.signingKeyOf(signing as Seed)) as DeviceId,
  peer: '12D3KooWEyoppNCUx8Yx' as PeerId,
  relays: ['/dns4/relay.example/tcp/443/wss' as RelayAddress],
  policy: 'direct',
  isGreeting: false,
} as const;

const file = path.join(import.meta.dirname, 'crypto', 'beckonings.json');
const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { cases: { name: string }[] }).cases : [];
const made = [
  await caseOf('to an X-Wing key', 1, beat),
  await caseOf('to an X25519 key', 2, beat),
  await caseOf('names no more relay nodes than fit', 1, {
    ...beat,
    relays: [long('one'), long('two'), long('three')],
    policy: 'relays',
  }),
  await caseOf('named nowhere', 2, { ...beat, relays: [], policy: 'relays' }),
];
const cases = [...kept, ...made.filter(({ name }) => !kept.some((old) => old.name === name))];
writeFileSync(file, `${JSON.stringify({ spec: 'sync/SPEC.md §8.1', cases }, undefined, 2)}\n`);

async function caseOf(name: string, kind: SealingSuite, said: Parameters<typeof sealBeckoning>[2]['beat']) {
  const random: Random = { bytes: () => coins };
  const sealingKey = await suite.sealingKeyOf(sealing as Seed, kind);
  const by = { space, seed: signing as Seed, secret, beat: said, to: { device, sealingKey } };
  const sealed = await sealBeckoning(suite, random, by);
  return {
    name,
    suite: kind,
    space,
    device,
    signingSeed: hex.encode(signing),
    sealingSeed: hex.encode(sealing),
    secret: hex.encode(secret),
    coins: hex.encode(coins),
    beat: said,
    sealed: hex.encode(sealed!),
  };
}
