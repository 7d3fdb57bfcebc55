// What one person's device does in a scenario: every verb writes one op. `seeing`, `forking` and `forging` say what its
// author has seen, and how far they care about the rules.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import type { Proposable } from '#core/charter/decision-body.ts';
import { forkedOps } from '#core/charter/forked-ops.ts';
import type { DeviceId, GrantId, Incarnation, InvitationKey, MessageId, OpId, Scope } from '#core/charter/ids.ts';
import type { Join } from '#core/charter/member-body.ts';
import { grantIdOf, type VerifiedOp } from '#core/charter/op.ts';
import { invitationProofBytes } from '#core/charter/proofs.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { viewOf } from '#core/charter/view.ts';
import { admitBody, cardBody, invitationSeed, inviteBody, knockProof, writeJoin } from '#core/charter/write-group.ts';
import { addDeviceBody, type Writable } from '#core/charter/write-op.ts';
import { changed, type RulesChange } from './town-rules.ts';
import { digest, Pen, type Claim, type Mode } from './pen.ts';
import type { Person, Seen, Book } from './book.ts';

export interface Invitation {
  readonly op: VerifiedOp;
  readonly secret: Bytes;
  readonly role: string | undefined;
}

const text = (words: string) => new TextEncoder().encode(words);

export class Hand {
  readonly #town: Book;
  readonly name: string;
  readonly #pen: Pen;

  constructor(town: Book, name: string, life = 0, mode: Mode = { device: 'phone' }) {
    this.#town = town;
    this.name = name;
    this.#pen = new Pen(town, name, life, mode);
  }

  get device(): string {
    return this.#pen.device;
  }

  #with(mode: Partial<Mode>): Hand {
    return new Hand(this.#town, this.name, this.#pen.life, { ...this.#pen.mode, ...mode });
  }

  on(device: string): Hand {
    return this.#with({ device });
  }

  withRecovery(): Hand {
    return this.on('recovery');
  }

  /** Has seen just this, and what it wrote itself. */
  seeing(seen: Seen): Hand {
    return this.#with({ seen });
  }

  /** Has seen just this, and forgets what it wrote later: a second chain of one device. */
  forking(seen: Seen): Hand {
    return this.#with({ seen, isForking: true });
  }

  /** Signs whatever it likes. */
  forging(claim: Claim = {}): Hand {
    return this.#with({ claim });
  }

  grinding(below: OpId): Hand {
    return this.#with({ below });
  }

  imitating(victim: Hand): Hand {
    const { author } = this.#town.knownPerson(victim).devices.get('phone')!;
    return this.#with({ as: author.device, claim: {} });
  }

  /** The same person with new keys: to the group somebody else. */
  again(): Hand {
    return new Hand(this.#town, this.name, this.#pen.life + 1);
  }

  // Verbs about who is in.

  async invites(options: { readonly role?: string; readonly uses?: number } = {}): Promise<Invitation> {
    const { role, uses = 1 } = options;
    const secret = digest(`secret ${this.#town.ops.length} ${this.name}`);
    const given = role === undefined ? {} : { role: role as RoleId };
    const body = await inviteBody({ secret, space: this.#town.space, uses, ...given }, this.#town.suite);
    return { op: await this.#pen.write(body), secret, role };
  }

  async joins(
    invitation: Invitation,
    trick: { readonly secretOf?: string; readonly proofOf?: VerifiedOp } = {},
  ): Promise<VerifiedOp> {
    const person = await this.#pen.person();
    const secret = trick.secretOf === undefined ? invitation.secret : digest(trick.secretOf);
    const joining = { invite: invitation.op.id, secret, recovery: person.recovery.author.device };
    const { suite } = this.#town;
    const author = await this.#pen.author(person);
    const charter = this.#town.charterOf(this.#pen.seen(author));
    let op: VerifiedOp;
    if (this.#pen.mode.claim === undefined) op = await writeJoin(charter, author, joining, suite);
    else op = await this.#pen.forge(await this.#joinBody(joining, author.device, trick.proofOf), author);
    await this.#town.take(op);
    if (!this.#town.ops.includes(op)) return op;
    person.principal = grantIdOf(op.id, 0);
    person.devices.get(this.device)!.binding = person.principal;
    person.recovery.binding = grantIdOf(op.id, 128);
    if (invitation.role !== undefined) this.#note(person, invitation.role, grantIdOf(op.id, 1));
    return op;
  }

  async #joinBody(
    joining: { readonly invite: OpId; readonly secret: Bytes; readonly recovery: DeviceId },
    device: DeviceId,
    copied: VerifiedOp | undefined,
  ): Promise<Join> {
    const { invite, secret, recovery } = joining;
    if (copied?.op.body.type === 'join') return { ...copied.op.body, recovery };
    const { suite, space } = this.#town;
    const seed = invitationSeed(secret, space);
    const key = hex.encode(await suite.signingKeyOf(seed)) as InvitationKey;
    const proof = await suite.sign('invitation', invitationProofBytes({ space, invite, device, recovery }), seed);
    return { type: 'join', invite, key, proof, recovery };
  }

  async admits(newcomer: Hand, roles: readonly string[] = []): Promise<VerifiedOp> {
    const op = await this.#pen.write(await this.toAdmit(newcomer, roles));
    await this.#town.noteAdmission(newcomer, op.id, roles);
    return op;
  }

  /** Makes somebody a member again with the proof that lies open in their admission. */
  copiesAdmissionOf(member: Hand): Promise<VerifiedOp> {
    const { body } = this.#town.ops.find(({ id }) => id === this.#town.joinOf(member))!.op;
    const proposed = body.type === 'endorse' && this.#town.ops.find(({ id }) => id === body.proposal)?.op.body;
    return this.#pen.write(proposed && proposed.type === 'propose' ? proposed.act : (body as Writable));
  }

  async grants(role: string, to: Hand | string): Promise<VerifiedOp> {
    const op = await this.#pen.write(this.toGrant(role, to));
    this.#note(this.#town.knownPerson(to), role, grantIdOf(op.id, 1));
    return op;
  }

  revokes(whom: Hand | string, what: { readonly role?: string; readonly cascade?: boolean } = {}): Promise<VerifiedOp> {
    return this.#pen.write(this.toRevoke(whom, what));
  }

  revokesGrant(grant: GrantId): Promise<VerifiedOp> {
    return this.#pen.write({ type: 'revoke', grant, frontier: [], cascade: false });
  }

  withdraws(invitation: Invitation): Promise<VerifiedOp> {
    return this.revokesGrant(grantIdOf(invitation.op.id, 0));
  }

  leaves(what: { readonly role?: string } = {}): Promise<VerifiedOp> {
    if (what.role === undefined) return this.#pen.write({ type: 'leave' });
    return this.#pen.write({ type: 'leave', role: this.#town.roleOf(this, what.role) });
  }

  undoes(leave: VerifiedOp): Promise<VerifiedOp> {
    return this.#pen.write({ type: 'unleave', leave: leave.id });
  }

  async addsDevice(name: string): Promise<VerifiedOp> {
    const person = await this.#pen.person();
    const fresh = await this.#town.deviceOf(person, name);
    const principal = person.principal!;
    const op = await this.#pen.write(
      await addDeviceBody(fresh, { space: this.#town.space, principal }, this.#town.suite),
    );
    person.devices.get(name)!.binding ??= grantIdOf(op.id, 0);
    return op;
  }

  /** Tries to bind somebody else's phone to itself, with a proof of its own. */
  async bindsKeyOf(victim: Hand): Promise<VerifiedOp> {
    const person = await this.#pen.person();
    const binding = { space: this.#town.space, principal: person.principal! };
    const body = await addDeviceBody(await this.#pen.author(person), binding, this.#town.suite);
    return this.#pen.write({ ...body, device: this.#town.knownPerson(victim).devices.get('phone')!.author.device });
  }

  ends(whose: Hand): Promise<VerifiedOp> {
    const { author, binding } = this.#town.knownPerson(whose).devices.get(whose.device)!;
    return this.#pen.write({ type: 'device', act: 'end', binding: binding!, device: author.device, frontier: [] });
  }

  // Verbs about rules, votes and registers.

  changesRules(change: RulesChange): Promise<VerifiedOp> {
    return this.#ruled((body) => this.#pen.write(body), change);
  }

  async proposes(act: Proposable | Promise<Proposable>): Promise<VerifiedOp> {
    return this.#pen.write({ type: 'propose', act: await act });
  }

  endorses(proposal: VerifiedOp): Promise<VerifiedOp> {
    return this.#pen.write({ type: 'endorse', proposal: proposal.id });
  }

  /** The endorsement that completes: counts all others that its author has seen. */
  async completes(proposal: VerifiedOp, what: { readonly counting?: readonly string[] } = {}): Promise<VerifiedOp> {
    const author = await this.#pen.author(await this.#pen.person());
    const others = this.#pen.seen(author).filter(({ op }) => {
      return op.body.type === 'endorse' && op.body.proposal === proposal.id && op.body.counted === undefined;
    });
    const counted = (what.counting ?? others.map(({ id }) => id).sort()) as readonly OpId[];
    const op = await this.#pen.write({ type: 'endorse', proposal: proposal.id, counted });
    this.#town.noteCompletion(proposal, op);
    return op;
  }

  toRevoke(whom: Hand | string, what: { readonly role?: string; readonly cascade?: boolean } = {}) {
    const { role, cascade = false } = what;
    const grant = role === undefined ? this.#town.membershipOf(whom) : this.#town.roleOf(whom, role);
    return { type: 'revoke', grant, frontier: [], cascade } as const;
  }

  toGrant(role: string, to: Hand | string) {
    return { type: 'grant', act: 'role', on: this.#town.membershipOf(to), role: role as RoleId } as const;
  }

  async toAdmit(newcomer: Hand, roles: readonly string[] = []) {
    const { space, suite } = this.#town;
    const { devices, recovery } = await this.#town.entry(newcomer.name, newcomer.#pen.life);
    const { author } = devices.get('phone')!;
    const proof = await knockProof(author, space, recovery.author.device, suite);
    const knocked = { device: author.device, proof, recovery: recovery.author.device };
    return admitBody(knocked, roles as readonly RoleId[]);
  }

  toChange(change: RulesChange): Promise<Proposable> {
    return this.#ruled((body) => Promise.resolve(body), change);
  }

  movesRelays(relay: string): Promise<VerifiedOp> {
    return this.#pen.write({ type: 'relays', relays: [relay] });
  }

  async publishesCard(number: number): Promise<VerifiedOp> {
    const seed = digest('outside') as never;
    const key = { seed, device: hex.encode(await this.#town.suite.signingKeyOf(seed)) as DeviceId };
    return this.#pen.write(await cardBody(key, { number, expires: 20_000, card: text('a card') }, this.#town.suite));
  }

  rotates(what: { readonly scope?: string; readonly admits?: readonly OpId[] } = {}): Promise<VerifiedOp> {
    const { scope = 'everyone', admits = [] } = what;
    const commitment = digest(`key ${this.#town.ops.length}`);
    const scopes = [{ scope: scope as Scope, commitment, recipients: [] }];
    return this.#pen.write({ type: 'rotate', scopes, root: digest('root'), admits: [...admits].sort() });
  }

  completesFrontier(revocation: VerifiedOp, scope: string): Promise<VerifiedOp> {
    const device = '11'.repeat(32) as DeviceId;
    const cut = { device, scope: scope as Scope, incarnation: '22'.repeat(8) as Incarnation, seq: 0 };
    const frontier = [{ ...cut, head: '33'.repeat(32) as MessageId }];
    return this.#pen.write({ type: 'frontier', revoke: revocation.id, frontier });
  }

  // Verbs about saying two things.

  /** The accusation that the engine would make of what its author has seen. */
  async accuses(whom: Hand): Promise<VerifiedOp> {
    const author = await this.#pen.author(await this.#pen.person());
    const { device } = this.#town.knownPerson(whom).devices.get(whom.device)!.author;
    const accusation = forkedOps(this.#town.charterOf(this.#pen.seen(author))).find((body) => body.device === device);
    if (accusation === undefined) throw new Error('nothing to accuse of');
    return this.#pen.write(accusation);
  }

  accusesBy(whom: Hand, [a, b]: readonly [VerifiedOp, VerifiedOp]): Promise<VerifiedOp> {
    const { author, binding } = this.#town.knownPerson(whom).devices.get(whom.device)!;
    const [first, second] = [a.id, b.id].sort() as [OpId, OpId];
    const common = { type: 'equivocation', binding: binding!, device: author.device, frontier: [] } as const;
    return this.#pen.write({ ...common, evidence: 'ops', first, second });
  }

  /** An op of a kind that no app of today knows. */
  writesUnknown(kind: string): Promise<VerifiedOp> {
    return this.#pen.writeUnknown(kind);
  }

  #ruled<T>(use: (body: Extract<Proposable, { type: 'charter' }>) => Promise<T>, change: RulesChange): Promise<T> {
    const device = this.#town.people.get(this.name)!.devices.get('phone')!.author;
    const view = viewOf(this.#town.charterOf(this.#pen.seen(device)))!;
    return use({ type: 'charter', rules: changed(view.group!.rules, change), frontier: [] });
  }

  #note(person: Person, role: string, grant: GrantId): void {
    if (person.principal !== undefined) this.#town.roles.push({ principal: person.principal, role, grant });
  }
}
