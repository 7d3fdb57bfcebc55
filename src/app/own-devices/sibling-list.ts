// A person's devices as they are shown: those of the self space that this one knows of.

import type { DeviceId } from '#core/charter/ids.ts';
import type { Millis } from '#core/ports.ts';
import type { OwnDevice, OwnDeviceId } from '../api.ts';
import type { Replica } from '../space/replica.ts';
import type { Sibling } from './sibling-rows.ts';

export function listOf(
  self: Replica,
  siblings: ReadonlyMap<DeviceId, Sibling>,
  at: { readonly now: Millis; readonly isLinked: (device: DeviceId) => boolean },
): readonly OwnDevice[] {
  const own = self.identity.device;
  const devices = [...(self.view?.devices.values() ?? [])];
  // Spares in backups are in the charter too, and nobody's device until one is restored.
  const shown = devices.filter(({ device }) => device === own || siblings.has(device));
  return shown.map(({ device, isLive }): OwnDevice => {
    const known = siblings.get(device);
    const isThis = device === own;
    return {
      id: device as string as OwnDeviceId,
      name: known?.name ?? '',
      isThis,
      isEnded: !isLive,
      addedAt: known?.addedAt ?? at.now,
      lastSeen: isThis || at.isLinked(device) ? at.now : known?.lastSeen,
      isNew: !isThis && isLive && known?.isKnown === false,
    };
  });
}

export function sameList(a: readonly OwnDevice[], b: readonly OwnDevice[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((device, i) => {
    const other = b[i]!;
    const isSame = device.id === other.id && device.name === other.name && device.isEnded === other.isEnded;
    return isSame && device.isNew === other.isNew && device.lastSeen === other.lastSeen;
  });
}
