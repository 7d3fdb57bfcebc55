// A person's own devices in memory, for the screens.

import type {
  ConfirmAnswer,
  DeviceCodeReading,
  DeviceJoining,
  DeviceOffer,
  EndDeviceAnswer,
  OwnDevice,
  OwnDeviceId,
  OwnDevices,
  PaperState,
  ShowWordsAnswer,
} from '#app/api.ts';
import { LiveValue } from '#app/live-value.ts';
import { MINUTE, type Millis } from '#core/ports.ts';

export class MemoryOwnDevices implements OwnDevices {
  readonly list: LiveValue<readonly OwnDevice[]>;
  readonly offer = new LiveValue<DeviceOffer>({ is: 'none' });
  readonly paper = new LiveValue<PaperState>({ is: 'not-on-paper', isHere: true });
  readonly isEnded = new LiveValue(false);
  readonly joining = new LiveValue<DeviceJoining>({ is: 'none' });

  constructor(hasOthers: boolean) {
    const now = Date.now() as Millis;
    const common = { isEnded: false, addedAt: now, lastSeen: now, isNew: false };
    const here: OwnDevice = { ...common, id: 'here' as OwnDeviceId, name: 'Phone', isThis: true };
    const other: OwnDevice = { ...common, id: 'other' as OwnDeviceId, name: 'Kitchen laptop', isThis: false };
    this.list = new LiveValue<readonly OwnDevice[]>(hasOthers ? [here, { ...other, isNew: true }] : [here]);
  }

  showCode(passphrase: string): Promise<'shown' | 'wrong-passphrase'> {
    if (passphrase === 'wrong') return Promise.resolve('wrong-passphrase');
    this.offer.set({ is: 'open', code: 'dWQxAAAA', expiresAt: (Date.now() + 10 * MINUTE) as Millis });
    return Promise.resolve('shown');
  }

  withdrawCode(): Promise<void> {
    this.offer.set({ is: 'none' });
    return Promise.resolve();
  }

  confirm(): Promise<ConfirmAnswer> {
    this.offer.set({ is: 'added', name: 'Kitchen laptop' });
    return Promise.resolve('confirmed');
  }

  readCode(code: string): DeviceCodeReading {
    return code.includes('dWQ') ? { is: 'device-code', expiresAt: Date.now() as Millis } : { is: 'foreign' };
  }

  join(): Promise<'asked'> {
    this.joining.set({ is: 'asking', number: '1234 5678', until: Date.now() as Millis, isLeft: true });
    return Promise.resolve('asked');
  }

  cancelJoin(): Promise<void> {
    this.joining.set({ is: 'none' });
    return Promise.resolve();
  }

  showWords(passphrase: string): Promise<ShowWordsAnswer> {
    if (passphrase === 'wrong') return Promise.resolve({ is: 'wrong-passphrase' });
    return Promise.resolve({ is: 'words', words: Array.from({ length: 9 }, () => 'lusab') });
  }

  rehearse(words: string): Promise<'on-paper' | 'slip'> {
    if (words.includes('babab')) return Promise.resolve('slip');
    this.paper.set({ is: 'on-paper' });
    return Promise.resolve('on-paper');
  }

  end(id: OwnDeviceId): Promise<EndDeviceAnswer> {
    this.list.set(this.list.current.map((device) => (device.id === id ? { ...device, isEnded: true } : device)));
    return Promise.resolve({ is: 'ended', spaces: 3, left: 0 });
  }

  rename(name: string): Promise<void> {
    this.list.set(this.list.current.map((device) => (device.isThis ? { ...device, name } : device)));
    return Promise.resolve();
  }

  acknowledge(id: OwnDeviceId): Promise<void> {
    this.list.set(this.list.current.map((device) => (device.id === id ? { ...device, isNew: false } : device)));
    return Promise.resolve();
  }
}
