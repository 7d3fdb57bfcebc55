// The number under which an author's characters stand in a Yjs document: derived, so that nobody can write as another.

import { hex, utf8 } from '../bytes/bytes.ts';
import { hash } from '../crypto/hash.ts';
import type { Brand } from '../bytes/brand.ts';

/** Yjs's name for an author of structs: a whole number below 2^53. */
export type ClientId = Brand<number, 'ClientId'>;

/** One chain writing into one document. All three are lower-case hex. */
export interface Author {
  readonly device: string;
  readonly incarnation: string;
}

const TWO_TO_32 = 2 ** 32;

/**
 * SPEC §2. A new unlock is a new incarnation and so a new clientID: a crash, a second tab or a restored copy never
 * continues clocks that somebody else may already have under other content. 53 bits, because Yjs keeps it as a number:
 * two authors of one document collide once in 10^10 documents of a thousand authors each.
 */
export function clientIdOf(author: Author, document: string): ClientId {
  const parts = [author.device, author.incarnation, document].map(fixed);
  const digest = hash('clientId', ...parts);
  const view = new DataView(digest.buffer, digest.byteOffset, 8);
  return ((view.getUint32(0) & 0x1f_ffff) * TWO_TO_32 + view.getUint32(4)) as ClientId;
}

/** Length ‖ bytes, so that no two triples hash alike. */
function fixed(id: string): Uint8Array {
  const bytes = hex.decode(id) ?? utf8(id);
  const framed = new Uint8Array(1 + bytes.length);
  framed[0] = bytes.length;
  framed.set(bytes, 1);
  return framed;
}
