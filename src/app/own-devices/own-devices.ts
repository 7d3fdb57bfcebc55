// A person's own devices as screens see them (api.ts).

import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import { decodeCardCode } from '#core/identity/card-code.ts';
import { decodeDeviceCode } from '#core/identity/device-code.ts';
import { safeName } from '#core/identity/names.ts';
import type { RelayAddress } from '#core/ports.ts';
import { MAX_NAME_BYTES, shortened } from '#core/wire/text.ts';
import type {
  ConfirmAnswer,
  DeviceCodeReading,
  EndDeviceAnswer,
  JoinProblem,
  OwnDeviceId,
  OwnDevices,
  ShowCodeAnswer,
  ShowWordsAnswer,
  WordsProblem,
} from '../api.ts';
import type { WantedTopic } from '../traffic/mail-in.ts';
import { LiveValue } from '../live-value.ts';
import { endDevice } from './ending.ts';
import { Joining } from './joining.ts';
import type { OwnDevicesPorts } from './own-devices-ports.ts';
import { loadOwnRows } from './own-rows.ts';
import type { Recovery } from './recovery.ts';
import { Siblings } from './siblings.ts';
import { TakingIn } from './taking-in.ts';

export class OwnDevicesBook implements OwnDevices {
  readonly siblings: Siblings;
  readonly isEnded = new LiveValue(false);
  readonly #ports: OwnDevicesPorts;
  readonly #takingIn: TakingIn;
  readonly #joining: Joining;
  #isLoaded = false;

  constructor(ports: OwnDevicesPorts) {
    this.#ports = ports;
    this.siblings = new Siblings(ports);
    this.#takingIn = new TakingIn(ports, this.siblings);
    this.#joining = new Joining(ports, this.siblings);
  }

  get paper(): Recovery['live'] {
    return this.#ports.recovery.live;
  }

  get list(): Siblings['list'] {
    return this.siblings.list;
  }

  get offer(): TakingIn['offer'] {
    return this.#takingIn.offer;
  }

  get joining(): Joining['live'] {
    return this.#joining.live;
  }

  /** Reads its rows while `spaces` are being read. */
  async load(spaces: Promise<void>): Promise<void> {
    const [rows] = await Promise.all([loadOwnRows(this.#ports.rows), spaces]);
    await this.siblings.load(rows);
    this.#isLoaded = true;
    this.#joining.load(rows.join);
    this.siblings.list.subscribe(() => this.lookEnded());
    this.lookEnded();
    this.#ports.recovery.nameEverywhere();
    await this.#ports.queue.run(() => this.siblings.introduceRestored());
  }

  /** Told by another device, over a link or by mail. */
  lookEnded(): void {
    if (!this.#isLoaded) return;
    // In a group it is told again and again; of the other spaces a relay node may have lost the only word.
    const { self, pairs, groupReplicas } = this.#ports;
    const replicas = [self(), ...pairs().map(({ replica }) => replica), ...groupReplicas()];
    const isEnded = replicas.some(({ me }) => me?.isLive === false && me.ends.length > 0 && !me.isFrozen);
    if (isEnded !== this.isEnded.current) this.isEnded.set(isEnded);
  }

  close(): void {
    this.siblings.close();
    this.#takingIn.close();
  }

  /** Relay nodes at which somebody may ask, or an answer is awaited. */
  relays(): readonly RelayAddress[] {
    return [...this.#takingIn.relays(), ...this.#joining.relays()];
  }

  topics(relay: RelayAddress): Promise<readonly WantedTopic[]> {
    return this.#takingIn.topics(relay);
  }

  deliver(): Promise<void> {
    return this.#joining.deliver();
  }

  /** A contact was made on this device, or a group founded or entered. Part of an event. */
  made(space: SpaceId): void {
    // Whoever came in by a knock had no op of their own to name it with; before other devices get the space.
    this.#ports.recovery.nameLater(space);
    this.siblings.made(space);
  }

  showCode(passphrase: string): Promise<ShowCodeAnswer> {
    return this.#takingIn.showCode(passphrase);
  }

  withdrawCode(): Promise<void> {
    return this.#takingIn.withdraw();
  }

  confirm(number: string): Promise<ConfirmAnswer> {
    return this.#takingIn.confirm(number);
  }

  readCode(text: string): DeviceCodeReading {
    const code = decodeDeviceCode(text);
    if (typeof code === 'string') {
      return { is: code === 'foreign' && typeof decodeCardCode(text) !== 'string' ? 'contact-card' : code };
    }
    if (this.#takingIn.isOwn(code)) return { is: 'own-code' };
    return code.until <= this.#ports.clock.now() ? { is: 'expired' } : { is: 'device-code', expiresAt: code.until };
  }

  async join(text: string, name: string): Promise<'asked' | JoinProblem> {
    const reading = this.readCode(text);
    return reading.is === 'device-code' ? this.#joining.join(text, ownName(name)) : reading.is;
  }

  cancelJoin(): Promise<void> {
    return this.#joining.cancel();
  }

  showWords(passphrase: string): Promise<ShowWordsAnswer> {
    return this.#ports.recovery.showWords(passphrase);
  }

  rehearse(words: string): Promise<'on-paper' | WordsProblem> {
    return this.#ports.recovery.rehearse(words);
  }

  end(device: OwnDeviceId, words: string): Promise<EndDeviceAnswer> {
    const asked = { device: device as string as DeviceId, words };
    return endDevice({ ports: this.#ports, recovery: this.#ports.recovery, siblings: this.siblings }, asked);
  }

  async rename(name: string): Promise<void> {
    await this.#ports.queue.run(() => this.siblings.introduce(ownName(name)));
    await this.#ports.disk.flush();
  }

  async acknowledge(device: OwnDeviceId): Promise<void> {
    await this.#ports.queue.run(() => this.siblings.acknowledge(device as string as DeviceId));
    await this.#ports.disk.flush();
  }
}

function ownName(name: string): string {
  return shortened(safeName(name), MAX_NAME_BYTES);
}
