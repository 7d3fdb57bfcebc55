// What the code of an invitation, or of a group's door, says, without using it and without a vault.

import { decodeInvitationCode } from '#core/identity/invitation-code.ts';
import { safeName, safeText } from '#core/identity/names.ts';
import { decodeDoorCode } from '#core/knocks/door.ts';
import { decodeOutsideCardCode } from '#core/neighbours/card-code.ts';
import type { InvitationReading } from '../groups/group-api.ts';

/** Never `member-already` or, for a door, `expired`: that only a session knows. */
export function readInvitation(code: string): InvitationReading {
  const invitation = decodeInvitationCode(code);
  // It ends when it is used up or withdrawn, which only the group's relay nodes can tell.
  if (typeof invitation !== 'string')
    return { is: 'invitation', groupName: safeName(invitation.groupName), expiresAt: undefined };
  const card = invitation === 'foreign' ? decodeOutsideCardCode(code) : 'foreign';
  if (typeof card !== 'string') return { is: 'outside-card', groupName: safeName(card.card.name) };
  const door = decodeDoorCode(code);
  if (typeof door === 'string') return { is: [invitation, door, card].find((is) => is !== 'foreign') ?? 'foreign' };
  return { is: 'group-card', groupName: safeName(door.groupName), questions: door.questions.map(safeText) };
}
