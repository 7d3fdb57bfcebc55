// Makes new scope keys, and says when that is due (keys/SPEC.md §6, §7).

import type { Bytes } from '../bytes/bytes.ts';
import type { CharterView, RotationFacts } from '../charter/view.ts';
import type { DeviceId, Kid, Scope } from '../charter/ids.ts';
import type { Rotate } from '../charter/op-body.ts';
import type { Millis, Random } from '../ports.ts';
import type { ScopeKey } from './scope-key.ts';
import type { KeyAgreement, Wrap, WrapRecipient, WrapSecrets } from './wrap.ts';

export interface Rotation {
  readonly body: Rotate;
  readonly wraps: readonly Wrap[];
  readonly keys: readonly ScopeKey[];
}

/** Fresh keys for `scopes`, wrapped to `recipients` (own device included). Write `body` as an op, then send the wraps. */
export declare function makeRotation(
  view: CharterView,
  ask: { readonly scopes: readonly Scope[]; readonly recipients: readonly WrapRecipient[]; readonly rendezvous: Bytes },
  agreement: KeyAgreement,
  random: Random,
): Promise<Rotation>;

/** Keys a holder wraps for devices that a rotation missed or whose wrap was wrong. */
export declare function makeShare(
  view: CharterView,
  recipients: readonly WrapRecipient[],
  secrets: WrapSecrets,
  agreement: KeyAgreement,
): Promise<readonly Wrap[]>;

/** Keeps of opened secrets only keys that some standing rotation committed to. */
export declare function committedKeys(view: CharterView, secrets: WrapSecrets): readonly ScopeKey[];

/** The key to send under: the newest safe one that is held. */
export declare function sendingKey(
  view: CharterView,
  scope: Scope,
  held: ReadonlyMap<Kid, ScopeKey>,
): { readonly key: ScopeKey; readonly rotation: RotationFacts } | undefined;

/** No removed device is among its recipients. */
export declare function isSafe(view: CharterView, rotation: RotationFacts, scope: Scope): boolean;
/** Live devices that are not among its recipients; dormant ones are left out. */
export declare function lackingDevices(
  view: CharterView,
  rotation: RotationFacts,
  scope: Scope,
  dormant: ReadonlySet<DeviceId>,
): readonly DeviceId[];

export interface RotationUse {
  /** When the newest rotation was made or arrived, by our clock. */
  readonly since: Millis;
  /** Who made it. */
  readonly by: DeviceId;
  /** Messages of all devices seen under it. */
  readonly messages: number;
  /** Whether the other principal has said something since our principal's last rotation. */
  readonly turnChanged: boolean;
}

/** `must`: nothing may be sent before. `should`: at the next message. */
export type RotationDuty = 'must' | 'should' | 'none';
export declare function rotationDuty(
  view: CharterView,
  scope: Scope,
  held: ReadonlyMap<Kid, ScopeKey>,
  use: RotationUse | undefined,
  now: Millis,
): RotationDuty;
