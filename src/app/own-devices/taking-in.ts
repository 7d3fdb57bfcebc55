// The device that is there already: shows a code, hears who asks, and lets it in when the person typed the number that
// the new device shows.
//
// Invariants
// 1. A code lives in memory, for minutes, for one request: a second one ends it, whoever sent it.
// 2. Nothing secret leaves before the right number was typed and the person had a moment to stop it.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, GrantId } from '#core/charter/ids.ts';
import { deviceProofBytes } from '#core/charter/op.ts';
import type { Seed, Signature, SigningKey } from '#core/crypto/suite.ts';
import { deviceCodeText, deviceCodeTopicSeed, makeDeviceCode, type DeviceCode } from '#core/identity/device-code.ts';
import { deviceNumber, tryOpenDeviceRequest, type DeviceRequest } from '#core/identity/device-request.ts';
import { safeName } from '#core/identity/names.ts';
import { decodeSignedRecord, verifyRecord, type SignedRecord } from '#core/keys/device-record.ts';
import { topicKeyOf } from '#core/mailbox/topic-key.ts';
import { MINUTE, SECOND, type Millis, type RelayAddress } from '#core/ports.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { bytesOfId } from '#core/charter/op.ts';
import type { ConfirmAnswer, DeviceOffer, ShowCodeAnswer } from '../api.ts';
import { LiveValue } from '../live-value.ts';
import type { WantedTopic } from '../traffic/mail-in.ts';
import { writeOwnOp } from '../space/own-ops.ts';
import { rotate } from '../space/rotate.ts';
import type { OwnDevicesPorts } from './own-devices-ports.ts';
import type { Siblings } from './siblings.ts';

/** Long enough to walk to the other device, short enough that a photograph of the screen is worth little. */
const CODE_LIVES = (10 * MINUTE) as Millis;
/** Between the number and the letting in, to stop it. Somebody who was talked into it may think again. */
export const STOP_WITHIN = (5 * SECOND) as Millis;
const TRIES = 3;
const MAX_CODE_RELAYS = 4;
/** Requests kept at a time: two of different devices already end the code. */
const MAX_REQUESTS_LOOKED_AT = 16;

interface Shown {
  readonly code: DeviceCode;
  readonly seed: Seed;
  request: DeviceRequest | undefined;
  record: SignedRecord | undefined;
  looked: number;
  triesLeft: number;
  cancel: () => void;
}

export class TakingIn {
  readonly offer = new LiveValue<DeviceOffer>({ is: 'none' });
  readonly #ports: OwnDevicesPorts;
  readonly #siblings: Siblings;
  #shown: Shown | undefined;

  constructor(ports: OwnDevicesPorts, siblings: Siblings) {
    this.#ports = ports;
    this.#siblings = siblings;
  }

  async showCode(passphrase: string): Promise<ShowCodeAnswer> {
    const { askPassphrase, queue, disk, relays } = this.#ports;
    if ((await askPassphrase(passphrase)) === undefined) return 'wrong-passphrase';
    if (relays().length === 0) return 'no-relay';
    if (disk.state !== 'well') return 'no-room';
    await queue.run(() => this.#show());
    return 'shown';
  }

  async withdraw(): Promise<void> {
    await this.#ports.queue.run(() => this.#end({ is: 'none' }));
  }

  confirm(number: string): Promise<ConfirmAnswer> {
    return this.#ports.queue.run(() => this.#confirm(number));
  }

  isOwn(code: DeviceCode): boolean {
    return this.#shown?.code.id === code.id || hex.encode(code.space) === this.#ports.self().identity.space;
  }

  relays(): readonly RelayAddress[] {
    return this.#shown?.code.relays ?? [];
  }

  async topics(relay: RelayAddress): Promise<readonly WantedTopic[]> {
    const shown = this.#shown;
    if (shown === undefined || !shown.code.relays.includes(relay)) return [];
    const key = await topicKeyOf(this.#ports.context.suite, deviceCodeTopicSeed(shown.code));
    return [{ key, onblob: (blob) => this.#hear(shown, blob) }];
  }

  close(): void {
    this.#shown?.cancel();
    this.#shown = undefined;
  }

  async #show(): Promise<void> {
    const { context, self, relays, clock, queue, engine } = this.#ports;
    this.#shown?.cancel();
    const seed = context.random.bytes(32) as Seed;
    const until = (clock.now() + CODE_LIVES) as Millis;
    const code = makeDeviceCode({
      space: bytesOfId(self().identity.space),
      sealingKey: await context.suite.sealingKeyOf(seed, 2),
      secret: context.random.bytes(32),
      relays: relays().slice(0, MAX_CODE_RELAYS),
      until,
    });
    const expire = (): void => void queue.run(() => this.#end({ is: 'over', why: 'expired' }));
    const cancel = clock.after(CODE_LIVES, expire);
    this.#shown = { code, seed, request: undefined, record: undefined, looked: 0, triesLeft: TRIES, cancel };
    this.offer.set({ is: 'open', code: deviceCodeText(code), expiresAt: until });
    engine.wantRelays();
  }

  #end(offer: DeviceOffer): void {
    this.#shown?.cancel();
    this.#shown?.seed.fill(0);
    this.#shown = undefined;
    this.offer.set(offer);
    this.#ports.engine.wantRelays();
  }

  async #hear(shown: Shown, blob: Bytes): Promise<void> {
    if (this.#shown !== shown || shown.looked >= MAX_REQUESTS_LOOKED_AT) return;
    shown.looked++;
    const { suite } = this.#ports.context;
    const request = await tryOpenDeviceRequest(suite, shown.code, { blob, seed: shown.seed });
    const record = request === undefined ? undefined : await this.#checked(request);
    if (request === undefined || record === undefined) return;
    if (shown.request !== undefined) {
      const isSame = hex.encode(shown.request.device) === hex.encode(request.device);
      if (!isSame) this.#end({ is: 'over', why: 'asked-twice' });
      return;
    }
    shown.request = request;
    shown.record = record;
    this.offer.set({ is: 'asked', name: safeName(request.name), expiresAt: shown.code.until });
  }

  /** Its record, if the key it names is its own, fit to be granted anything, and wants to be of this space. */
  async #checked(request: DeviceRequest): Promise<SignedRecord | undefined> {
    const { context, self } = this.#ports;
    const { me, identity } = self();
    const key = request.device as Bytes as SigningKey;
    if (me === undefined || !context.suite.isAcceptableKey(key)) return undefined;
    const wanted = deviceProofBytes(identity.space, me.principal);
    if (!(await context.suite.verify('deviceProof', wanted, request.proof, key))) return undefined;
    try {
      const signed = decodeSignedRecord(request.record);
      const isOfIt = signed.record.space === identity.space && signed.record.device === hex.encode(key);
      return isOfIt && (await verifyRecord(signed, context.suite)) ? signed : undefined;
    } catch (cause) {
      if (cause instanceof WireError) return undefined;
      throw cause;
    }
  }

  #confirm(number: string): ConfirmAnswer {
    const shown = this.#shown;
    if (shown?.request === undefined || this.offer.current.is !== 'asked') return 'over';
    if (digitsOf(number) !== digitsOf(deviceNumber(shown.code, shown.request))) {
      shown.triesLeft--;
      if (shown.triesLeft > 0) return 'wrong-number';
      this.#end({ is: 'over', why: 'wrong-number' });
      return 'over';
    }
    const { clock, queue } = this.#ports;
    shown.cancel();
    shown.cancel = clock.after(STOP_WITHIN, () => void queue.run(() => this.#letIn(shown)));
    const at = (clock.now() + STOP_WITHIN) as Millis;
    this.offer.set({ is: 'confirmed', name: safeName(shown.request.name), at });
    return 'confirmed';
  }

  async #letIn(shown: Shown): Promise<void> {
    const { request, record } = shown;
    if (this.#shown !== shown || request === undefined || record === undefined) return;
    const { self, disk, engine, relays } = this.#ports;
    const replica = self();
    const { me } = replica;
    if (me?.isLive !== true || disk.state !== 'well') {
      this.#end({ is: 'over', why: 'no-room' });
      return;
    }
    const device = hex.encode(request.device) as DeviceId;
    const proof = request.proof as Bytes as Signature;
    replica.peers.noteHeard(device, disk);
    // The two must find each other again after this code is gone.
    const wanted = relays().slice(0, MAX_CODE_RELAYS);
    if (wanted.join() !== replica.view?.relays.join()) await writeOwnOp(replica, { type: 'relays', relays: wanted });
    await writeOwnOp(replica, { type: 'device', act: 'add', device, proof, recovery: undefined });
    replica.putRecord(record);
    const parcel = await rotate(replica);
    replica.save();
    engine.push(replica, { parcel, hasOps: true });
    const name = safeName(request.name);
    if (this.#siblings.myName === undefined) await this.#siblings.introduce('');
    await this.#siblings.letIn({ device, name, sealingKey: request.sealingKey });
    this.#shown = undefined;
    disk.hurry();
    engine.wantRelays();
    // Said when it is so: a page that closes now must not leave a device that believes it is in.
    engine.noteDurable(replica, (outcome) => {
      this.offer.set(outcome === 'saved' ? { is: 'added', name } : { is: 'over', why: 'no-room' });
    });
  }
}

/** People type spaces where they see them, and digits of their own script. */
function digitsOf(text: string): string {
  const digits = [...text].map((char) => {
    const code = char.codePointAt(0)!;
    if (code >= 0x660 && code <= 0x669) return String(code - 0x660);
    return code >= 0x6f0 && code <= 0x6f9 ? String(code - 0x6f0) : char;
  });
  return digits.join('').replace(/[^0-9]/gu, '');
}

/** The principal of whoever made a self space; the only one it has. */
export function selfPrincipal(space: string): GrantId {
  return `${space}00` as GrantId;
}
