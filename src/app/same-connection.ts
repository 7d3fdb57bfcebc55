// Whether what a person is shown of the connection says the same as before. Asked after nearly every event.

import type { Connection } from './api.ts';

export function sameConnection(a: Connection, b: Connection): boolean {
  const isSame = <T>(one: readonly T[], other: readonly T[], same = Object.is as (x: T, y: T) => boolean): boolean =>
    one.length === other.length && one.every((item, i) => same(item, other[i]!));
  return (
    a.waiting === b.waiting &&
    isSame(a.directWith, b.directWith) &&
    isSame(a.relayedWith, b.relayedWith) &&
    isSame(a.relays, b.relays, (x, y) => x.address === y.address && x.state === y.state)
  );
}
