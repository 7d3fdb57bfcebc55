// The one table of labels. Every hash, signature and derived key says what it is for, so that none can pass for another.

/** `us/<kind>/v1`, for hashes, signatures, derivations and seals alike (protocol: SPEC.md §2). */
export const LABELS = {
  // hashes
  op: 'us/op/v1',
  header: 'us/header/v1',
  body: 'us/body/v1',

  // mailbox: envelopes, what a relay node says of itself, proofs of reading, beats
  envelope: 'us/envelope/v1',
  mailboxHello: 'us/mailbox-hello/v1',
  mailboxRead: 'us/mailbox-read/v1',
  mailboxBeat: 'us/mailbox-beat/v1',

  // vault: checksum of the header; keys of slots, of row names, of rows, of a hidden region's cells
  vaultHeader: 'us/vault-header/v1',
  vaultSlot: 'us/vault-slot/v1',
  vaultRowName: 'us/vault-row-name/v1',
  vaultRowSeal: 'us/vault-row-seal/v1',
  vaultCell: 'us/vault-cell/v1',

  // documents
  clientId: 'us/client-id/v1',
  docContent: 'us/doc-content/v1',
} as const;

/** A name from the table. */
export type Label = keyof typeof LABELS;
