// What a person is told about how well this device keeps what they have.

import type { Keeping } from './api.ts';

export function keepingOf(
  device: Omit<Keeping, 'full'> | undefined,
  here: Pick<Keeping, 'damagedRows' | 'full' | 'gone'>,
): Keeping {
  return {
    persisted: device?.persisted ?? false,
    lastBackup: device?.lastBackup,
    usedBytes: device?.usedBytes,
    allowedBytes: device?.allowedBytes,
    full: here.full,
    damagedRows: (device?.damagedRows ?? 0) + here.damagedRows,
    gone: here.gone || device?.gone === true,
  };
}
