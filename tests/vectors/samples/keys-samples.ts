// Samples of src/core/keys and src/core/chain.
import { encodeFrame, encodeRun } from '#core/chain/frame.ts';
import { encodeMessage, type Message } from '#core/chain/message.ts';
import { encodeHeader } from '#core/charter/header.ts';
import type { AeadKey, SealingKey, Signature } from '#core/crypto/suite.ts';
import { encodeRecord, encodeSignedRecord, type SignedRecord } from '#core/keys/device-record.ts';
import { encodeRatchet } from '#core/keys/ratchet.ts';
import { encodeWrap, encodeWrapSecrets, type Wrap, type WrapSecrets } from '#core/keys/wrap.ts';
import type { Millis } from '#core/ports.ts';
import { encode } from '#core/wire/cbor.ts';
import { sampleHeader } from './charter-samples.ts';
import { filler, fillerId, type StructureSamples } from './sample.ts';

const space = fillerId<Wrap['space']>(32, 0x10);
const device = fillerId<Wrap['device']>(32, 0x20);
const signature = filler(64, 0x70) as Signature;

const record = (sealingKey: Uint8Array): Uint8Array => {
  const bytes = encodeRecord({
    space,
    device,
    number: 9,
    sealingKey: sealingKey as SealingKey,
    inboxSecret: filler(32),
  });
  return encodeSignedRecord({ bytes, signature } as unknown as SignedRecord);
};

const deviceRecord: StructureSamples = {
  spec: 'keys/SPEC.md §4',
  accept: [
    { name: 'with an X25519 key', bytes: record(Uint8Array.of(2, ...filler(32))) },
    { name: 'with an X-Wing key', bytes: record(Uint8Array.of(1, ...filler(1_216))) },
  ],
  refuse: [
    { name: 'a sealing key of no suite', bytes: record(Uint8Array.of(3, ...filler(32))) },
    { name: 'an X-Wing key of the other length', bytes: record(Uint8Array.of(1, ...filler(32))) },
    { name: 'an X25519 key of the other length', bytes: record(Uint8Array.of(2, ...filler(1_216))) },
  ],
};

const sharedWrap: Wrap = { space, device, sealingKey: fillerId(32, 0x40), place: undefined, sealed: filler(120) };
const path = [filler(32, 1), filler(32, 2)];
const placed = (place: unknown): Uint8Array =>
  encode({ v: 1, space: filler(32), device: filler(32), sealingKey: filler(32), sealed: filler(9), place } as never);

const wrap: StructureSamples = {
  spec: 'keys/SPEC.md §5',
  accept: [
    { name: 'of a rotation', bytes: encodeWrap({ ...sharedWrap, place: { index: 1, count: 3, path } }) },
    { name: 'a share', bytes: encodeWrap(sharedWrap) },
  ],
  refuse: [
    { name: 'a place beyond the largest space', bytes: placed([513, 513, path]) },
    { name: 'a path of ten', bytes: placed([0, 3, Array.from({ length: 10 }, () => filler(32))]) },
    { name: 'a node of 31 bytes', bytes: placed([0, 3, [filler(31)]]) },
    { name: 'a place of two numbers', bytes: placed([0, 3]) },
  ],
};

const key = filler(32, 5) as AeadKey;

const ratchet: StructureSamples = {
  spec: 'keys/SPEC.md §8',
  accept: [
    { name: 'just begun', bytes: encodeRatchet({ chainKey: filler(32), next: 0, skipped: [] }) },
    {
      name: 'with a skipped key',
      bytes: encodeRatchet({
        chainKey: filler(32),
        next: 8,
        skipped: [{ n: 6, key, at: 1_700_000_000_000 as Millis }],
      }),
    },
  ],
  refuse: [
    { name: 'version 2', bytes: encode([2, filler(32), 0, []]) },
    { name: 'a chain key of 31 bytes', bytes: encode([1, filler(31), 0, []]) },
    { name: 'a skipped key without its time', bytes: encode([1, filler(32), 3, [[1, filler(32)]]]) },
  ],
};

const bytes = encodeHeader(sampleHeader);
const stored = (parts: Pick<Message, 'signature' | 'sealed'>): Uint8Array =>
  encodeMessage({ id: fillerId(32), header: sampleHeader, bytes, ...parts });

const message: StructureSamples = {
  spec: 'chain/SPEC.md §3',
  accept: [
    { name: 'signed, with its body', bytes: stored({ signature, sealed: filler(88) }) },
    { name: 'from a run, without a signature of its own', bytes: stored({ signature: undefined, sealed: filler(88) }) },
    { name: 'its body deleted', bytes: stored({ signature, sealed: undefined }) },
  ],
  refuse: [
    { name: 'no header inside', bytes: encode([filler(20), signature, null]) },
    { name: 'a signature of 65 bytes', bytes: encode([bytes, filler(65), null]) },
    {
      name: 'a body longer than any',
      bytes: encode([encodeHeader({ ...sampleHeader, bodyLength: 102_401 }), signature, null]),
    },
  ],
};

const kid = fillerId<typeof sampleHeader.kid>(16, 0x41);

const frame: StructureSamples = {
  spec: 'chain/SPEC.md §4',
  accept: [
    { name: 'one message', bytes: encodeFrame({ kid, nonce: filler(24), sealed: filler(90), bodies: [filler(88)] }) },
    {
      name: 'three, the second destroyed',
      bytes: encodeFrame({ kid, nonce: filler(24), sealed: filler(90), bodies: [filler(60), undefined, filler(61)] }),
    },
  ],
  refuse: [
    { name: 'version 2', bytes: encode([2, filler(16), filler(24), filler(90), []]) },
    { name: 'a nonce of 23 bytes', bytes: encode([1, filler(16), filler(23), filler(90), []]) },
    { name: 'a kid of 32 bytes', bytes: encode([1, filler(32), filler(24), filler(90), []]) },
    {
      name: '501 bodies',
      bytes: encode([1, filler(16), filler(24), filler(90), Array.from({ length: 501 }, () => null)]),
    },
  ],
};

const run: StructureSamples = {
  spec: 'chain/SPEC.md §4',
  accept: [
    { name: 'one header', bytes: encodeRun({ headers: [bytes], signature }) },
    { name: 'two headers', bytes: encodeRun({ headers: [filler(40), filler(41)], signature }) },
  ],
  refuse: [
    { name: 'no header', bytes: encode([[], signature]) },
    { name: 'a signature of 63 bytes', bytes: encode([[filler(40)], filler(63)]) },
    { name: 'a header of 2,049 bytes', bytes: encode([[filler(2_049)], signature]) },
  ],
};

const secrets = (scopes: readonly string[]): Uint8Array => {
  const keys = scopes.map((scope, i) => ({ scope, secret: filler(32, i) }));
  return encodeWrapSecrets({ keys, rendezvous: filler(32, 9) } as unknown as WrapSecrets);
};

const wrapSecrets: StructureSamples = {
  spec: 'keys/SPEC.md §5',
  accept: [
    { name: 'one scope', bytes: secrets(['everyone']) },
    { name: 'two scopes', bytes: secrets(['everyone', 'stewards']) },
  ],
  refuse: [
    { name: 'version 2', bytes: encode([2, filler(32), []]) },
    { name: 'a secret of 31 bytes', bytes: encode([1, filler(32), [['everyone', filler(31)]]]) },
    { name: 'a scope that is a number', bytes: encode([1, filler(32), [[1, filler(32)]]]) },
    { name: '65 scopes', bytes: secrets(Array.from({ length: 65 }, (_, i) => `role ${i}`)) },
  ],
};

export const keysSamples: Readonly<Record<string, StructureSamples>> = {
  'device-record': deviceRecord,
  wrap,
  ratchet,
  message,
  frame,
  run,
  'wrap-secrets': wrapSecrets,
};
