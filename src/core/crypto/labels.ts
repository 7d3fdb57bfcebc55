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
  toolPerson: 'us/tool-person/v1',
  docState: 'us/doc-state/v1',

  // sync: proof of being a live device, what names a space to those who know it, keys of one link's frames
  syncProof: 'us/sync-proof/v1',
  syncProofKey: 'us/sync-proof-key/v1',
  syncTag: 'us/sync-tag/v1',
  syncChannel: 'us/sync-channel/v1',
  syncFrame: 'us/sync-frame/v1',

  // roads: where mail waits and what seals it; where devices meet and what seals beats, also those for one device alone
  inboxTopic: 'us/inbox-topic/v1',
  mailSeal: 'us/mail-seal/v1',
  rendezvousTopic: 'us/rendezvous-topic/v1',
  beatSeal: 'us/beat-seal/v1',
  beat: 'us/beat/v1',
  beckon: 'us/beckon/v1',

  // comparing whole states (backup and restore)
  stateHash: 'us/state-hash/v1',

  // charter, keys, chain: proof of a new device key; card consent is identity's `card`
  deviceProof: 'us/device-proof/v1',
  deviceRecord: 'us/device-record/v1',
  sealingKey: 'us/sealing-key/v1',
  scopeKey: 'us/scope-key/v1',
  wrap: 'us/wrap/v1',
  wrapLeaf: 'us/wrap-leaf/v1',
  wrapNode: 'us/wrap-node/v1',
  headerKey: 'us/header-key/v1',
  topicKey: 'us/topic-key/v1',
  chatRoot: 'us/chat-root/v1',
  chatChain: 'us/chat-chain/v1',
  chatKey: 'us/chat-key/v1',
  chatNext: 'us/chat-next/v1',
  documentKey: 'us/document-key/v1',
  charterKey: 'us/charter-key/v1',
  rendezvousSecret: 'us/rendezvous-secret/v1',
  // of groups: consent of founders, of who asks to come in, by an invitation's key, by the key of an outside card
  founding: 'us/founding/v1',
  knock: 'us/knock/v1',
  invitation: 'us/invitation/v1',
  invitationKey: 'us/invitation-key/v1',
  groupCard: 'us/group-card/v1',

  // identity: cards and their code texts, answers, safety numbers; pieces of larger things
  card: 'us/card/v1',
  cardCode: 'us/card-code/v1',
  cardTopic: 'us/card-topic/v1',
  answer: 'us/answer/v1',
  safetyNumber: 'us/safety-number/v1',
  fragment: 'us/fragment/v1',

  // neighbours: what roles of one group sign for another, and what seals it
  order: 'us/order/v1',
  report: 'us/report/v1',
  neighbourMail: 'us/neighbour-mail/v1',
  neighbourTopic: 'us/neighbour-topic/v1',
  roleSigningKey: 'us/role-signing-key/v1',
  outsideCardCode: 'us/outside-card-code/v1',

  // own devices: codes that link one, requests, the number to compare; what one device is given; keys on paper
  deviceCode: 'us/device-code/v1',
  deviceCodeTopic: 'us/device-code-topic/v1',
  deviceRequest: 'us/device-request/v1',
  deviceNumber: 'us/device-number/v1',
  ownSpace: 'us/own-space/v1',
  vaultSecond: 'us/vault-second/v1',
  recoveryWords: 'us/recovery-words/v1',
  recoveryRoot: 'us/recovery-root/v1',
  recoveryKey: 'us/recovery-key/v1',

  // groups: codes of invitations, where the welcome lies and what seals it, mail for all readers of a scope
  invitationCode: 'us/invitation-code/v1',
  welcomeTopic: 'us/welcome-topic/v1',
  welcomeSeal: 'us/welcome-seal/v1',
  scopeMail: 'us/scope-mail/v1',

  // knocks: codes of doors, where knocks wait and what seals them, what who knocks signs, where the answer waits
  doorCode: 'us/door-code/v1',
  doorTopic: 'us/door-topic/v1',
  doorMail: 'us/door-mail/v1',
  knockLetter: 'us/knock-letter/v1',
  knockTopic: 'us/knock-topic/v1',
  knockReply: 'us/knock-reply/v1',
} as const;

/** A name from the table. */
export type Label = keyof typeof LABELS;
