// What the whole page shares: the device, a card that waits to be answered, news, and how things look.

import { createContext } from 'svelte';
import type { ContactId, Device, DeviceState, Session, Settings } from '#app/api.ts';
import type { GroupId } from '#app/groups/group-api.ts';
import { language } from '#ui/language/language.svelte.ts';
import { onCardCode, onDeviceCode } from '#ui/people/card-address.ts';
import { LiveView } from '#ui/shared/live-view.svelte.ts';
import { Toasts } from '#ui/shared/toasts.svelte.ts';
import { forgetPlaces } from './places.ts';
import { Theme } from './theme.svelte.ts';

/** A card or an invitation somebody gave us, from its link, a scan or pasted text, until it is answered or put aside. */
export interface PendingCard {
  readonly code: string;
  /** Given before there was a vault: the answer goes out as soon as there is one. */
  readonly myName: string | undefined;
}

/** A code by which another of the person's devices takes this one in, until it was used or put aside. */
export interface PendingDevice {
  readonly code: string;
  /** Given before there was a vault. */
  readonly name: string | undefined;
}

/** Screen readers take a sentence over when it comes; after that it may be of a message that was deleted meanwhile. */
const ANNOUNCED_MS = 5_000;

export class AppState {
  readonly toasts = new Toasts();
  readonly theme = new Theme();
  readonly #device: Device;
  readonly #state: LiveView<DeviceState>;
  pendingCard = $state.raw<PendingCard | undefined>();
  pendingDevice = $state.raw<PendingDevice | undefined>();
  /** Whose field for writing takes the focus when it opens: after answering a card or coming into a group. */
  writeNext: ContactId | GroupId | undefined;
  /** Read aloud by the page's live region. */
  announcement = $state('');
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(device: Device) {
    this.#device = device;
    this.#state = new LiveView(device.state);
    // What was read aloud may be a message: it stays no longer than the vault is open, whoever closes it.
    device.state.subscribe(() => {
      if (device.state.current.is !== 'open') this.announcement = '';
    });
    onCardCode((code) => (this.pendingCard = { code, myName: undefined }));
    onDeviceCode((code) => (this.pendingDevice = { code, name: undefined }));
  }

  get device(): Device {
    return this.#device;
  }

  get state(): DeviceState {
    return this.#state.current;
  }

  get session(): Session | undefined {
    const state = this.state;
    return state.is === 'open' ? state.session : undefined;
  }

  async lock(): Promise<void> {
    forgetPlaces();
    this.pendingCard = undefined;
    this.pendingDevice = undefined;
    await this.#device.lock();
  }

  /** What was chosen on this device counts; a vault restored on another brings its own choices along. */
  adopt(settings: Settings): void {
    language.adopt(settings.language);
    this.theme.adopt(settings.theme);
  }

  announce(text: string): void {
    // The same sentence twice in a row must be read twice.
    this.announcement = this.announcement === text ? `${text}\u00a0` : text;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => (this.announcement = ''), ANNOUNCED_MS);
  }
}

export const [getApp, setApp] = createContext<AppState>();
export const [getSession, setSession] = createContext<Session>();
