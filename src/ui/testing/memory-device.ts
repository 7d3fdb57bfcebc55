// A device in memory for looking at screens and for tests of components: no keys, no disk, no network.

import type { Device, DeviceState, RestoreAnswer, Session, UnlockAnswer } from '#app/api.ts';
import { LiveValue } from '#app/live-value.ts';
import { readInvitation } from './memory-groups.ts';
import { MemorySession } from './memory-session.ts';

/** Any passphrase opens but this one. */
export const WRONG = 'wrong passphrase';

export class MemoryDevice implements Device {
  readonly state: LiveValue<DeviceState>;
  readonly #messages: number;

  constructor(begin: string, messages: number) {
    this.#messages = messages;
    const is = { locked: 'locked', elsewhere: 'elsewhere', gone: 'gone' }[begin];
    this.state = new LiveValue<DeviceState>({ is: 'empty' });
    if (begin === 'open') this.#open(messages);
    else if (begin === 'nobody') this.#open(0);
    else if (is !== undefined) this.state.set({ is } as DeviceState);
  }

  async create(): Promise<'open'> {
    await this.#work('create');
    this.#open(0);
    return 'open';
  }

  async unlock(passphrase: string): Promise<UnlockAnswer> {
    await this.#work('unlock');
    if (passphrase === WRONG) {
      this.state.set({ is: 'locked' });
      return 'wrong-passphrase';
    }
    this.#open(this.#messages);
    return 'open';
  }

  async restore(backup: Uint8Array, backupPassphrase: string): Promise<RestoreAnswer> {
    await this.#work('restore');
    if (backup.length > 0 && backupPassphrase !== WRONG) {
      this.#open(this.#messages);
      return 'open';
    }
    this.state.set({ is: 'empty' });
    return backup.length === 0 ? 'not-a-backup' : 'wrong-passphrase';
  }

  erase(): Promise<void> {
    this.state.set({ is: 'empty' });
    return Promise.resolve();
  }

  lock(): Promise<void> {
    this.state.set({ is: 'locked' });
    return Promise.resolve();
  }

  takeOver(): Promise<void> {
    this.state.set({ is: 'locked' });
    return Promise.resolve();
  }

  readInvitation(code: string): ReturnType<NonNullable<Device['readInvitation']>> {
    return Promise.resolve(readInvitation(code));
  }

  #open(messages: number): void {
    const session: Session = new MemorySession(messages);
    this.state.set({ is: 'open', session });
  }

  async #work(on: 'create' | 'unlock' | 'restore'): Promise<void> {
    for (const progress of [0.1, 0.4, 0.7, 1]) {
      this.state.set({ is: 'working', on, progress });
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
  }
}
