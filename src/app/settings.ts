// What a person may change about the app, each with its default and why, and how it rests.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { RelayAddress, Rows } from '#core/ports.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { fields, textField } from '#core/wire/fields.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { Settings } from './api.ts';
import type { Disk } from './disk.ts';

const COLLECTION = 'settings';
/** Long enough to read a letter, short enough that a phone left on a table locks itself. 0 … 1,440. */
const LOCK_AFTER_MINUTES = 15;
const MAX_LOCK_MINUTES = 1_440;
const MAX_RELAYS = 16;

export function defaultSettings(relays: readonly RelayAddress[]): Settings {
  return { lockAfterMinutes: LOCK_AFTER_MINUTES, relays, theme: 'auto', language: undefined };
}

export async function loadSettings(rows: Rows, relays: readonly RelayAddress[]): Promise<Settings> {
  const stored = await rows.get(COLLECTION, 'all');
  return stored === undefined ? defaultSettings(relays) : readSettings(stored, relays);
}

/** Settings as a row spells them; the defaults where it is damaged. */
export function readSettings(stored: Uint8Array, relays: readonly RelayAddress[]): Settings {
  const defaults = defaultSettings(relays);
  try {
    const row = fields(decode(stored, 'settings row', 20_000), 'settings row');
    const chosen = row.value('relays');
    const list =
      chosen === null ? relays : row.list('relays', MAX_RELAYS).map((item) => textField(item, 'settings', 1_000));
    const settings: Settings = {
      lockAfterMinutes: row.uint('lockAfterMinutes', MAX_LOCK_MINUTES),
      relays: list,
      theme: row.oneOf('theme', ['auto', 'dark', 'light']),
      language: row.value('language') === null ? undefined : row.text('language', 40),
    };
    row.end();
    return settings;
  } catch (cause) {
    if (cause instanceof WireError) return defaults;
    throw cause;
  }
}

export function putSettings(disk: Disk, settings: Settings): void {
  disk.put(COLLECTION, 'all', spellSettings(settings));
}

export function spellSettings(settings: Settings): Bytes {
  return encode({
    lockAfterMinutes: settings.lockAfterMinutes,
    relays: settings.relays,
    theme: settings.theme,
    language: settings.language ?? null,
  });
}
