// Samples of src/core/vault.
import { encodeBackupContent } from '#core/vault/backup-content.ts';
import { encodeVaultHeader, SLOT_BYTES, SLOTS, withHeaderChecksum } from '#core/vault/vault-header.ts';
import { filler, type StructureSamples } from './sample.ts';

const slots = Array.from({ length: SLOTS }, (_, slot) => filler(SLOT_BYTES, slot));
const header = encodeVaultHeader({ salt: filler(32), slots });
const content = encodeBackupContent(filler(40));

const changedAt = (bytes: Uint8Array, at: number, value: number): Uint8Array<ArrayBuffer> => {
  const changed = new Uint8Array(bytes);
  changed[at] = value;
  return changed;
};

export const vaultSamples: Readonly<Record<string, StructureSamples>> = {
  'vault-header': {
    spec: 'vault/SPEC.md §3',
    accept: [{ name: 'four slots', bytes: header }],
    refuse: [
      { name: 'a flipped bit', bytes: changedAt(header, 40, header[40]! ^ 1) },
      { name: 'a newer version', bytes: withHeaderChecksum(changedAt(header, 0, 2)) },
      { name: 'a version byte that was flipped', bytes: changedAt(header, 0, 3) },
      { name: 'three slots', bytes: withHeaderChecksum(header.slice(0, -SLOT_BYTES)) },
      { name: 'five slots', bytes: withHeaderChecksum(new Uint8Array([...header, ...filler(SLOT_BYTES)])) },
    ],
  },
  'backup-content': {
    spec: 'vault/SPEC.md §6',
    accept: [
      { name: 'a short state', bytes: content },
      { name: 'no state', bytes: encodeBackupContent(new Uint8Array(0)) },
      { name: 'longer than the smallest size', bytes: encodeBackupContent(filler(4_200)) },
    ],
    refuse: [
      { name: 'a newer version', bytes: changedAt(content, 18, 0x32) },
      { name: 'a length past the end', bytes: changedAt(content, 20, 1) },
      { name: 'something in the filling', bytes: changedAt(content, content.length - 1, 1) },
      { name: 'another family', bytes: changedAt(content, 0, 0x55) },
    ],
  },
};
