// Published vectors against the versions that ship: what stands in the lock file computes what the standards say.
import { Aes128Gcm, Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { XWing } from '@hpke/hybridkem-x-wing';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { hex, utf8 } from '../bytes/bytes.ts';
import { xWingKem } from './hpke.ts';
import { makeProductionSuite } from './production-suite.ts';
import type { AeadKey, Seed } from './suite.ts';
import { deriveNatively, derivePlainly } from './x25519.ts';

const bytes = (text: string) => hex.decode(text.replaceAll(/\s/gu, ''))!;

describe('HPKE (RFC 9180 appendix A.1): X25519, HKDF-SHA256, AES-128-GCM', () => {
  const info = bytes('4f6465206f6e2061204772656369616e2055726e');
  const plain = bytes('4265617574792069732074727574682c20747275746820626561757479');
  const aad = bytes('436f756e742d30');
  const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes128Gcm() });

  it('seals as A.1.1 (base mode), its coins given from outside', async () => {
    const pair = await suite.kem.deriveKeyPair(
      bytes('6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037'),
    );
    const ekm = bytes('7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234');
    const sender = await suite.createSenderContext({ recipientPublicKey: pair.publicKey, info, ekm });
    expect(hex.encode(new Uint8Array(sender.enc))).toBe(
      '37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431',
    );
    expect(hex.encode(new Uint8Array(await sender.seal(plain, aad)))).toBe(
      'f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a',
    );
  });

  it('seals as A.1.2 (PSK mode)', async () => {
    const pair = await suite.kem.deriveKeyPair(
      bytes('d4a09d09f575fef425905d2ab396c1449141463f698f8efdb7accfaff8995098'),
    );
    const sender = await suite.createSenderContext({
      recipientPublicKey: pair.publicKey,
      info,
      ekm: bytes('78628c354e46f3e169bd231be7b2ff1c77aa302460a26dbfa15515684c00130b'),
      psk: {
        key: bytes('0247fd33b913760fa1fa51e1892d9f307fbe65eb171e8132c2af18555a738b82'),
        id: bytes('456e6e796e20447572696e206172616e204d6f726961'),
      },
    });
    expect(hex.encode(new Uint8Array(sender.enc))).toBe(
      '0ad0950d9fb9588e59690b74f1237ecdf1d775cd60be2eca57af5a4b0471c91b',
    );
    expect(hex.encode(new Uint8Array(await sender.seal(plain, aad)))).toBe(
      'e52c6fed7f758d0cf7145689f21bc1be6ec9ea097fef4e959440012f4feb73fb611b946199e681f4cfc34db8ea',
    );
  });
});

describe('X-Wing (draft-connolly-cfrg-xwing-kem-10, appendix C)', () => {
  const published = [
    {
      seed: '7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26',
      coins:
        '3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e235b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2',
      secret: 'd2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384',
      keyEnds: ['e2236b35a8c24b39b10aa1323a96a919', '16223593d4ba32d9abac8cd049040ef6534'],
      encEnds: ['b83aa828d4d62b9a83ceffe1d3d3bb1e', 'b97e63e0e41d354274a079d3e6fb2e15'],
    },
    {
      seed: 'badfd6dfaac359a5efbb7bcc4b59d538df9a04302e10c8bc1cbf1a0b3a5120ea',
      coins:
        '17cda7cfad765f5623474d368ccca8af0007cd9f5e4c849f167a580b14aabdefaee7eef47cb0fca9767be1fda69419dfb927e9df07348b196691abaeb580b32d',
      secret: 'f2e86241c64d60f6649fbc6c5b7d17180b780a3f34355e64a85749949c45f150',
      keyEnds: ['0333285fa253661508c9fb444852caa4', '926d96ea8a160b8843f1c89c62'],
      encEnds: ['c93beb22326705699bbc3d1d0aa6339b', 'ea4127ae66312f4ae3ea155b67'],
    },
  ];

  const ways = [
    { by: 'its package alone', make: () => new XWing() },
    { by: 'what we ship', make: () => xWingKem() },
    { by: 'plain X25519', make: () => xWingKem((secret, key) => Promise.resolve(derivePlainly(secret, key))) },
  ];
  const cases = published.flatMap((v) => ways.map((way) => ({ ...v, ...way })));

  it.each(cases)('key, encapsulation and secret of seed $seed by $by', async ({ make, ...v }) => {
    const kem = make();
    const pair = await kem.generateKeyPairDerand(bytes(v.seed));
    const key = hex.encode(new Uint8Array(await kem.serializePublicKey(pair.publicKey)));
    expect([key.startsWith(v.keyEnds[0]!), key.endsWith(v.keyEnds[1]!)]).toEqual([true, true]);
    const { enc, sharedSecret } = await kem.encap({ recipientPublicKey: pair.publicKey, ekm: bytes(v.coins) });
    const spelt = hex.encode(new Uint8Array(enc));
    expect([spelt.startsWith(v.encEnds[0]!), spelt.endsWith(v.encEnds[1]!)]).toEqual([true, true]);
    // The secret hashes the whole of key and encapsulation, so their middles are compared with it.
    expect(hex.encode(new Uint8Array(sharedSecret))).toBe(v.secret);
    expect(hex.encode(new Uint8Array(await kem.decap({ recipientKey: pair, enc })))).toBe(v.secret);
  });

  it('takes its X25519 from where we say: the seam is still there', async () => {
    let asked = 0;
    const kem = xWingKem((secret, key) => {
      asked++;
      return deriveNatively(secret, key);
    });
    const pair = await kem.generateKeyPairDerand(bytes(published[0]!.seed));
    await kem.encap({ recipientPublicKey: pair.publicKey, ekm: bytes(published[0]!.coins) });
    expect(asked).toBe(3);
  });

  it('refuses a key of small order by either way', async () => {
    const secret = bytes(published[0]!.seed);
    for (const point of [new Uint8Array(32), new Uint8Array([1, ...new Uint8Array(31)])]) {
      await expect(deriveNatively(secret, point)).rejects.toThrow();
      expect(() => derivePlainly(secret, point)).toThrow();
    }
  });

  it('is what our suite 1 makes its keys with', async () => {
    const key = await makeProductionSuite().sealingKeyOf(bytes(published[0]!.seed) as Seed, 1);
    expect(hex.encode(key).startsWith(`01${published[0]!.keyEnds[0]}`)).toBe(true);
  });
});

describe('symmetric primitives', () => {
  it('AES-256-GCM: test case 16 of the GCM proposal', async () => {
    const aead = new Aes256Gcm();
    const context = aead.createEncryptionContext(
      bytes('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308'),
    );
    const sealed = await context.seal(
      bytes('cafebabefacedbaddecaf888'),
      bytes(`d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
             1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39`),
      bytes('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
    );
    expect(hex.encode(new Uint8Array(sealed))).toBe(
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b10' +
        '56828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
    );
  });

  it('XChaCha20-Poly1305: draft-irtf-cfrg-xchacha appendix A.3.1', () => {
    const suite = makeProductionSuite();
    const key = bytes('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f') as AeadKey;
    const nonce = bytes('404142434445464748494a4b4c4d4e4f5051525354555657');
    const plain = utf8(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    );
    const sealed = suite.seal(key, nonce, plain, bytes('50515253c0c1c2c3c4c5c6c7'));
    expect(hex.encode(sealed)).toBe(
      'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39' +
        'ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9' +
        '21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49',
    );
  });

  it('HKDF-SHA256: RFC 5869 test case 1', () => {
    const okm = hkdf(
      sha256,
      new Uint8Array(22).fill(0x0b),
      bytes('000102030405060708090a0b0c'),
      bytes('f0f1f2f3f4f5f6f7f8f9'),
      42,
    );
    expect(hex.encode(okm)).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    );
  });
});
