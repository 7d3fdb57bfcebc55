// What a browser computes of the crypto vectors; bundled into a page by the story `crypto-in-browsers`. Gives back the
// names of the cases on which this browser and the vectors differ.
import { base64urlnopad, hex } from '#core/bytes/bytes.ts';
import { webEd25519 } from '#core/crypto/ed25519.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { SealingKey, SealingSuite, Seed, SigningKey } from '#core/crypto/suite.ts';

interface Verdict {
  readonly name: string;
  readonly key: string;
  readonly message: string;
  readonly signature: string;
  readonly keyAcceptable: boolean;
  readonly valid: boolean;
}

interface WrapCase {
  readonly name: string;
  readonly suite: SealingSuite;
  readonly seed: string;
  readonly sealingKey: string;
  readonly coins: string;
  readonly psk: string | null;
  readonly associated: string;
  readonly plain: string;
  readonly wrapped: string;
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => hex.decode(text)!;

async function differing(verdicts: readonly Verdict[], wraps: readonly WrapCase[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const choice of ['auto', 'noble'] as const) {
    const suite = makeProductionSuite(choice);
    for (const c of verdicts) {
      const key = bytes(c.key) as SigningKey;
      const valid = await suite.verify('op', bytes(c.message), bytes(c.signature), key);
      if (valid !== c.valid || suite.isAcceptableKey(key) !== c.keyAcceptable) wrong.push(`${choice}: ${c.name}`);
    }
  }
  for (const c of wraps) {
    const keys = [makeProductionSuite(), makeProductionSuite('noble')].map((suite) =>
      suite.signingKeyOf(bytes(c.seed) as Seed),
    );
    const [own, noble] = (await Promise.all(keys)).map((key) => hex.encode(key));
    if (own !== noble) wrong.push(`signing key: ${c.name}`);
    if (!(await wrapsAlike(c))) wrong.push(c.name);
  }
  return wrong;
}

async function wrapsAlike(c: WrapCase): Promise<boolean> {
  const suite = makeProductionSuite();
  const options = {
    label: 'answer',
    associated: bytes(c.associated),
    ...(c.psk !== null && { psk: bytes(c.psk) }),
  } as const;
  const key = await suite.sealingKeyOf(bytes(c.seed) as Seed, c.suite);
  const wrapped = await suite.wrap(key, bytes(c.plain), { ...options, coins: bytes(c.coins) });
  const opened = await suite.unwrap(bytes(c.seed) as Seed, c.suite, bytes(c.wrapped), options);
  const made = [key as SealingKey, wrapped, opened].map((part) => base64urlnopad.encode(part)).join();
  return made === [c.sealingKey, c.wrapped, c.plain].map((part) => base64urlnopad.encode(bytes(part))).join();
}

Object.assign(globalThis, { differing, hasOwnEd25519: async () => (await webEd25519()) !== undefined });
