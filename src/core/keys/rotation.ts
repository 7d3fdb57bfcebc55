// Makes new scope keys, and says which to use and when a new one is due (keys/SPEC.md §6, §7).

import { equal, type Bytes } from '../bytes/bytes.ts';
import type { DeviceId, Kid, OpId, Scope } from '../charter/ids.ts';
import type { Rotate } from '../charter/key-body.ts';
import type { CharterView, RotationFacts } from '../charter/view.ts';
import { DAY, HOUR, type Millis, type Random } from '../ports.ts';
import { fallenLossesOf, lossesOf, type Loss } from './losses.ts';
import { readersOf } from './readers.ts';
import { commitmentOf, SCOPE_SECRET_BYTES, scopeKeyOf, type ScopeKey, type ScopeSecret } from './scope-key.ts';
import { NobodyLeft, type KeyAgreement, type Wrap, type WrapRecipient, type WrapSecrets } from './wrap.ts';

export interface Rotation {
  readonly body: Rotate;
  readonly wraps: readonly Wrap[];
  readonly keys: readonly ScopeKey[];
}

export interface RotationAsk {
  readonly scopes: readonly Scope[];
  /** Every live device that is not dormant, our own included. */
  readonly recipients: readonly WrapRecipient[];
  /** Which of them get the key of a scope; all, where it is absent. */
  readonly readers?: (scope: Scope) => ReadonlySet<DeviceId>;
  /** May depend on the new keys. */
  readonly rendezvous: Bytes | ((keys: readonly ScopeKey[]) => Bytes);
  /** Joins that the new key lets in. */
  readonly admits?: readonly OpId[];
}

/** Fresh keys, wrapped. Write `body` as an op, put keys and op on disk, then send op and wraps. */
export async function makeRotation(
  view: Pick<CharterView, 'space'>,
  ask: RotationAsk,
  agreement: KeyAgreement,
  random: Random,
): Promise<Rotation> {
  const { space } = view;
  const keys = ask.scopes.map((scope) => scopeKeyOf(space, scope, random.bytes(SCOPE_SECRET_BYTES) as ScopeSecret));
  const rendezvous = typeof ask.rendezvous === 'function' ? ask.rendezvous(keys) : ask.rendezvous;
  const reads = (device: DeviceId, scope: Scope): boolean => ask.readers?.(scope).has(device) ?? true;
  const meant = ask.recipients.filter(({ device }) => ask.scopes.some((scope) => reads(device, scope)));
  const secretsFor = (device: DeviceId): WrapSecrets => {
    return { keys: keys.filter(({ scope }) => reads(device, scope)), rendezvous };
  };
  const { wraps, root } = await agreement.seal(space, meant, secretsFor);
  const scopes = keys.map(({ scope, secret }) => {
    const recipients = wraps
      .filter(({ device }) => reads(device, scope))
      .map(({ device, sealingKey }) => ({ device, sealingKey }));
    return { scope, commitment: commitmentOf(space, secret), recipients };
  });
  return { body: { type: 'rotate', scopes, root, admits: [...(ask.admits ?? [])] }, wraps, keys };
}

/** Wraps of keys we hold, for devices that a rotation missed or whose wrap was wrong; none where none can be made. */
export async function makeShare(
  view: Pick<CharterView, 'space'>,
  recipients: readonly WrapRecipient[],
  secrets: WrapSecrets,
  agreement: KeyAgreement,
): Promise<readonly Wrap[]> {
  try {
    const { wraps } = await agreement.seal(view.space, recipients, secrets);
    return wraps.map((wrap) => ({ ...wrap, place: undefined }));
  } catch (cause) {
    if (cause instanceof NobodyLeft) return [];
    throw cause;
  }
}

/**
 * Keeps of opened secrets only keys that a standing rotation committed to. The others may belong to a rotation that
 * has not arrived: try again when the log has grown.
 */
export function committedKeys(
  view: Pick<CharterView, 'space'> & { readonly rotations: readonly Pick<RotationFacts, 'scopes'>[] },
  keys: readonly ScopeKey[],
): readonly ScopeKey[] {
  return keys.filter((key) => {
    const rotated = scopeIn(rotationOf(view, key.kid), key.scope);
    return rotated !== undefined && equal(rotated.commitment, commitmentOf(view.space, key.secret));
  });
}

/** The rotation that made a key. */
export function rotationOf<R extends Pick<RotationFacts, 'scopes'>>(
  view: { readonly rotations: readonly R[] },
  kid: Kid,
): R | undefined {
  return view.rotations.findLast(({ scopes }) => scopes.some((scope) => scope.kid === kid));
}

function scopeIn(
  rotation: Pick<RotationFacts, 'scopes'> | undefined,
  scope: Scope,
): RotationFacts['scopes'][number] | undefined {
  return rotation?.scopes.find((rotated) => rotated.scope === scope);
}

export interface SendingKey {
  readonly key: ScopeKey;
  readonly rotation: RotationFacts;
}

/**
 * The key to send under: the newest safe one that is held. Without one a device must rotate first. In a group none counts
 * that an unsafe one replaced: it may date from before most members came, who do not have it.
 */
export function sendingKey(view: CharterView, scope: Scope, held: ReadonlyMap<Kid, ScopeKey>): SendingKey | undefined {
  for (let i = view.rotations.length - 1; i >= 0; i--) {
    const rotation = view.rotations[i]!;
    const rotated = scopeIn(rotation, scope);
    if (rotated === undefined) continue;
    const key = held.get(rotated.kid);
    const safe = isSafe(view, rotation, scope);
    if (key !== undefined && safe) return { key, rotation };
    if (!safe && view.group !== undefined) return undefined;
  }
  return undefined;
}

/**
 * Nobody who does not read the scope any more is among its recipients, or may have been given the key otherwise: with a
 * welcome, or by a share. That may be whoever lost the scope without the rotation knowing.
 */
export function isSafe(view: CharterView, rotation: RotationFacts, scope: Scope): boolean {
  return knowsLosses(view, rotation, fallenLossesOf(view, scope)) && isSafeFromFormer(view, rotation, scope);
}

/** As `isSafe`, but for those whose coming is void. */
export function isSafeFromFormer(view: CharterView, rotation: RotationFacts, scope: Scope): boolean {
  const recipients = scopeIn(rotation, scope)?.recipients ?? [];
  const readers = readersOf(view, scope);
  if (!recipients.every(({ device }) => readers.has(device))) return false;
  return knowsLosses(view, rotation, lossesOf(view, scope));
}

function knowsLosses(view: CharterView, rotation: RotationFacts, losses: readonly Loss[]): boolean {
  const isKnown = (end: OpId): boolean => view.isBefore(end, rotation.op);
  return losses.every((loss) => loss.some((ends) => ends.every((by) => by.some(isKnown))));
}

/** Readers that are not among its recipients; dormant ones are left out. Complete: there are none. */
export function lackingDevices(
  view: CharterView,
  rotation: RotationFacts,
  scope: Scope,
  dormant: ReadonlySet<DeviceId> = new Set(),
): readonly DeviceId[] {
  const recipients = new Set(scopeIn(rotation, scope)?.recipients.map(({ device }) => device));
  return [...readersOf(view, scope)].filter((device) => !recipients.has(device) && !dormant.has(device));
}

/** How the newest key has been used, as this device knows it. */
export interface RotationUse {
  /** When the newest rotation was made or arrived, by our clock. */
  readonly since: Millis;
  /** Messages of all devices under it. */
  readonly messages: number;
  /** Whether the other principal has said something since our principal last rotated. */
  readonly hasTurnChanged: boolean;
}

/** `must`: nothing may be sent before. `should`: before the next message, if the other records are at hand. */
export type RotationDuty = 'must' | 'should' | 'none';

/** So many messages may be read with one stolen key. */
export const ROTATE_AFTER_MESSAGES = 20;
/** Turn changes rotate at most this often: a conversation is not to drown in ops. */
const ROTATE_AT_MOST_EVERY: Millis = HOUR;
/** A key nobody used much is replaced after this time all the same. */
export const ROTATE_AFTER = (7 * DAY) as Millis;

/** Whether to rotate before sending, in self and pair spaces. Device changes show as a missing or incomplete key. */
export function rotationDuty(sending: SendingKey | undefined, use: RotationUse | undefined, now: Millis): RotationDuty {
  if (sending === undefined) return 'must';
  if (use === undefined) return 'none';
  // A clock that was set back must not put rotation off for years.
  const age = Math.abs(now - use.since);
  if (use.messages >= ROTATE_AFTER_MESSAGES || age >= ROTATE_AFTER) return 'should';
  return use.hasTurnChanged && age >= ROTATE_AT_MOST_EVERY ? 'should' : 'none';
}
