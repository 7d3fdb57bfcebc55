// Looks over a docUpdate (Yjs, V1 encoding) before Yjs decodes it: shape, limits and forbidden content, in one pass
// that builds nothing. What passes can neither exhaust memory nor recurse without end in the decoder behind it.

/** Why a docUpdate is not even decoded. */
export type ShapeFault = 'malformed' | 'too-many' | 'too-deep' | 'foreign-author' | 'forbidden-content';

/** Most structs in one docUpdate: about 5 ms of Yjs's work on a slow phone. Authors split what has more. */
export const MAX_STRUCTS = 1_000;
/** Most delete ranges in one docUpdate; each may split two structs of the document. */
export const MAX_DELETE_RANGES = 1_000;
/** Deepest nesting of one attribute's value. */
export const MAX_VALUE_DEPTH = 8;
/** Longest name of a root, an element, a mark or an attribute, in bytes. */
const MAX_NAME_BYTES = 256;

// Content kinds of Yjs (`getRef`). 2 (JSON of old versions), 9 (documents in documents) and 10 (skips) have no place.
const GC = 0;
const DELETED = 1;
const BINARY = 3;
const STRING = 4;
const EMBED = 5;
const FORMAT = 6;
const TYPE = 7;
const ANY = 8;

/** Shared types that have a node name. */
const XML_ELEMENT = 3;
const XML_TEXT = 6;

const HAS_ORIGIN = 0x80;
const HAS_RIGHT_ORIGIN = 0x40;
const HAS_PARENT_SUB = 0x20;
const CONTENT = 0x1f;

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_MAP, CLOSE_MAP] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

const PROTO = [0x5f, 0x5f, 0x70, 0x72, 0x6f, 0x74, 0x6f, 0x5f, 0x5f];

/** How much there may be in one. */
interface Limits {
  readonly clients: number;
  readonly structs: number;
  readonly ranges: number;
}

/** An author writes as one clientID; several in one docUpdate are somebody else's, passed off. */
const ONE_MESSAGE: Limits = { clients: 1, structs: MAX_STRUCTS, ranges: MAX_DELETE_RANGES };
/** Some years of work in one document; a part of 1 MiB holds no more of five bytes each. */
const WHOLE_STATE: Limits = { clients: 10_000, structs: 200_000, ranges: 200_000 };

/** The fault of a docUpdate, or `undefined` for one whole docUpdate that keeps all limits. */
export function scanUpdate(update: Uint8Array): ShapeFault | undefined {
  return new Scanner(update, ONE_MESSAGE).scan();
}

/** As `scanUpdate`, for all that a document holds (SPEC §11). */
export function scanState(update: Uint8Array): ShapeFault | undefined {
  return new Scanner(update, WHOLE_STATE).scan();
}

/** Thrown and caught within this file only. */
class Stop extends Error {
  readonly fault: ShapeFault;
  constructor(fault: ShapeFault) {
    super(fault);
    this.fault = fault;
  }
}

class Scanner {
  readonly #bytes: Uint8Array;
  readonly #limits: Limits;
  #at = 0;

  constructor(bytes: Uint8Array, limits: Limits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  scan(): ShapeFault | undefined {
    try {
      this.#structs();
      this.#deletes();
      // Trailing bytes would make two messages of one docUpdate.
      return this.#at === this.#bytes.length ? undefined : 'malformed';
    } catch (stop) {
      if (stop instanceof Stop) return stop.fault;
      throw stop;
    }
  }

  #structs(): void {
    const clients = this.#uint();
    if (clients > this.#limits.clients) throw new Stop(this.#limits === ONE_MESSAGE ? 'foreign-author' : 'too-many');
    let left = this.#limits.structs;
    for (let i = 0; i < clients; i++) {
      const count = this.#uint();
      left -= count;
      if (left < 0) throw new Stop('too-many');
      if (count === 0) throw new Stop('malformed');
      this.#uint();
      this.#uint();
      for (let j = 0; j < count; j++) this.#struct();
    }
  }

  #struct(): void {
    const info = this.#byte();
    const content = info & CONTENT;
    if (content === GC) {
      if (info !== 0) throw new Stop('malformed');
      this.#length();
      return;
    }
    if (info & HAS_ORIGIN) this.#id();
    if (info & HAS_RIGHT_ORIGIN) this.#id();
    if ((info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) === 0) {
      const named = this.#uint();
      if (named === 1) this.#name();
      else if (named === 0) this.#id();
      else throw new Stop('malformed');
      if (info & HAS_PARENT_SUB) this.#name();
    }
    this.#content(content);
  }

  #content(content: number): void {
    if (content === DELETED) this.#length();
    else if (content === STRING) {
      if (this.#skip() === 0) throw new Stop('malformed');
    } else if (content === ANY) this.#values(this.#length());
    else if (content === TYPE) this.#type();
    else if (content === FORMAT) {
      this.#name();
      this.#json();
    } else if (content === EMBED) this.#json();
    else if (content === BINARY) this.#skip();
    else throw new Stop('forbidden-content');
  }

  #type(): void {
    const type = this.#uint();
    if (type === XML_ELEMENT) this.#name();
    else if (type !== XML_TEXT) throw new Stop('forbidden-content');
  }

  #deletes(): void {
    const clients = this.#uint();
    let ranges = 0;
    const most = this.#limits.ranges;
    if (clients > most) throw new Stop('too-many');
    for (let i = 0; i < clients; i++) {
      this.#uint();
      const count = this.#uint();
      ranges += count;
      if (ranges > most) throw new Stop('too-many');
      if (count === 0) throw new Stop('malformed');
      for (let j = 0; j < count; j++) {
        this.#uint();
        this.#length();
      }
    }
  }

  /** Values in lib0's `any` encoding, without recursion: `left` counts what each open level still lacks. */
  #values(count: number): void {
    const left = [count];
    const keyed = [false];
    while (left.length > 0) {
      const level = left.length - 1;
      if (left[level] === 0) {
        left.pop();
        keyed.pop();
        continue;
      }
      left[level]!--;
      if (keyed[level]) this.#name();
      const inner = this.#value();
      if (inner === undefined) continue;
      if (left.length > MAX_VALUE_DEPTH) throw new Stop('too-deep');
      // Each item takes at least one byte, so a count beyond the rest is false before anything is counted out.
      if (inner.count > this.#bytes.length - this.#at) throw new Stop('malformed');
      left.push(inner.count);
      keyed.push(inner.keyed);
    }
  }

  /** Steps over one value; says what lies inside it. */
  #value(): { readonly count: number; readonly keyed: boolean } | undefined {
    const kind = this.#byte();
    if (kind === 127 || kind === 126 || kind === 121 || kind === 120) return undefined;
    if (kind === 125) this.#uint();
    else if (kind === 124) this.#forward(4);
    else if (kind === 123 || kind === 122) this.#forward(8);
    else if (kind === 119 || kind === 116) this.#skip();
    else if (kind === 118 || kind === 117) return { count: this.#uint(), keyed: kind === 118 };
    else throw new Stop('malformed');
    return undefined;
  }

  /** A text that will be parsed as JSON: bounds its nesting. Its keys are looked at once it is parsed (judge.ts). */
  #json(): void {
    const length = this.#skip();
    const end = this.#at;
    let depth = 0;
    let quoted = false;
    for (let at = end - length; at < end; at++) {
      const byte = this.#bytes[at]!;
      if (quoted && byte === BACKSLASH) at++;
      else if (byte === QUOTE) quoted = !quoted;
      else if (!quoted && (byte === OPEN_LIST || byte === OPEN_MAP) && ++depth > MAX_VALUE_DEPTH) {
        throw new Stop('too-deep');
      } else if (!quoted && (byte === CLOSE_LIST || byte === CLOSE_MAP)) depth--;
    }
  }

  #id(): void {
    this.#uint();
    this.#uint();
  }

  #name(): void {
    const length = this.#skip();
    if (length > MAX_NAME_BYTES) throw new Stop('too-many');
    if (length === PROTO.length && PROTO.every((byte, i) => this.#bytes[this.#at - length + i] === byte)) {
      throw new Stop('forbidden-content');
    }
  }

  /** A length of at least one: nothing empty takes a place in a document. */
  #length(): number {
    const length = this.#uint();
    if (length === 0) throw new Stop('malformed');
    return length;
  }

  /** Steps over length ‖ bytes; says how many they were. */
  #skip(): number {
    const length = this.#uint();
    this.#forward(length);
    return length;
  }

  #forward(length: number): void {
    if (length > this.#bytes.length - this.#at) throw new Stop('malformed');
    this.#at += length;
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) throw new Stop('malformed');
    return this.#bytes[this.#at++]!;
  }

  /** lib0's varUint. Yjs reads numbers beyond 2^53 in part; here they are refused. */
  #uint(): number {
    let number = 0;
    let factor = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.#byte();
      number += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(number)) throw new Stop('malformed');
        return number;
      }
      factor *= 128;
    }
    throw new Stop('malformed');
  }
}
