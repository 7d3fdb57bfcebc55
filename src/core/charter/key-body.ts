// A rotation: new keys for scopes, and whom it lets in (charter/SPEC.md §3).

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { Encodable } from '../wire/cbor.ts';
import { bytesOf, fields, tuple, type Fields } from '../wire/fields.ts';
import type { ItemReader } from '../wire/item-reader.ts';
import { WireError } from '../wire/wire-error.ts';
import { MAX_SCOPE_BYTES, raw, type BodyFormat } from './body-parts.ts';
import type { DeviceId, OpId, Scope, SealingKeyId } from './ids.ts';

/** Who a key is wrapped to: a device, by the sealing key it had published. */
export interface Recipient {
  readonly device: DeviceId;
  readonly sealingKey: SealingKeyId;
}

/** A new key for one scope. */
export interface RotatedScope {
  readonly scope: Scope;
  /** hash('scopeKey', space ‖ secret); its first 16 bytes are the kid. */
  readonly commitment: Bytes;
  /** Naming devices, not sealing keys alone, lets everybody see whether an ended device is among them. */
  readonly recipients: readonly Recipient[];
}

export interface Rotate {
  readonly type: 'rotate';
  readonly scopes: readonly RotatedScope[];
  /** Merkle root over the wraps, so that a wrong one can be shown. */
  readonly root: Bytes;
  /** Joins that the new key lets in; always empty in pair and self spaces. */
  readonly admits: readonly OpId[];
}

/** The design point of a group is 250 devices. */
export const MAX_RECIPIENTS = 512;
const MAX_SCOPES = 32;

export const ROTATE: BodyFormat<Rotate> = { read: readRotate, spell: spellRotate };

function readRotate(map: Fields): Rotate {
  const scopes = map.list('scopes', MAX_SCOPES).map((item) => {
    const scope = fields(item, 'rotated scope');
    const read = {
      scope: scope.text('scope', MAX_SCOPE_BYTES) as Scope,
      commitment: scope.bytes('commitment', 32),
      recipients: scope.list('recipients', MAX_RECIPIENTS).map(readRecipient),
    };
    scope.end();
    return read;
  });
  if (scopes.length === 0) throw new WireError('bad-field', 'rotate');
  const admits = map.ids<OpId>('admits', 32, { max: MAX_RECIPIENTS });
  return { type: 'rotate', scopes, root: map.bytes('root', 32), admits };
}

/** The same read item by item: nothing else fills a log, and it names every device. */
export function readRotateItems(read: ItemReader): Rotate {
  read.map(3);
  read.key('root');
  const root = read.view(32);
  read.key('admits');
  const admits = read.ids<OpId>(32, MAX_RECIPIENTS);
  read.key('scopes');
  const scopes: RotatedScope[] = [];
  for (let left = read.list(MAX_SCOPES); left > 0; left--) scopes.push(readScopeItems(read));
  read.end();
  if (scopes.length === 0) throw new WireError('bad-field', 'rotate');
  return { type: 'rotate', scopes, root, admits };
}

function readScopeItems(read: ItemReader): RotatedScope {
  read.map(3);
  read.key('scope');
  const scope = read.word(MAX_SCOPE_BYTES) as Scope;
  read.key('commitment');
  const commitment = read.view(32);
  read.key('recipients');
  const recipients: Recipient[] = [];
  for (let left = read.list(MAX_RECIPIENTS); left > 0; left--) {
    if (read.list(2) !== 2) throw new WireError('bad-field', 'recipient');
    recipients.push({ device: read.id<DeviceId>(32), sealingKey: read.id<SealingKeyId>(32) });
  }
  return { scope, commitment, recipients };
}

function readRecipient(value: unknown): Recipient {
  const [device, sealingKey] = tuple(value, 'recipient', 2);
  return {
    device: hex.encode(bytesOf(device, 'recipient', 32)) as DeviceId,
    sealingKey: hex.encode(bytesOf(sealingKey, 'recipient', 32)) as SealingKeyId,
  };
}

function spellRotate(body: Rotate): Encodable {
  const scopes = body.scopes.map(({ scope, commitment, recipients }) => ({
    scope,
    commitment,
    recipients: recipients.map(({ device, sealingKey }) => [raw(device), raw(sealingKey)]),
  }));
  return { scopes, root: body.root, admits: body.admits.map(raw) };
}
