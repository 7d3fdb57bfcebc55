// What a person does in a group, as the op that does it; nothing that would have no effect is written.

import type { Charter } from '#core/charter/charter.ts';
import type { Proposable } from '#core/charter/decision-body.ts';
import type { GroupFacts } from '#core/charter/group-facts.ts';
import type { DeviceId, GrantId, OpId, PrincipalId } from '#core/charter/ids.ts';
import { refusalOf } from '#core/charter/may.ts';
import type { RoleId } from '#core/charter/rules.ts';
import type { Writable } from '#core/charter/write-op.ts';
import type { May, ProposedAct } from './group-api.ts';
import { principalOf } from './group-words.ts';
import type { Replica } from '../space/replica.ts';
import { revokeBody, rulesBody } from '../space/revoking.ts';

/** The grants of a role that somebody holds now. */
function roleGrants(group: GroupFacts, principal: PrincipalId, role: RoleId): readonly GrantId[] {
  const held = group.members.get(principal)?.roles ?? [];
  return held.filter((id) => group.grants.get(id)?.role === role);
}

/** The ops that do it: taking a role ends each grant of it. `undefined`: there is nothing to do. */
export function bodiesOf(replica: Replica, act: ProposedAct): readonly (Writable & Proposable)[] | undefined {
  const group = replica.view?.group;
  if (group === undefined) return undefined;
  switch (act.do) {
    case 'remove': {
      const person = principalOf(act.person);
      return group.members.get(person)?.isLive === true ? [revokeBody(replica, person)] : undefined;
    }
    case 'give-role':
    case 'succeed': {
      const person = principalOf(act.person);
      if (group.members.get(person)?.isLive !== true || roleGrants(group, person, act.role).length > 0)
        return undefined;
      return [{ type: 'grant', act: 'role', on: person, role: act.role }];
    }
    case 'take-role': {
      const person = principalOf(act.person);
      const grants = roleGrants(group, person, act.role);
      return grants.length === 0 ? undefined : grants.map((grant) => revokeBody(replica, grant));
    }
    case 'change-rules':
      return [rulesBody(replica, act.rules)];
    case 'admit':
      return undefined;
  }
}

/** Answers for one state of the charter: a screen asks the same of everybody in it. */
export class Permissions {
  readonly #known = new Map<string, May>();
  #of: Charter | undefined;

  may(replica: Replica, act: ProposedAct): May {
    if (this.#of !== replica.charter) {
      this.#known.clear();
      this.#of = replica.charter;
    }
    const key = JSON.stringify(act);
    let known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, (known = answer(replica, act)));
    return known;
  }
}

function answer(replica: Replica, act: ProposedAct): May {
  const bodies = bodiesOf(replica, act);
  if (bodies === undefined) return 'no';
  const { charter, identity } = replica;
  // A succession is a vote by what it means: nobody makes themselves one's successor.
  if (act.do !== 'succeed' && bodies.every((body) => refusalOf(charter, identity.device, body) === undefined)) {
    return 'yes';
  }
  return bodies.every((body) => mayPropose(charter, identity.device, body)) ? 'vote' : 'no';
}

export function mayPropose(charter: Charter, device: DeviceId, act: Proposable): boolean {
  return refusalOf(charter, device, { type: 'propose', act }) === undefined;
}

/** The endorsement that one signature more needs: with the list, if it is the last. */
export function endorsementOf(group: GroupFacts, proposal: OpId, me: PrincipalId): Writable | undefined {
  const facts = group.proposals.find(({ op }) => op === proposal);
  if (facts === undefined || !facts.isOpen) return undefined;
  const isFresh = facts.mayStillSign.includes(me);
  // All have signed, each without knowing of the last: any signer may say so.
  const isLast = facts.missing === 0 || (isFresh && facts.missing === 1);
  if (!isFresh && !(isLast && facts.signers.includes(me))) return undefined;
  return { type: 'endorse', proposal, ...(isLast ? { counted: facts.endorsements } : {}) };
}
