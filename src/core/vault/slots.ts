// Slots: each wraps the storage key of one region under a passphrase, or is random and looks the same.

import { concat, utf8, wipe, type Bytes } from '../bytes/bytes.ts';
import type { Brand } from '../bytes/brand.ts';
import { derive } from '../crypto/hash.ts';
import type { Random } from '../ports.ts';
import { SLOTS, SLOT_BYTES, VAULT_VERSION, type VaultHeader } from './vault-header.ts';

/** 32 bytes from which all keys of one region are derived. */
export type StorageKey = Brand<Bytes, 'StorageKey'>;

/** 0 is the main region, 1 to 3 the hidden ones. */
export type Region = 0 | 1 | 2 | 3;

export interface OpenSlot {
  readonly slot: number;
  readonly region: Region;
  readonly storageKey: StorageKey;
}

const NONCE_BYTES = 12;
const RESERVED_BYTES = 15;

/** What a slot holds when no passphrase opens it. */
export function randomSlot(random: Random): Bytes {
  return random.bytes(SLOT_BYTES);
}

/** `stretched` is what Argon2id made of the passphrase and the header's salt. */
export async function sealSlot(stretched: Bytes, salt: Bytes, content: OpenSlot, random: Random): Promise<Bytes> {
  const nonce = random.bytes(NONCE_BYTES);
  const plain = concat(new Uint8Array([content.region]), new Uint8Array(RESERVED_BYTES), content.storageKey);
  const { key, associated } = await slotKey(stretched, salt, content.slot, 'encrypt');
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: associated }, key, plain);
  wipe(plain);
  return concat(nonce, new Uint8Array(sealed));
}

/**
 * Tries every slot, whatever the others said, so that the time tells neither whether a passphrase was right nor which
 * slot it opened. Of two slots that open under one passphrase the first counts; making that happen is refused earlier.
 */
export async function openSlots(stretched: Bytes, header: VaultHeader): Promise<OpenSlot | undefined> {
  const tried: (OpenSlot | undefined)[] = [];
  for (let slot = 0; slot < SLOTS; slot++) {
    tried.push(await trySlot(stretched, header, slot));
  }
  return tried.find((slot) => slot !== undefined);
}

async function trySlot(stretched: Bytes, header: VaultHeader, slot: number): Promise<OpenSlot | undefined> {
  const { key, associated } = await slotKey(stretched, header.salt, slot, 'decrypt');
  const bytes = header.slots[slot]!;
  try {
    const iv = bytes.slice(0, NONCE_BYTES);
    const algorithm = { name: 'AES-GCM' as const, iv, additionalData: associated };
    const plain = new Uint8Array(await crypto.subtle.decrypt(algorithm, key, bytes.slice(NONCE_BYTES)));
    const region = plain[0]!;
    if (region > 3) return undefined;
    return { slot, region: region as Region, storageKey: plain.slice(1 + RESERVED_BYTES) as StorageKey };
  } catch {
    return undefined;
  }
}

async function slotKey(stretched: Bytes, salt: Bytes, slot: number, use: 'encrypt' | 'decrypt') {
  const number = new Uint8Array([slot]);
  const raw = derive(stretched, salt, 'vaultSlot', number);
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, [use]);
  wipe(raw);
  return { key, associated: concat(utf8('slot'), new Uint8Array([VAULT_VERSION]), salt, number) };
}
