// The card a group shows others: makes it, signs in the name of roles on it, and makes it anew in time. Nobody is in charge
// of that: whoever may and has what belongs to the card does it in turn.

import { equal, hex, type Bytes } from '#core/bytes/bytes.ts';
import { isInPast } from '#core/charter/charter.ts';
import type { DeviceId, Kid, Scope } from '#core/charter/ids.ts';
import { refusalOf } from '#core/charter/may.ts';
import { cardBytes } from '#core/charter/proofs.ts';
import { roleOf, scopeOf, type RoleId } from '#core/charter/rules.ts';
import type { Writable } from '#core/charter/write-op.ts';
import type { Seed, SigningKey } from '#core/crypto/suite.ts';
import { isSafe, sendingKey } from '#core/keys/rotation.ts';
import { roleSigningSeedOf, type ScopeKey } from '#core/keys/scope-key.ts';
import { outsideCardCode } from '#core/neighbours/card-code.ts';
import { encodeNeighbourAct } from '#core/neighbours/neighbour-body.ts';
import { signLetter, type Letter, type SignedLetter } from '#core/neighbours/order.ts';
import {
  encodeOutsideCard,
  type OutsideCard,
  type OutsideRole,
  type SignedOutsideCard,
} from '#core/neighbours/outside-card.ts';
import { DAY, MINUTE, SECOND, type Millis } from '#core/ports.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { MAX_NAME_BYTES, shortened } from '#core/wire/text.ts';
import type { CardMaking, NeighbourRefusal } from './neighbour-api.ts';
import { NEIGHBOUR_KIND, type NeighbourHome } from './neighbour-log.ts';
import { turnIn, type NeighbourSurroundings } from './neighbour-surroundings.ts';
import { relaysOf } from '../traffic/routes-of-mail.ts';
import { write } from '../space/author.ts';
import { writeOwnOp } from '../space/own-ops.ts';
import { rotate, unsafeScopes } from '../space/rotate.ts';

/** A month: longer than anybody is away who has a part in it, shorter than a role's key is worth. */
const GOOD_FOR_DAYS = 28;
/** Others have these days to learn of the next one. */
const RENEW_BEFORE_DAYS = 9;
const MAX_CARD_RELAYS = 4;
/** Turns in making it anew. */
const FIRST = (20 * SECOND) as Millis;
const SLOT = (30 * SECOND) as Millis;
const MOST = (10 * MINUTE) as Millis;
/** However often roles change hands. */
const AT_MOST_EVERY = (10 * MINUTE) as Millis;

interface Making {
  readonly roles: readonly OutsideRole[];
  readonly scope: Scope;
  readonly outside: Seed;
  readonly number: number;
}

export class NeighbourCard {
  readonly #around: NeighbourSurroundings;
  readonly #roleKeys = new Map<Kid, { readonly seed: Seed; readonly key: SigningKey }>();
  readonly #turn: number;
  #cancel: (() => void) | undefined;
  #dueAt: Millis | undefined;
  #madeAt: Millis | undefined;
  #isClosed = false;

  constructor(around: NeighbourSurroundings) {
    this.#around = around;
    this.#turn = around.context.random.bytes(1)[0]! / 256;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  /** Today by this device's clock: advice to people, never a rule. */
  get today(): number {
    return Math.floor(this.#around.context.clock.now() / DAY);
  }

  get mayPublish(): boolean {
    return this.#around.space.standing === 'in' && this.#around.space.has('card');
  }

  /** Makes a card as somebody wishes. Part of an event. */
  async make({ roles, readers, anew = false }: CardMaking): Promise<NeighbourRefusal | undefined> {
    const { space, log, context } = this.#around;
    const { replica } = space;
    const { home } = log;
    const isFresh = home === undefined || anew;
    if (isFresh && log.card !== undefined && !anew) return 'no-card';
    const scope = isFresh ? (readers as string as Scope) : home.scope;
    const mine = roles.filter((role) => roleOf(replica.view!.group!.rules, role) !== undefined);
    if (!replica.reads(scope) || mine.some((role) => !replica.reads(scopeOf(role)))) return 'not-allowed';
    await this.#needKeys([scope, ...mine.map(scopeOf)]);
    const own = await this.#ownRoles(mine);
    return this.#publish({
      roles: isFresh ? own : [...own, ...this.#rolesOfOthers(log.card!, mine)],
      scope,
      outside: isFresh ? (context.random.bytes(32) as Seed) : home.keys.outside,
      number: isFresh ? 1 : Math.max(log.card!.number, home.keys.card.number) + 1,
    });
  }

  /** Whether this device can sign what goes out in the name of a role. */
  async maySign(card: SignedOutsideCard, role: RoleId): Promise<boolean> {
    return (await this.#seedFor(card, role)) !== undefined;
  }

  async sign<L extends Letter>(letter: L): Promise<SignedLetter<L> | undefined> {
    const { card } = this.#around.log;
    const seed = card === undefined ? undefined : await this.#seedFor(card, letter.role);
    if (card === undefined || seed === undefined) return undefined;
    return signLetter(this.#around.context.suite, letter, { card, seed });
  }

  /** Looks whether the card is to be made anew, and when it is this device's turn. Part of an event. */
  async consider(): Promise<void> {
    const { log, context, queue } = this.#around;
    const { home, card } = log;
    if (this.#isClosed || home === undefined || card === undefined || !(await this.#isDue(home, card))) {
      this.#cancel?.();
      this.#cancel = undefined;
      this.#dueAt = undefined;
      return;
    }
    const now = context.clock.now();
    const rank = turnIn(this.#around, home.scope, this.#cardOp!);
    const inTurn = (now + FIRST + Math.ceil(Math.min((rank + this.#turn) * SLOT, MOST))) as Millis;
    const rested = this.#madeAt === undefined ? 0 : this.#madeAt + AT_MOST_EVERY;
    this.#dueAt ??= Math.max(inTurn, rested) as Millis;
    if (this.#cancel !== undefined) return;
    this.#cancel = context.clock.after(Math.max(1, this.#dueAt - now) as Millis, () => {
      this.#cancel = undefined;
      this.#dueAt = undefined;
      void queue.run(() => this.#renew());
    });
  }

  async #renew(): Promise<void> {
    const { log, space } = this.#around;
    const { home, card } = log;
    if (this.#isClosed || home === undefined || card === undefined || !(await this.#isDue(home, card))) return;
    const { replica } = space;
    const known = card.card.roles.map(({ id }) => id).filter((id) => roleOf(replica.view!.group!.rules, id));
    const mine = known.filter((id) => replica.reads(scopeOf(id)));
    await this.#needKeys([home.scope, ...mine.map(scopeOf)]);
    await this.#publish({
      roles: [...(await this.#ownRoles(mine)), ...this.#rolesOfOthers(card, mine)],
      scope: home.scope,
      outside: home.keys.outside,
      number: Math.max(card.number, home.keys.card.number) + 1,
    });
  }

  /** Its last day is near, a role has another key or nobody, it is reached elsewhere, or somebody who is out could read. */
  async #isDue(home: NeighbourHome, card: SignedOutsideCard): Promise<boolean> {
    const { replica } = this.#around.space;
    if (!this.mayPublish || home.keys.card.number !== card.number) return false;
    if (card.expires - this.today <= RENEW_BEFORE_DAYS || !this.#isSealedSafely(home)) return true;
    if (card.card.relays.join() !== this.#relays().join()) return true;
    const mine = card.card.roles.filter(({ id }) => replica.reads(scopeOf(id)));
    const fresh = await this.#ownRoles(mine.map(({ id }) => id));
    const isSame = (role: OutsideRole, now: OutsideRole | undefined): boolean =>
      now === undefined || equal(role.key, now.key);
    if (
      mine.some(
        (role) =>
          !isSame(
            role,
            fresh.find(({ id }) => id === role.id),
          ),
      )
    )
      return true;
    const others = card.card.roles.length - mine.length;
    return (
      this.#rolesOfOthers(
        card,
        mine.map(({ id }) => id),
      ).length < others
    );
  }

  /** Nobody who was given what belongs to the card has lost the scope since. */
  #isSealedSafely(home: NeighbourHome): boolean {
    const view = this.#around.space.replica.view!;
    const kid = this.#around.space.replica.log.get(home.keys.id)?.message.header.kid;
    const from = view.rotations.findIndex(({ scopes }) => scopes.some((rotated) => rotated.kid === kid));
    if (from < 0) return false;
    const since = view.rotations.slice(from).filter(({ scopes }) => scopes.some(({ scope }) => scope === home.scope));
    return since.every((rotation) => isSafe(view, rotation, home.scope));
  }

  get #cardOp() {
    return this.#around.space.replica.view?.group?.outsideCard?.op;
  }

  /** The first key of a role is made when somebody first has something to say there. */
  async #needKeys(scopes: readonly Scope[]): Promise<void> {
    const { space, engine } = this.#around;
    const missing = unsafeScopes(space.replica).filter((scope) => scopes.includes(scope));
    if (missing.length === 0) return;
    engine().push(space.replica, { parcel: await rotate(space.replica, missing), hasOps: true });
  }

  async #ownRoles(roles: readonly RoleId[]): Promise<readonly OutsideRole[]> {
    const { replica } = this.#around.space;
    const held = replica.keys.scopeKeys();
    const named: OutsideRole[] = [];
    for (const id of roles) {
      const sending = sendingKey(replica.view!, scopeOf(id), held)?.key;
      const role = roleOf(replica.view!.group!.rules, id);
      if (sending === undefined || role === undefined) continue;
      named.push({ id, label: role.label, key: (await this.#roleKey(sending)).key });
    }
    return named;
  }

  /** Roles on the card that one does not have stay on it as long as their key did not change. */
  #rolesOfOthers(card: SignedOutsideCard, mine: readonly RoleId[]): readonly OutsideRole[] {
    const { charter, view } = this.#around.space.replica;
    const op = this.#cardOp;
    const rules = view!.group!.rules;
    return card.card.roles.filter(({ id }) => {
      if (op === undefined || mine.includes(id) || roleOf(rules, id) === undefined) return false;
      const rotations = view!.rotations.filter(({ scopes }) => scopes.some(({ scope }) => scope === scopeOf(id)));
      return rotations.every((rotation) => isInPast(charter, rotation.op, op));
    });
  }

  async #seedFor(card: SignedOutsideCard, role: RoleId): Promise<Seed | undefined> {
    const named = card.card.roles.find(({ id }) => id === role);
    const { keys } = this.#around.space.replica;
    if (named === undefined) return undefined;
    for (const { key } of keys.held.values()) {
      if (key.scope !== scopeOf(role)) continue;
      const signing = await this.#roleKey(key);
      if (equal(signing.key, named.key)) return signing.seed;
    }
    return undefined;
  }

  async #roleKey(key: ScopeKey): Promise<{ readonly seed: Seed; readonly key: SigningKey }> {
    const known = this.#roleKeys.get(key.kid);
    if (known !== undefined) return known;
    const { space, context } = this.#around;
    const seed = roleSigningSeedOf(space.space, key);
    const made = { seed, key: await context.suite.signingKeyOf(seed) };
    this.#roleKeys.set(key.kid, made);
    return made;
  }

  #relays(): OutsideCard['relays'] {
    return relaysOf(this.#around.space.replica).slice(0, MAX_CARD_RELAYS);
  }

  /** First what belongs to it, to those who take what comes; then the card, to all. */
  async #publish({ roles, scope, outside, number }: Making): Promise<NeighbourRefusal | undefined> {
    const { space, context, engine } = this.#around;
    const { suite, random, clock } = context;
    const { replica } = space;
    const group = replica.view!.group!;
    const sealing = random.bytes(32) as Seed;
    const card: OutsideCard = {
      name: shortened(group.name, MAX_NAME_BYTES),
      roles,
      sealingKey: await suite.sealingKeyOf(sealing, 2),
      secret: random.bytes(32),
      relays: this.#relays(),
      questions: [],
    };
    const key = hex.encode(await suite.signingKeyOf(outside)) as DeviceId;
    const bytes = encodeOutsideCard(card);
    const expires = this.today + GOOD_FOR_DAYS;
    const signature = await suite.sign('groupCard', cardBytes({ number, expires, card: bytes }), outside);
    const signed: SignedOutsideCard = { card, bytes, number, expires, key, signature };
    if (outsideCardCode(signed) === undefined) return 'too-long';
    const body: Writable = { type: 'card', number, expires, key, card: bytes, signature };
    if (refusalOf(replica.charter, replica.identity.device, body) !== undefined) return 'not-allowed';
    const keep: Bytes = encodeNeighbourAct({ act: 'keep', at: clock.now(), card: signed, outside, sealing });
    const said = { scope, kind: NEIGHBOUR_KIND, body: keep };
    const problem = await write(replica, said, (written) => engine().push(replica, written));
    if (problem !== undefined) return problem === 'newer' ? 'newer-version' : 'gone';
    const op = await writeOwnOp(replica, body);
    this.#madeAt = clock.now();
    engine().push(replica, { parcel: { ...emptyParcel, ops: [op] }, hasOps: true });
    replica.save();
    engine().noteDurable(replica);
    space.touch();
    return undefined;
  }
}
