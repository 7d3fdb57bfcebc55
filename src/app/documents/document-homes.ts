// Where a document lives: with a contact, or with all readers of one scope of a group.

import { EVERYONE, type Scope, type SpaceId } from '#core/charter/ids.ts';
import { isRoleId, type RoleId } from '#core/charter/rules.ts';
import type { DocumentHome, GroupHome } from './document-api.ts';
import type { GroupId } from '../groups/group-api.ts';
import type { ContentSpace } from '../space-content.ts';
import type { ContactId } from '../talk/talk-api.ts';

export type HomeParts =
  | { readonly is: 'contact'; readonly contact: ContactId }
  | { readonly is: 'group'; readonly group: GroupId; readonly readers: RoleId | 'everyone' };

/** `group/role` or `group/everyone`. */
export function groupHome(group: GroupId, readers: RoleId | 'everyone'): GroupHome {
  return `${group}/${readers}` as GroupHome;
}

export function partsOfHome(home: DocumentHome): HomeParts {
  const [space, readers] = home.split('/');
  if (readers === undefined) return { is: 'contact', contact: home as ContactId };
  return {
    is: 'group',
    group: space as GroupId,
    readers: isRoleId(readers) ? readers : 'everyone',
  };
}

/** The content of one scope of a group. */
export function contentSpaceOf(space: SpaceId, scope: Scope): ContentSpace {
  return `${space}/${scope}` as ContentSpace;
}

/** The whole of a pair space has one scope, and is called by the space alone. */
export function pairContentSpace(space: SpaceId): ContentSpace {
  return space as string as ContentSpace;
}

/** The same names are used on both sides of the interface. */
export function homeOf(content: ContentSpace): DocumentHome {
  return content as string as DocumentHome;
}

export function contentOf(home: DocumentHome): ContentSpace {
  return home as string as ContentSpace;
}

/** The space and scope whose content is called so. */
export function spaceAndScope(content: ContentSpace): { readonly space: SpaceId; readonly scope: Scope } {
  const [space, scope] = content.split('/');
  return { space: space as SpaceId, scope: (scope ?? EVERYONE) as Scope };
}
