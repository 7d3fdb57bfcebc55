// The one registry of everything in core that takes outside bytes apart. The fuzzer, the vectors and a rule that no
// decoder is missing all read it: whoever writes an exported `decode…` adds its line here.

import { textOf, type Bytes } from './bytes/bytes.ts';
import { decodeHeader, encodeHeader } from './charter/header.ts';
import type { SpaceId } from './charter/ids.ts';
import { decodeOp, decodeSignedOp, encodeSignedOp } from './charter/op.ts';
import { decodeFrame, decodeRun, encodeFrame, encodeRun } from './chain/frame.ts';
import { decodeMessage, encodeMessage } from './chain/message.ts';
import { decodeChatBody, encodeChatBody, type ChatKind } from './chat/body.ts';
import { decodeChannelBody, encodeChannelBody } from './chat/channel.ts';
import { decodePinBody, encodePinBody } from './chat/pin.ts';
import { decodeDecisionAct, encodeDecisionAct } from './decisions/decision-body.ts';
import { decodeAttest, decodeDocCheckpoint, encodeAttest, encodeDocCheckpoint } from './docs/doc-checkpoint.ts';
import { decodeDocMove, encodeDocMove } from './docs/doc-move.ts';
import { decodeDocUpdate, encodeDocUpdate } from './docs/doc-update.ts';
import { decodeDocumentState, encodeDocumentState } from './docs/document-state.ts';
import { decodeGuardRow, encodeGuardRow } from './docs/guard-row.ts';
import { decodePresence, encodePresence } from './docs/presence.ts';
import { decodeAnswer, encodeAnswer } from './identity/answer.ts';
import { decodeCard, encodeCard } from './identity/card.ts';
import { decodeCardCode, reframe } from './identity/card-code.ts';
import { decodeDeviceCode, decodeDeviceOffer, encodeDeviceOffer, reframeDeviceCode } from './identity/device-code.ts';
import { decodeDeviceRequest, encodeDeviceRequest } from './identity/device-request.ts';
import { decodeOwnMessage, decodeOwnSpace, encodeOwnMessage, encodeOwnSpace } from './identity/own-message.ts';
import {
  decodeInvitation,
  decodeInvitationCode,
  encodeInvitation,
  reframeInvitation,
} from './identity/invitation-code.ts';
import { decodeSignedRecord, encodeSignedRecord } from './keys/device-record.ts';
import { decodeRatchet, encodeRatchet } from './keys/ratchet.ts';
import { decodeWrap, decodeWrapSecrets, encodeWrap, encodeWrapSecrets } from './keys/wrap.ts';
import { decodeOutsideCardCode, reframeOutsideCardCode } from './neighbours/card-code.ts';
import { decodeDoor, decodeDoorCode, encodeDoor, reframeDoor } from './knocks/door.ts';
import { decodeKnockAct, encodeKnockAct } from './knocks/knock-body.ts';
import { decodeSignedKnock, encodeSignedKnock } from './knocks/knock-letter.ts';
import { decodeNeighbourAct, encodeNeighbourAct } from './neighbours/neighbour-body.ts';
import { decodeLetter, decodeSignedLetter, encodeLetter, encodeSignedLetter } from './neighbours/order.ts';
import { decodeOutsideCard, decodeSignedCard, encodeOutsideCard, encodeSignedCard } from './neighbours/outside-card.ts';
import { decodeBeat } from './sync/beat.ts';
import { decodeChannelMessage, encodeChannelMessage } from './sync/channel-messages.ts';
import { decodeProven } from './sync/handshake.ts';
import { decodeHeld, encodeHeld } from './sync/held.ts';
import { decodeLinkFrame } from './sync/link-frames.ts';
import { decodeOpenRun, encodeOpenRun } from './sync/open-run.ts';
import { decodeParcel, encodeParcel } from './sync/parcel.ts';
import { decodeWelcome, encodeWelcome } from './sync/welcome.ts';
import { decodeTaskAct, encodeTaskAct } from './tasks/task-body.ts';
import { decodeBackupContent, encodeBackupContent } from './vault/backup-content.ts';
import { decodeVaultHeader, encodeVaultHeader, withHeaderChecksum } from './vault/vault-header.ts';
import { decodeMailboxAnswer, encodeMailboxAnswer } from './mailbox/answer-frames.ts';
import { withChecksum } from './mailbox/frame-layout.ts';
import { decodeMailboxRequest, encodeMailboxRequest } from './mailbox/request-frames.ts';
import { decode as decodeCbor, encode as encodeCbor, type Encodable } from './wire/cbor.ts';
import { decodeEnvelope, encodeEnvelope } from './wire/envelope.ts';
import { decodeFragment, encodeFragment } from './wire/fragments.ts';
import { unpad } from './wire/padding.ts';

export interface RegisteredDecoder {
  /** Name of the structure and of its vector file (`tests/vectors/<name>.v<version>.json`). */
  readonly name: string;
  /** 1 when absent. */
  readonly version?: number;
  /** Throws only `WireError`. */
  readonly decode: (bytes: Uint8Array) => unknown;
  /** Gives what was decoded its only spelling back. Absent where the value does not hold all that travels. */
  readonly encode?: (value: never) => Bytes;
  /** Makes checksums right again after the fuzzer changed something, so that it gets past them. */
  readonly repair?: (bytes: Uint8Array) => Uint8Array;
}

/** Wraps name no space; their keys' ids come from the space they are opened for. */
const SPACE = '00'.repeat(32) as SpaceId;

export const DECODERS: readonly RegisteredDecoder[] = [
  // wire
  { name: 'cbor', decode: (bytes) => decodeCbor(bytes, 'cbor', 131_072), encode: (v: Encodable) => encodeCbor(v) },
  { name: 'envelope', decode: decodeEnvelope, encode: encodeEnvelope },
  { name: 'fragment', decode: decodeFragment, encode: encodeFragment },
  { name: 'padding', decode: unpad },
  // identity
  { name: 'card', decode: decodeCard, encode: encodeCard },
  { name: 'card-code', decode: decodeCodeBytes, repair: reframe },
  { name: 'invitation', decode: decodeInvitation, encode: encodeInvitation },
  { name: 'invitation-code', decode: decodeInvitationBytes, repair: reframeInvitation },
  { name: 'card-answer', decode: decodeAnswer, encode: encodeAnswer },
  { name: 'device-offer', decode: decodeDeviceOffer, encode: encodeDeviceOffer },
  { name: 'device-code', decode: (bytes) => decodeDeviceCode(textOf(bytes) ?? ''), repair: reframeDeviceCode },
  { name: 'device-request', decode: decodeDeviceRequest, encode: encodeDeviceRequest },
  { name: 'own-message', decode: decodeOwnMessage, encode: encodeOwnMessage },
  { name: 'own-space', decode: decodeOwnSpace, encode: encodeOwnSpace },
  // charter, chain, keys
  { name: 'op', decode: decodeOp },
  { name: 'signed-op', decode: decodeSignedOp, encode: encodeSignedOp },
  { name: 'header', decode: (bytes) => decodeHeader(bytes), encode: encodeHeader },
  { name: 'message', decode: (bytes) => decodeMessage(bytes), encode: encodeMessage },
  { name: 'frame', decode: decodeFrame, encode: encodeFrame },
  { name: 'run', decode: decodeRun, encode: encodeRun },
  { name: 'device-record', decode: decodeSignedRecord, encode: encodeSignedRecord },
  { name: 'wrap', decode: decodeWrap, encode: encodeWrap },
  { name: 'wrap-secrets', decode: (bytes) => decodeWrapSecrets(bytes, SPACE), encode: encodeWrapSecrets },
  { name: 'ratchet', decode: decodeRatchet, encode: encodeRatchet },
  // sync, chat
  { name: 'proven', decode: decodeProven },
  { name: 'link-frame', decode: decodeLinkFrame },
  { name: 'channel-message', decode: decodeChannelMessage, encode: encodeChannelMessage },
  { name: 'held', decode: decodeHeld, encode: encodeHeld },
  { name: 'parcel', decode: (bytes) => decodeParcel(bytes, 131_072), encode: encodeParcel },
  { name: 'open-run', decode: decodeOpenRun, encode: encodeOpenRun },
  { name: 'open-run', version: 2, decode: decodeOpenRun, encode: encodeOpenRun },
  { name: 'welcome', decode: (bytes) => decodeWelcome(bytes, SPACE), encode: encodeWelcome },
  { name: 'beat', decode: decodeBeat },
  { name: 'body-channel', decode: decodeChannelBody, encode: encodeChannelBody },
  { name: 'body-pin', decode: decodePinBody, encode: encodePinBody },
  ...(['chat', 'edit', 'delete', 'profile'] as const).map(chatBody),
  // tasks, decisions
  { name: 'body-task', decode: decodeTaskAct, encode: encodeTaskAct },
  { name: 'body-decision', decode: decodeDecisionAct, encode: encodeDecisionAct },
  // neighbours
  { name: 'outside-card', decode: decodeOutsideCard, encode: encodeOutsideCard },
  { name: 'signed-outside-card', decode: decodeSignedCard, encode: encodeSignedCard },
  { name: 'letter', decode: decodeLetter, encode: encodeLetter },
  { name: 'signed-letter', decode: decodeSignedLetter, encode: encodeSignedLetter },
  { name: 'body-neighbour', decode: decodeNeighbourAct, encode: encodeNeighbourAct },
  {
    name: 'outside-card-code',
    decode: (bytes) => decodeOutsideCardCode(textOf(bytes) ?? ''),
    repair: reframeOutsideCardCode,
  },
  // knocks
  { name: 'door', decode: decodeDoor, encode: encodeDoor },
  { name: 'door-code', decode: (bytes) => decodeDoorCode(textOf(bytes) ?? ''), repair: reframeDoor },
  { name: 'signed-knock', decode: decodeSignedKnock, encode: encodeSignedKnock },
  { name: 'body-knock', decode: decodeKnockAct, encode: encodeKnockAct },
  // docs
  { name: 'doc-update', decode: decodeDocUpdate, encode: encodeDocUpdate },
  { name: 'doc-move', decode: decodeDocMove, encode: encodeDocMove },
  { name: 'doc-checkpoint', decode: decodeDocCheckpoint, encode: encodeDocCheckpoint },
  { name: 'doc-state', decode: decodeDocumentState, encode: encodeDocumentState },
  { name: 'doc-attest', decode: decodeAttest, encode: encodeAttest },
  { name: 'doc-presence', decode: decodePresence, encode: encodePresence },
  { name: 'guard-row', decode: decodeGuardRow, encode: encodeGuardRow },
  // vault
  { name: 'vault-header', decode: decodeVaultHeader, encode: encodeVaultHeader, repair: withHeaderChecksum },
  { name: 'backup-content', decode: decodeBackupContent, encode: encodeBackupContent },
  // mailbox
  { name: 'mailbox-request', decode: decodeMailboxRequest, encode: encodeMailboxRequest, repair: withChecksum },
  { name: 'mailbox-answer', decode: decodeMailboxAnswer, encode: encodeMailboxAnswer, repair: withChecksum },
];

/** The code reader takes text and answers with words instead of faults. */
function decodeCodeBytes(bytes: Uint8Array): unknown {
  return decodeCardCode(textOf(bytes) ?? '');
}

function decodeInvitationBytes(bytes: Uint8Array): unknown {
  return decodeInvitationCode(textOf(bytes) ?? '');
}

function chatBody(kind: ChatKind): RegisteredDecoder {
  return { name: `body-${kind}`, decode: (bytes) => decodeChatBody(kind, bytes), encode: encodeChatBody };
}
