// A message: signed header, sealed body (chain/SPEC.md §3).

import type { Bytes } from '../bytes/bytes.ts';
import type { AeadKey, CryptoSuite, Seed, Signature } from '../crypto/suite.ts';
import type { Header } from '../charter/header.ts';
import type { MessageId } from '../charter/ids.ts';

export interface Message {
  readonly id: MessageId;
  readonly header: Header;
  /** Header bytes, which the id hashes and the signature signs. */
  readonly bytes: Bytes;
  /** Absent when the message came within a run: a later one's signature proves it. */
  readonly signature: Signature | undefined;
  /** Sealed salt ‖ body; `undefined` where the body was deleted. */
  readonly sealed: Bytes | undefined;
}

export interface OpenBody {
  readonly salt: Bytes;
  readonly body: Bytes;
}

/** Largest body; larger content is cut by its room. */
export declare const MAX_BODY_BYTES: number;

/** `header` lacks what the body decides. `bodyKey` is the ratchet's or the document key. */
export declare function writeMessage(
  header: Omit<Header, 'bodyHash' | 'bodyLength'>,
  content: OpenBody & { readonly bodyKey: AeadKey },
  seed: Seed,
  suite: CryptoSuite,
): Promise<Message>;
/** `undefined` when it does not open or is not what the header hashed. Synchronous: catch-up opens thousands. */
export declare function openBody(message: Message, bodyKey: AeadKey, suite: CryptoSuite): OpenBody | undefined;
export declare function verifyMessage(message: Message, suite: CryptoSuite): Promise<boolean>;
/** How a device keeps a message: without loss, to serve it again. */
export declare function encodeMessage(message: Message): Bytes;
/** Throws `WireError`. */
export declare function decodeMessage(bytes: Uint8Array): Message;
