// Small answers of a group's interface: names as they are sent, words for what could not be done.

import type { Scope } from '#core/charter/ids.ts';
import type { PlainRight } from '#core/charter/rules.ts';
import { safeName } from '#core/identity/names.ts';
import { sendingKey } from '#core/keys/rotation.ts';
import { MAX_NAME_BYTES, shortened } from '#core/wire/text.ts';
import type { SayResult } from '../traffic/space-host.ts';
import type { ProposedAct, Refusal } from './group-api.ts';
import type { Replica } from '../space/replica.ts';

/** Those of some scopes whose key this device holds and under which something was said. */
export function usedScopes({ view, keys }: Replica, scopes: readonly Scope[]): readonly Scope[] {
  const held = keys.scopeKeys();
  return scopes.filter((scope) => {
    const kid = sendingKey(view!, scope, held)?.key.kid;
    return kid !== undefined && (keys.held.get(kid)?.messages ?? 0) > 0;
  });
}

/** The first key of a role is made when somebody first has something to say there. */
export function isKnownScope({ view }: Replica): (scope: Scope) => boolean {
  return (scope) => view?.rotations.some(({ scopes }) => scopes.some((rotated) => rotated.scope === scope)) === true;
}

export function isPlain(act: ProposedAct | { readonly do: PlainRight }): act is { readonly do: PlainRight } {
  return !['remove', 'give-role', 'take-role', 'change-rules', 'admit', 'succeed'].includes(act.do);
}

export function refusalFor(said: SayResult): Refusal {
  switch (said) {
    case 'newer':
      return 'newer-version';
    case 'no-room':
    case 'closed':
      return 'no-room';
    default:
      return 'gone';
  }
}

/** A name as it will be sent: what others would strip is stripped here, so that all see the same. */
export function ownName(name: string): string {
  return shortened(safeName(name), MAX_NAME_BYTES);
}
