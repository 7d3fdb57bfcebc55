// Does what may be done alone, or puts it to the vote.

import type { Answer, Group, ProposedAct } from '#app/groups/group-api.ts';

export function performAlone(group: Group, act: ProposedAct): Promise<Answer> {
  switch (act.do) {
    case 'remove':
      return group.remove(act.person);
    case 'give-role':
      return group.giveRole(act.person, act.role);
    case 'take-role':
      return group.takeRole(act.person, act.role);
    case 'change-rules':
      return group.changeRules(act.rules);
    case 'admit':
      return group.vouch(act.knock);
    case 'succeed':
      return Promise.resolve('not-allowed');
  }
}
