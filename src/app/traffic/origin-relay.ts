// The relay node this app came from, remembered so that it is known offline too.

import { findRelay } from '#adapters/network-libp2p/relay-lookup.ts';
import { textOf, utf8 } from '#core/bytes/bytes.ts';
import type { RelayAddress, Rows } from '#core/ports.ts';

const COLLECTION = 'origin-relay';
/** Opening a vault does not wait longer than this for a relay node that was never seen before. */
const FIRST_LOOK_MS = 3_000;

/** Never rejects; empty where the app came from a host that is no relay node. */
export async function originRelays(rows: Rows): Promise<readonly RelayAddress[]> {
  const remembered = await rows.get(COLLECTION, location.origin).catch(() => undefined);
  const known = remembered === undefined ? undefined : textOf(remembered);
  const looking = findRelay(location.origin, AbortSignal.timeout(FIRST_LOOK_MS)).then(
    async (found) => {
      const write = { collection: COLLECTION, id: location.origin, value: utf8(found) };
      if (found !== known) await rows.commit([write], 'relaxed').catch(() => undefined);
      return [found];
    },
    () => [],
  );
  return known === undefined ? looking : [known as RelayAddress];
}
