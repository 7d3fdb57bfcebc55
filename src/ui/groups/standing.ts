// Where one stands with a group one has not been in yet.

import type { GroupEntry } from '#app/groups/group-api.ts';

const OUTSIDE: readonly GroupEntry['state'][] = ['waiting', 'knocking', 'used-up', 'withdrawn', 'refused', 'expired'];

/** Nothing of the group is here: only that one waits, or why in vain. */
export function isOutside(standing: GroupEntry['state']): boolean {
  return OUTSIDE.includes(standing);
}
