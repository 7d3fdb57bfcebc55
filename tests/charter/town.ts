// The language of the scenarios: who does what in a group, having seen what. Honest acts go through the engine's own
// write functions on a log that holds just what their author has seen; hostile ones are signed by hand in any shape.

import { addOps, emptyCharter, type Charter } from '#core/charter/charter.ts';
import type { DeviceId, GrantId, OpId, PrincipalId, SpaceId } from '#core/charter/ids.ts';
import { grantIdOf, type VerifiedOp } from '#core/charter/op.ts';
import type { RoleId, Rules } from '#core/charter/rules.ts';
import { viewOf } from '#core/charter/view.ts';
import { verifyOp } from '#core/charter/verify-op.ts';
import { foundingRoleIndex } from '#core/charter/grants.ts';
import { groupGenesis } from '#core/charter/write-group.ts';
import type { Author } from '#core/charter/write-op.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import { deviceNamed, quickSuite } from '#tests/suites/space-kit.ts';
import type { Book, Bound, Named, Person, RoleEntry, Seen } from './book.ts';
import { Hand } from './hand.ts';
import { settle, type SettleOptions, type TownState } from './settle.ts';
import { TOWN_RULES } from './town-rules.ts';

export interface Founded {
  /** Founders, in the order of their first mention. Roles are given by the plural of their names. */
  readonly stewards?: readonly string[];
  readonly voters?: readonly string[];
  readonly keepers?: readonly string[];
  readonly guides?: readonly string[];
  /** Founders without any role. */
  readonly members?: readonly string[];
  readonly rules?: Rules;
  readonly name?: string;
  readonly suite?: CryptoSuite;
}

const ROLES = { stewards: 'steward', voters: 'voter', keepers: 'keeper', guides: 'guide' } as const;

export class Town implements Book {
  readonly suite: CryptoSuite;
  readonly genesis: VerifiedOp;
  readonly space: SpaceId;
  /** Everything that verified, in the order of writing. */
  readonly ops: VerifiedOp[] = [];
  readonly roles: RoleEntry[] = [];
  readonly people = new Map<string, Person>();
  readonly #name: string;
  #whole: Charter;

  constructor(name: string, genesis: VerifiedOp, suite: CryptoSuite) {
    this.#name = name;
    this.suite = suite;
    this.genesis = genesis;
    this.space = genesis.id as string as SpaceId;
    this.#whole = emptyCharter(this.space);
  }

  /** Takes an op as an app takes one from the road: what does not verify is not taken. */
  async take(op: VerifiedOp): Promise<void> {
    if ((await verifyOp(op, this.suite)) !== undefined) this.add(op);
  }

  add(op: VerifiedOp): void {
    if (this.ops.some(({ id }) => id === op.id)) return;
    this.ops.push(op);
    this.#whole = addOps(this.#whole, [op]).charter;
  }

  get charter(): Charter {
    return this.#whole;
  }

  /** A log that holds just these ops. */
  charterOf(seen: Seen): Charter {
    return seen.length === this.ops.length ? this.#whole : addOps(emptyCharter(this.space), seen).charter;
  }

  now(): Seen {
    return [...this.ops];
  }

  genesisOnly(): Seen {
    return [this.genesis];
  }

  /** An op and everything in its past. */
  until(op: VerifiedOp | OpId): Seen {
    const known = new Map(this.ops.map((each) => [each.id, each]));
    const reached = new Set<OpId>();
    const next = [typeof op === 'string' ? op : op.id];
    for (let id = next.pop(); id !== undefined; id = next.pop()) {
      if (reached.has(id)) continue;
      reached.add(id);
      next.push(...(known.get(id)?.op.prev ?? []));
    }
    return this.ops.filter(({ id }) => reached.has(id));
  }

  /** The hand of somebody on their phone; a name not heard before is a stranger's. */
  person(name: string): Hand {
    return new Hand(this, name);
  }

  async entry(name: string, life = 0): Promise<Person> {
    const known = this.people.get(name);
    if (known !== undefined && known.life >= life) return known;
    const key = (what: string) => deviceNamed(`${this.#name}/${name}/${life}/${what}`, this.suite);
    const devices = new Map<string, Bound>([['phone', { author: await key('phone'), binding: undefined }]]);
    const recovery = { author: await key('recovery'), binding: undefined };
    const person: Person = { name, life, principal: undefined, devices, recovery };
    this.people.set(name, person);
    return person;
  }

  async deviceOf(person: Person, device: string): Promise<Author> {
    const known = person.devices.get(device);
    if (known !== undefined) return known.author;
    const author = await deviceNamed(`${this.#name}/${person.name}/${person.life}/${device}`, this.suite);
    person.devices.set(device, { author, binding: undefined });
    return author;
  }

  /** Somebody was made a member by others. */
  async noteAdmission(newcomer: Named, by: OpId, roles: readonly string[]): Promise<void> {
    const person = await this.entry(nameOf(newcomer));
    const principal = grantIdOf(by, 0);
    person.principal = principal;
    person.devices.get('phone')!.binding = principal;
    person.recovery.binding = grantIdOf(by, 128);
    for (const [at, role] of roles.entries()) this.roles.push({ principal, role, grant: grantIdOf(by, 1 + at) });
  }

  /** What a vote granted hangs on the endorsement that completed it. */
  noteCompletion(proposal: VerifiedOp, by: VerifiedOp): void {
    const act = proposal.op.body.type === 'propose' ? proposal.op.body.act : undefined;
    if (act?.type !== 'grant' || act.act !== 'role') return;
    this.roles.push({ principal: act.on, role: act.role, grant: grantIdOf(by.id, 1) });
  }

  /** The last op of a device that a log holds. */
  newestOwn(charter: Charter, device: DeviceId): VerifiedOp | undefined {
    return this.ops.findLast(({ id, op }) => op.device === device && charter.ops.has(id));
  }

  /** What the book says somebody ever had, ended or not. */
  knownPerson(who: Named): Person {
    const person = this.people.get(nameOf(who));
    if (person === undefined) throw new Error(`nobody called ${nameOf(who)}`);
    return person;
  }

  membershipOf(who: Named): PrincipalId {
    const { principal } = this.knownPerson(who);
    if (principal === undefined) throw new Error('never came in');
    return principal;
  }

  /** The newest grant of a role to somebody. */
  roleOf(who: Named, role: string): GrantId {
    const principal = this.membershipOf(who);
    const entry = this.roles.findLast((each) => each.principal === principal && each.role === role);
    if (entry === undefined) throw new Error(`never a ${role}`);
    return entry.grant;
  }

  /** Membership and binding of somebody's phone. */
  authOf(who: Named): readonly GrantId[] {
    return [this.membershipOf(who), this.knownPerson(who).devices.get('phone')!.binding!];
  }

  /** The charter in force, as everybody sees it who has seen everything. */
  charterId(): OpId {
    return viewOf(this.#whole)!.group!.charter;
  }

  /** The op by which somebody came in. */
  joinOf(who: Named): OpId {
    return this.membershipOf(who).slice(0, 64) as OpId;
  }

  /** In the order of the rule: by depth, then by id. */
  inOrder(ids: readonly OpId[]): readonly OpId[] {
    const depth = (id: OpId) => this.#whole.ops.get(id)!.depth;
    return [...ids].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
  }

  /** How many live devices one person may have. */
  deviceCap(): number {
    return viewOf(this.#whole)!.group!.rules.deviceCap;
  }

  settled(options: SettleOptions = {}): Promise<TownState> {
    return settle(this, options);
  }
}

type Groups = keyof typeof ROLES | 'members';
function nameOf(who: Named): string {
  return typeof who === 'string' ? who : who.name;
}

type NamesOf<F extends Founded> = {
  [G in keyof F & Groups]: F[G] extends readonly (infer N extends string)[] ? N : never;
}[keyof F & Groups];

/** A group with its founders, each a hand under their name. */
export async function found<const F extends Founded>(
  founded: F,
): Promise<{ readonly town: Town } & { readonly [name in NamesOf<F>]: Hand }> {
  const { suite = quickSuite, name = 'town', rules = TOWN_RULES } = founded;
  const roles = rolesByName(founded);
  const key = (person: string, what: string) => deviceNamed(`${name}/${person}/0/${what}`, suite);
  const founders = [];
  for (const [person, held] of roles) {
    const recovery = (await key(person, 'recovery')).device;
    founders.push({ author: await key(person, 'phone'), recovery, roles: held as RoleId[] });
  }
  const town = new Town(name, await groupGenesis({ name, rules, founders }, suite), suite);
  await town.take(town.genesis);
  const hands: Record<string, Hand> = {};
  for (const [index, [person, held]] of [...roles].entries()) {
    const entry = await town.entry(person);
    entry.principal = grantIdOf(town.genesis.id, index);
    entry.devices.get('phone')!.binding = entry.principal;
    entry.recovery.binding = grantIdOf(town.genesis.id, 128 + index);
    for (const [at, role] of held.entries()) {
      const grant = grantIdOf(town.genesis.id, foundingRoleIndex(index, at));
      town.roles.push({ principal: entry.principal, role, grant });
    }
    hands[person] = town.person(person);
  }
  return Object.assign(hands, { town }) as never;
}

function rolesByName(founded: Founded): ReadonlyMap<string, readonly string[]> {
  const roles = new Map<string, string[]>();
  const begin = (people: readonly string[] | undefined, held: readonly string[]): void => {
    for (const person of people ?? []) roles.set(person, [...(roles.get(person) ?? []), ...held]);
  };
  // As written, so that a scenario says who is senior by naming them first.
  for (const key of Object.keys(founded)) {
    if (key in ROLES) begin(founded[key as keyof typeof ROLES], [ROLES[key as keyof typeof ROLES]]);
    if (key === 'members') begin(founded.members, []);
  }
  return roles;
}
