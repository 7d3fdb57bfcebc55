// Every name of the outside world that core may see. Core compiles without the DOM and without Node, so a name that
// is not listed here does not exist for it. Each is a pure function of its arguments: no clock, dice, disk or network.

/** UTF-8 encoder (Encoding Standard §8.2). */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}

/** UTF-8 decoder (Encoding Standard §8.1); core always asks for `fatal`. */
declare class TextDecoder {
  constructor(label: 'utf-8', options: { fatal: true; ignoreBOM: true });
  decode(bytes: Uint8Array): string;
}

/** An imported key, kept only in memory and never stored. */
interface CryptoKey {
  readonly type: string;
}

/** WebCrypto (W3C): only the operations whose result depends on their arguments alone. */
declare const crypto: {
  readonly subtle: {
    importKey(
      format: 'raw' | 'pkcs8',
      key: Uint8Array<ArrayBuffer>,
      algorithm: 'Ed25519' | 'AES-GCM' | 'X25519',
      extractable: boolean,
      usages: readonly string[],
    ): Promise<CryptoKey>;
    exportKey(format: 'jwk', key: CryptoKey): Promise<{ readonly x?: string }>;
    sign(algorithm: 'Ed25519', key: CryptoKey, bytes: Uint8Array): Promise<ArrayBuffer>;
    verify(algorithm: 'Ed25519', key: CryptoKey, signature: Uint8Array, bytes: Uint8Array): Promise<boolean>;
    deriveBits(algorithm: { name: 'X25519'; public: CryptoKey }, key: CryptoKey, length: 256): Promise<ArrayBuffer>;
    encrypt(
      algorithm: { name: 'AES-GCM'; iv: Uint8Array; additionalData?: Uint8Array },
      key: CryptoKey,
      bytes: Uint8Array,
    ): Promise<ArrayBuffer>;
    decrypt(
      algorithm: { name: 'AES-GCM'; iv: Uint8Array; additionalData?: Uint8Array },
      key: CryptoKey,
      bytes: Uint8Array,
    ): Promise<ArrayBuffer>;
  };
};
