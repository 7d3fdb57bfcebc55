// Where content lives: with contacts, and in the scopes of groups that this person reads.

import { EVERYONE, type Scope, type SpaceId } from '#core/charter/ids.ts';
import type { ContentHome, ContentsPorts } from './contents.ts';
import { contentSpaceOf, pairContentSpace, spaceAndScope } from './documents/document-homes.ts';
import { hadRight } from './groups/group-rights.ts';
import type { GroupSpace } from './groups/group-space.ts';
import type { GroupBook } from './groups/groups.ts';
import type { Pair } from './people/pair.ts';

export interface WhereContentLives {
  readonly pairs: () => readonly Pair[];
  readonly pair: (space: SpaceId) => Pair | undefined;
  readonly groups: () => Pick<GroupBook, 'spaces' | 'space'>;
}

export function contentHomes({ pairs, pair, groups }: WhereContentLives): Pick<ContentsPorts, 'homes' | 'home'> {
  return {
    homes: () => [...pairs().map(homeOfPair), ...groups().spaces().flatMap(homesOfGroup)],
    home: (content) => {
      const { space, scope } = spaceAndScope(content);
      const known = pair(space);
      if (known !== undefined) return homeOfPair(known);
      const group = groups().space(space);
      return group === undefined ? undefined : homeInGroup(group, scope);
    },
  };
}

function homeOfPair(pair: Pair): ContentHome {
  const { replica, facts } = pair;
  const isShut = facts.blocked || pair.contact.current.state === 'void';
  const isNewer = pair.needsNewer || replica.view?.needsNewerVersion === true;
  return {
    space: pairContentSpace(pair.space),
    replica,
    scope: EVERYONE,
    mode: isShut ? 'shut' : isNewer ? 'newer' : 'write',
    nameOf: (device) => (replica.isMine(device) ? facts.myName : (facts.nickname ?? facts.theirName)),
    mightWrite: () => true,
  };
}

/** One for every member, and one for each role this person has. Who is out can still look at what everybody had. */
function homesOfGroup(group: GroupSpace): readonly ContentHome[] {
  const { view } = group.replica;
  if (view?.group === undefined || group.me === undefined) return [];
  const mode = modeIn(group);
  const scopes = [...view.group.scopes.keys()].filter((scope) => group.reads(scope));
  return scopes.map((scope) => homeIn(group, scope, mode));
}

function homeInGroup(group: GroupSpace, scope: Scope): ContentHome | undefined {
  const isThere = group.replica.view?.group?.scopes.has(scope) === true && group.me !== undefined;
  return isThere && group.reads(scope) ? homeIn(group, scope, modeIn(group)) : undefined;
}

function modeIn(group: GroupSpace): ContentHome['mode'] {
  if (group.standing === 'newer-version') return 'newer';
  return group.standing === 'in' && group.has('documents') ? 'write' : 'shut';
}

function homeIn(group: GroupSpace, scope: Scope, mode: ContentHome['mode']): ContentHome {
  const { replica } = group;
  return {
    space: contentSpaceOf(group.space, scope),
    replica,
    scope,
    mode,
    nameOf: (device) => {
      const principal = replica.principalOf(device);
      return principal === undefined ? '' : group.nameOf(principal);
    },
    mightWrite: (message) => hadRight(replica, message, 'documents'),
  };
}
