// The oracle’s state: who is in, who holds what, which rules are in force, by the ops that stand (SPEC §4.5).

import type { DeviceId, GrantId, OpId, PrincipalId } from '#core/charter/ids.ts';
import type { Rules } from '#core/charter/rules.ts';
import { byOrder, givenBy, makerOf, rulesOf, type Given, type Known, type Log } from './oracle-log.ts';
import { aimOf, carries, compareRanks, isSteward } from './oracle-rank.ts';
import { bindingTarget, isCompleting, World, type Judged } from './oracle-world.ts';

export class State {
  readonly world: World;
  readonly charter: Known;
  readonly rules: Rules;
  /** Role grants that count. */
  readonly held: readonly Given[];
  readonly #judged: ReadonlyMap<OpId, Judged>;

  constructor(log: Log, ops: readonly Known[], judged: ReadonlyMap<OpId, Judged>) {
    this.#judged = judged;
    this.world = new World(log, ops, judged);
    this.charter = this.#inForce();
    this.rules = rulesOf(this.charter)!;
    this.held = this.#given()
      .filter(({ what, id, role }) => what === 'role' && this.#isOpen(id) && this.#isKnownRole(role))
      .filter(({ on }) => this.isMember(on));
  }

  #given(): readonly Given[] {
    return this.world.ops.filter((op) => this.world.makes(op)).flatMap((op) => givenBy(this.world.log, op));
  }

  #isKnownRole(role: string | undefined): boolean {
    return this.rules.roles.some(({ id }) => id === role);
  }

  #isOpen(grant: GrantId): boolean {
    return !this.world.isEnded(aimOf(this.world.log, grant));
  }

  #inForce(): Known {
    const charters = this.world.ops.filter((op) => rulesOf(op) !== undefined && this.world.makes(op));
    let [current] = charters as [Known];
    for (const next of firstOfEach(charters)) {
      const versions = charters.filter((each) => isSameVote(each, current));
      if (versions.some(({ id }) => next.past.has(id)) || this.#beats(next, current)) current = next;
    }
    return current;
  }

  #beats(a: Known, b: Known): boolean {
    const [one, other] = [this.#judged.get(a.id)!, this.#judged.get(b.id)!];
    if (isCompleting(a) !== isCompleting(b)) return isCompleting(a);
    const signers = (one.vote?.signers ?? 0) - (other.vote?.signers ?? 0);
    return signers === 0 ? compareRanks(one.rank, other.rank) < 0 : signers > 0;
  }

  isMember(principal: PrincipalId): boolean {
    const maker = this.world.ops.find(({ id }) => id === makerOf(principal));
    if (maker === undefined || !this.world.makes(maker) || !this.#isOpen(principal)) return false;
    return givenBy(this.world.log, maker).some(({ id, what }) => id === principal && what === 'member');
  }

  members(): readonly PrincipalId[] {
    const all = this.#given().filter(({ what }) => what === 'member');
    return all
      .map(({ id }) => id)
      .filter((id) => this.isMember(id))
      .sort();
  }

  electorate(): ReadonlySet<PrincipalId> {
    return new Set(this.held.filter((given) => carries(given, 'vote', this.rules)).map(({ on }) => on));
  }

  stewardGrantsOf(principal: PrincipalId): readonly Given[] {
    return this.stewardGrants().filter(({ on }) => on === principal);
  }

  stewardGrants(): readonly Given[] {
    return this.held.filter((given) => isSteward(given, this.rules));
  }

  reads(principal: PrincipalId, scope: string): boolean {
    if (scope === 'everyone') return this.isMember(principal);
    return this.held.some(({ on, role }) => on === principal && role === scope);
  }

  /** Devices that may act now. */
  liveDevices(): readonly DeviceId[] {
    const bound = this.#given().filter(({ what }) => what === 'member' || what === 'device');
    const live = bound.filter(
      ({ id, device, on }) => this.isMember(on) && !this.world.isEnded(bindingTarget(id, device!)),
    );
    return [...new Set(live.map(({ device }) => device!))].sort();
  }

  /** Bound devices that said two things. A proof that has seen the device end otherwise adds nothing. */
  frozenDevices(): readonly DeviceId[] {
    const bound = new Set(this.#given().flatMap(({ device }) => device ?? []));
    const frozen = this.world.acts.flatMap(({ op: { body }, past }) => {
      if (body.type !== 'equivocation') return [];
      const ends = this.world.endsOf(bindingTarget(body.binding, body.device));
      return ends.some(({ id, op }) => op.body !== body && past.has(id)) ? [] : [body.device];
    });
    return [...new Set(frozen)].filter((device) => bound.has(device)).sort();
  }

  relays(): readonly string[] {
    const act = this.#lastOf('relays')?.act;
    return act?.type === 'relays' ? act.relays : [];
  }

  /** Who was thrown out keeps nobody from going on. */
  needsNewerVersion(): boolean {
    return this.world.ops.some(
      ({ id, isUnread, author }) => isUnread && this.world.stands(id) && this.isMember(author),
    );
  }

  outsideCard(): OpId | undefined {
    return this.#lastOf('card')?.id;
  }

  #lastOf(type: 'relays' | 'card'): Known | undefined {
    const all = this.world.ops.filter((op) => op.act.type === type && this.world.makes(op));
    return firstOfEach(all.sort(byOrder)).at(-1);
  }
}

function isSameVote({ op: { body: a } }: Known, { op: { body: b } }: Known): boolean {
  return a === b || (a.type === 'endorse' && b.type === 'endorse' && a.proposal === b.proposal);
}

/** Of several completions of one proposal the first. */
function firstOfEach(ops: readonly Known[]): readonly Known[] {
  return ops.filter((op, at) => ops.findIndex((other) => isSameVote(op, other)) === at);
}
