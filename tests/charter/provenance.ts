// Follows every live grant back to the genesis by its ops alone: each step by somebody who had the right to make it.

import type { Charter } from '#core/charter/charter.ts';
import type { GrantId, OpId } from '#core/charter/ids.ts';
import type { OpBody } from '#core/charter/op-body.ts';
import type { Op } from '#core/charter/op.ts';
import type { Rules } from '#core/charter/rules.ts';
import { viewOf } from '#core/charter/view.ts';

/** Grants that are live and should not be, each with why. */
export function unfounded(charter: Charter): readonly string[] {
  const view = viewOf(charter);
  const trace = new Trace(charter);
  const live = [...(view?.group?.grants.values() ?? [])].filter(({ isLive }) => isLive);
  return live.flatMap(({ id, role }) => {
    const why = trace.flawOf(id);
    return why === undefined ? [] : [`${role ?? 'membership'}: ${why}`];
  });
}

class Trace {
  readonly #charter: Charter;
  readonly #known = new Map<GrantId, string | undefined>();

  constructor(charter: Charter) {
    this.#charter = charter;
  }

  /** Why a grant is not what it should be; `undefined` for one that is. */
  flawOf(grant: GrantId): string | undefined {
    if (!this.#known.has(grant)) {
      this.#known.set(grant, 'rests on itself');
      this.#known.set(grant, this.#look(grant));
    }
    return this.#known.get(grant);
  }

  #look(grant: GrantId): string | undefined {
    const id = grant.slice(0, 64) as OpId;
    const op = this.#op(id);
    if (op === undefined || viewOf(this.#charter)?.stands(id) !== true) return 'made by an op that does not stand';
    const { body } = op;
    switch (body.type) {
      case 'genesis':
        return undefined;
      case 'join':
        return this.#flawOfJoin(body);
      case 'grant':
        return this.#flawOfRight(op, rightsFor(body));
      case 'endorse':
        return this.#flawOfVote(op, body);
      default:
        return `made by a ${body.type}`;
    }
  }

  #flawOfJoin({ invite: id }: Extract<OpBody, { type: 'join' }>): string | undefined {
    const invite = this.#op(id);
    if (invite?.body.type !== 'invite' || viewOf(this.#charter)?.stands(id) !== true) return 'no standing invitation';
    const { role } = invite.body;
    return this.#flawOfRight(invite, ['invite', ...(role === undefined ? [] : [`grant:${role}`])]);
  }

  /** Every right is carried by a grant that the op cites, that is its author’s, and that is founded itself. */
  #flawOfRight(op: Op, rights: readonly string[]): string | undefined {
    const rules = this.#rulesOf(op.under);
    for (const right of rights) {
      if (rules?.members.some((each) => each === right) === true) continue;
      const carriers = op.auth.slice(2).filter((cited) => this.#carries(cited, right, rules));
      if (!carriers.some((cited) => this.flawOf(cited) === undefined)) return `nobody gave the right to ${right}`;
    }
    return this.flawOf(op.auth[0]!);
  }

  #carries(grant: GrantId, right: string, rules: Rules | undefined): boolean {
    const role = this.#roleOf(grant);
    return rules?.roles.some(({ id, can }) => id === role && can.some((each) => each === right)) === true;
  }

  #roleOf(grant: GrantId): string | undefined {
    return viewOf(this.#charter)?.group?.grants.get(grant)?.role;
  }

  #flawOfVote(op: Op, { proposal, counted }: Extract<OpBody, { type: 'endorse' }>): string | undefined {
    if (counted === undefined) return 'a vote that was not completed';
    const signatures = [op, this.#op(proposal), ...counted.map((id) => this.#op(id))];
    const signers = new Set<GrantId>();
    for (const signature of signatures) {
      if (signature === undefined) return 'a signature that is not here';
      const flaw = this.#flawOfRight(signature, ['vote']);
      // Who may only propose is not counted.
      if (flaw === undefined) signers.add(signature.auth[0]!);
      else if (signature !== signatures[1]) return flaw;
    }
    return signers.size > 0 ? undefined : 'nobody signed';
  }

  #rulesOf(under: OpId | undefined): Rules | undefined {
    const body = under === undefined ? undefined : this.#op(under)?.body;
    if (body?.type === 'charter') return body.rules;
    if (body?.type === 'genesis') return body.kind === 'group' ? body.rules : undefined;
    const proposed = body?.type === 'endorse' ? this.#op(body.proposal)?.body : undefined;
    return proposed?.type === 'propose' && proposed.act.type === 'charter' ? proposed.act.rules : undefined;
  }

  #op(id: OpId): Op | undefined {
    return this.#charter.ops.get(id)?.signed.op;
  }
}

function rightsFor(body: Extract<OpBody, { type: 'grant' }>): readonly string[] {
  return body.act === 'role' ? [`grant:${body.role}`] : ['admit', ...body.roles.map((role) => `grant:${role}`)];
}
