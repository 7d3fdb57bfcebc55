// What the printer of vectors needs to know of a structure, and filler bytes that a reader recognises.

export interface StructureSamples {
  /** Where the structure is specified. */
  readonly spec: string;
  readonly accept: readonly Sample[];
  /** Refusals beyond those every CBOR structure gets (see `usual-refusals.ts`). */
  readonly refuse?: readonly Sample[];
}

export interface Sample {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** `length` bytes counting up from `first`. */
export function filler(length: number, first = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (first + i) & 0xff);
}

/** `filler` as an id in memory. */
export function fillerId<Id extends string>(length: number, first = 0): Id {
  return Buffer.from(filler(length, first)).toString('hex') as Id;
}
