// Writes tests/vectors/crypto/derivations.json and seals.json: what hashes, derived keys, wraps and seals come out as
// for fixed inputs. Cases that stand there stay; new labels are appended. Run it after adding a label.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hex } from '#core/bytes/bytes.ts';
import { derive, hash } from '#core/crypto/hash.ts';
import { LABELS, type Label } from '#core/crypto/labels.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { AeadKey, Seed } from '#core/crypto/suite.ts';
import { filler } from './samples/sample.ts';

interface Named {
  readonly name: string;
}

const folder = path.join(import.meta.dirname, 'crypto');
const [bytes, secret, salt, context] = [filler(40), filler(32, 0x40), filler(32, 0x80), filler(8, 0xc0)] as const;

const derivations = (Object.keys(LABELS) as Label[]).map((name) => ({
  name,
  label: LABELS[name],
  bytes: hex.encode(bytes),
  hash: hex.encode(hash(name, bytes)),
  secret: hex.encode(secret),
  salt: hex.encode(salt),
  context: hex.encode(context),
  derived: hex.encode(derive(secret, salt, name, context)),
}));

append('derivations.json', { spec: 'crypto/SPEC.md §2', cases: derivations });
append('seals.json', { spec: 'crypto/SPEC.md §4 and §5', cases: await seals() });

async function seals(): Promise<Named[]> {
  const suite = makeProductionSuite();
  const seed = filler(32, 1) as Seed;
  const coins = filler(64, 0x20);
  const wraps = [1, 2].flatMap((kind) => [undefined, filler(32, 0x60)].map((psk) => ({ kind: kind as 1 | 2, psk })));
  const made = await Promise.all(
    wraps.map(async ({ kind, psk }) => {
      const key = await suite.sealingKeyOf(seed, kind);
      const options = { label: 'answer', associated: context, coins, ...(psk && { psk }) } as const;
      return {
        name: `wrap of suite ${kind}${psk === undefined ? '' : ' with a shared secret'}`,
        suite: kind,
        label: LABELS.answer,
        seed: hex.encode(seed),
        sealingKey: hex.encode(key),
        coins: hex.encode(coins),
        psk: psk === undefined ? null : hex.encode(psk),
        associated: hex.encode(context),
        plain: hex.encode(bytes),
        wrapped: hex.encode(await suite.wrap(key, bytes, options)),
      };
    }),
  );
  const nonce = filler(24, 0x33);
  const seal = {
    name: 'XChaCha20-Poly1305',
    key: hex.encode(secret),
    nonce: hex.encode(nonce),
    associated: hex.encode(context),
    plain: hex.encode(bytes),
    sealed: hex.encode(suite.seal(secret as Uint8Array<ArrayBuffer> as AeadKey, nonce, bytes, context)),
  };
  return [...made, seal];
}

function append(file: string, fresh: { readonly spec: string; readonly cases: readonly Named[] }): void {
  const place = path.join(folder, file);
  const kept = existsSync(place) ? (JSON.parse(readFileSync(place, 'utf8')) as { cases: Named[] }).cases : [];
  const added = fresh.cases.filter(({ name }) => !kept.some((old) => old.name === name));
  writeFileSync(place, `${JSON.stringify({ spec: fresh.spec, cases: [...kept, ...added] }, undefined, 2)}\n`);
  console.log(`${file}: ${added.length} new cases`);
}
