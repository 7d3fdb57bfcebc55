// Sizes and times that both sides of a mailbox agree on (SPEC.md §1).

/** The libp2p protocol id. */
export const MAILBOX_PROTOCOL = '/understory/mailbox/1';

/** How long an envelope is kept, in days. Two weeks outlasts a holiday or a seized phone. */
export const ENVELOPE_TTL_DAYS = 14;

/** An answer to a fetch is always this many cells, real or filler: an empty mailbox looks like a full one. */
export const CELLS_PER_ANSWER = 4;
export const CELL_BYTES = 8_192;
export const ANSWER_BYTES = CELLS_PER_ANSWER * CELL_BYTES;

/** A beat says where its sender has got to; larger things are envelopes. */
export const MAX_BEAT_BYTES = 2_048;

/** How far beyond its cursor a fetch may look ahead; bounds what one small request can make a custodian walk over. */
export const MAX_STREAM_OFFSET = 1_048_576;
