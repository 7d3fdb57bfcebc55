// What an invitation's code says, without using it and without a vault.

import { decodeInvitationCode } from '#core/identity/invitation-code.ts';
import { safeName } from '#core/identity/names.ts';
import type { InvitationReading } from './group-api.ts';

/** Never `member-already`: that only a session knows. */
export function readInvitation(code: string): InvitationReading {
  const invitation = decodeInvitationCode(code);
  if (typeof invitation === 'string') return { is: invitation };
  // It ends when it is used up or withdrawn, which only the group's relay nodes can tell.
  return { is: 'invitation', groupName: safeName(invitation.groupName), expiresAt: undefined };
}
