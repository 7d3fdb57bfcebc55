// The platform of a simulated world computes in line. Node's WebCrypto hands each call to another thread, and coming and
// going costs more than the signature itself; this asks the same OpenSSL without leaving. What ships is not touched: it
// calls `crypto.subtle` as ever, and what is not listed here still goes to the threads.

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  diffieHellman,
  hkdfSync,
  KeyObject,
  sign,
  verify,
} from 'node:crypto';

const TAG_BYTES = 16;

const handles = new WeakMap<CryptoKey, KeyObject>();

function handleOf(key: CryptoKey): KeyObject {
  let handle = handles.get(key);
  if (handle === undefined) handles.set(key, (handle = KeyObject.from(key)));
  return handle;
}

function bytesOf(source: BufferSource): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}

/** WebCrypto answers with buffers of their own, never with views into a shared one. */
function answer(...parts: readonly Uint8Array[]): ArrayBuffer {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole.buffer;
}

const nameOf = (algorithm: AlgorithmIdentifier): string => (typeof algorithm === 'string' ? algorithm : algorithm.name);

function gcmOf(algorithm: AlgorithmIdentifier, key: CryptoKey): { key: KeyObject; gcm: AesGcmParams } | undefined {
  const gcm = algorithm as AesGcmParams;
  const isOurs = gcm.name === 'AES-GCM' && (key.algorithm as AesKeyAlgorithm).length === 256;
  return isOurs && gcm.tagLength === undefined ? { key: handleOf(key), gcm } : undefined;
}

type Computed = ArrayBuffer | boolean | undefined;

function signed(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Computed {
  if (nameOf(algorithm) === 'Ed25519') return answer(sign(null, bytesOf(data), handleOf(key)));
  const isOurs = nameOf(algorithm) === 'HMAC' && (key.algorithm as HmacKeyAlgorithm).hash.name === 'SHA-256';
  return isOurs ? answer(createHmac('sha256', handleOf(key)).update(bytesOf(data)).digest()) : undefined;
}

function verified(algorithm: AlgorithmIdentifier, key: CryptoKey, what: [BufferSource, BufferSource]): Computed {
  if (nameOf(algorithm) !== 'Ed25519') return undefined;
  return verify(null, bytesOf(what[1]), handleOf(key), bytesOf(what[0]));
}

function derived(algorithm: AlgorithmIdentifier, key: CryptoKey, length: number): Computed {
  if (nameOf(algorithm) === 'X25519' && length === 256) {
    const publicKey = handleOf((algorithm as unknown as EcdhKeyDeriveParams).public);
    return answer(diffieHellman({ privateKey: handleOf(key), publicKey }));
  }
  const { hash, salt, info } = algorithm as HkdfParams;
  if (nameOf(algorithm) !== 'HKDF' || nameOf(hash) !== 'SHA-256') return undefined;
  return hkdfSync('sha256', handleOf(key), bytesOf(salt), bytesOf(info), length / 8);
}

function encrypted(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Computed {
  const ours = gcmOf(algorithm, key);
  if (ours === undefined) return undefined;
  const cipher = createCipheriv('aes-256-gcm', ours.key, bytesOf(ours.gcm.iv));
  cipher.setAAD(bytesOf(ours.gcm.additionalData ?? new ArrayBuffer(0)));
  return answer(cipher.update(bytesOf(data)), cipher.final(), cipher.getAuthTag());
}

function decrypted(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Computed {
  const ours = gcmOf(algorithm, key);
  const sealed = bytesOf(data);
  if (ours === undefined || sealed.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', ours.key, bytesOf(ours.gcm.iv));
  decipher.setAAD(bytesOf(ours.gcm.additionalData ?? new ArrayBuffer(0)));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  // Throws where the tag is not the one: the promise is rejected then, as WebCrypto's is.
  return answer(decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final());
}

let isInLine = false;

/** From now on, for everything in this thread. */
export function computeInLine(): void {
  if (isInLine) return;
  isInLine = true;
  const { subtle } = globalThis.crypto;
  const replace = (name: 'sign' | 'verify' | 'deriveBits' | 'encrypt' | 'decrypt', compute: Compute): void => {
    const threaded = subtle[name].bind(subtle) as (...asked: unknown[]) => Promise<Computed>;
    const asked = async (algorithm: AlgorithmIdentifier, key: CryptoKey, ...rest: never[]): Promise<Computed> =>
      compute(algorithm, key, ...rest) ?? threaded(algorithm, key, ...rest);
    Object.defineProperty(subtle, name, { value: asked, configurable: true });
  };
  const importKey = subtle.importKey.bind(subtle) as (...asked: unknown[]) => Promise<CryptoKey>;
  // Node gives handles of keys that may leave only; nobody asks these to. Those that never may are made from the bytes.
  const imported = async (...asked: unknown[]): Promise<CryptoKey> => {
    const [format, data, algorithm, , usages] = asked as Parameters<SubtleCrypto['importKey']>;
    if (nameOf(algorithm) !== 'HKDF') return importKey(format, data, algorithm, true, usages);
    const key = await importKey(...asked);
    handles.set(key, createSecretKey(bytesOf(data as BufferSource)));
    return key;
  };
  Object.defineProperty(subtle, 'importKey', { value: imported, configurable: true });
  replace('sign', signed);
  replace('verify', (algorithm, key, signature, data) => verified(algorithm, key, [signature, data]));
  replace('deriveBits', derived);
  replace('encrypt', encrypted);
  replace('decrypt', decrypted);
}

type Compute = (algorithm: AlgorithmIdentifier, key: CryptoKey, ...rest: never[]) => Computed;
