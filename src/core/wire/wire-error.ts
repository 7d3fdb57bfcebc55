// The one fault a decoder throws. Its message names the structure and the cause, never the content.

/** Why bytes were not what they should be. */
export type WireFault =
  | 'too-long'
  | 'truncated'
  | 'trailing-bytes'
  | 'not-canonical'
  | 'unknown-version'
  | 'unknown-kind'
  | 'bad-field'
  | 'too-deep'
  | 'too-many';

/** Bytes from outside that do not decode. `structure` is our own word for what was expected. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly fault: WireFault;
  readonly structure: string;

  constructor(fault: WireFault, structure: string, cause?: unknown) {
    super(`${structure}: ${fault}`, cause === undefined ? undefined : { cause });
    this.fault = fault;
    this.structure = structure;
  }
}
