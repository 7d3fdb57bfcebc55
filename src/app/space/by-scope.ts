// Messages of a space by whom they are for: each scope has an order of its own.

import type { Scope } from '#core/charter/ids.ts';
import type { Message } from '#core/chain/message.ts';

/** Messages by scope, each in the order in which they were given. */
export function byScope(messages: readonly Message[]): ReadonlyMap<Scope, readonly Message[]> {
  const scopes = new Map<Scope, Message[]>();
  for (const message of messages) {
    const known = scopes.get(message.header.scope);
    if (known === undefined) scopes.set(message.header.scope, [message]);
    else known.push(message);
  }
  return scopes;
}
