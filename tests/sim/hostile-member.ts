// A member who is out for harm: an ordinary app whose owner also signs what no app would. What the forgeries are comes
// from the scenarios of the charter (tests/charter): back-dated and forked acts, grants, proofs and invitations used
// again, acts on top of what is void, acts and votes after one was removed, floods.

import type { Charter } from '#core/charter/charter.ts';
import type { InvitationKey, OpId } from '#core/charter/ids.ts';
import { encodeSignedOp, type VerifiedOp } from '#core/charter/op.ts';
import { invitationSeed } from '#core/charter/write-group.ts';
import { decodeInvitationCode } from '#core/identity/invitation-code.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { hex } from '#core/bytes/bytes.ts';
import type { ContentSpace } from '#app/space-content.ts';
import type { MessageId } from '#core/charter/ids.ts';
import { enlist, type Cast, type Player } from '#tests/charter/cast.ts';
import { forge, hostileOp, TRICKS, type Trick } from '#tests/charter/turns.ts';
import { Forger } from './forger.ts';
import type { Book, BookPorts } from './person.ts';

/** One more than this is no news to who looks at what is remembered. */
const MEMORIES = 12;
const FLOOD = 15;
/** An act that no app of today knows ends all writing in the group: few towns are to see one. */
const USUAL: readonly Trick[] = TRICKS.filter((trick) => trick !== 'unknown');
type Blow = Trick | 'flood' | 'vote' | 'puppet';

type Space = ReturnType<Book['spaces']>[number];

export class HostileMember extends Forger {
  /** Codes of invitations that are about. */
  codes: readonly string[] = [];
  protected override readonly kind = 'hostile member';
  #ports: BookPorts | undefined;
  readonly #memories: Charter[] = [];

  protected override groupsPort(ports: BookPorts): Book {
    this.#ports = ports;
    return super.groupsPort(ports);
  }

  /** One blow against the group, or against somebody’s document in it. */
  override strike(): void {
    if (this.dice.chance(0.25)) super.strike();
    else void this.attack().catch(() => this.world.logger().count('hostile', 'failed'));
  }

  /** Signs and sends something; nothing before it is in a group. */
  async attack(): Promise<void> {
    const ports = this.#ports;
    const space = this.book?.spaces()[0];
    if (ports === undefined || space === undefined) return;
    await ports.queue.run(async () => {
      const { charter } = space.replica;
      if (this.#memories.at(-1) !== charter) this.#memories.push(charter);
      if (this.#memories.length > MEMORIES) this.#memories.splice(this.dice.roll(MEMORIES), 1);
      const blow = this.#draw(space);
      const ops = await this.#opsFor(blow, space);
      if (ops.length > 0) await this.#send(space, blow, ops);
    });
  }

  #draw(space: Space): Blow {
    const isOut = space.replica.me?.isLive !== true;
    const roll = this.dice.roll(20);
    if (roll === 0) return 'flood';
    if (roll < (isOut ? 8 : 2)) return 'vote';
    if (roll < 10) return 'puppet';
    return this.dice.chance(0.01) ? 'unknown' : this.dice.pick(USUAL);
  }

  async #send({ replica }: Space, blow: Blow, ops: readonly VerifiedOp[]): Promise<void> {
    const engine = this.#ports!.engine();
    const isOut = replica.me?.isLive !== true;
    this.world.note('blow', this.name, blow, ops.length);
    this.world.logger().count('hostile', isOut ? `${blow} after removal` : blow);
    this.world.faults.strike(this.kind);
    const parcel = { ...emptyParcel, ops: ops.map(encodeSignedOp) };
    // As its own app takes it in, it hands it on by links and mail; what that refuses is still sent once.
    await engine.take(replica, parcel, { proven: true });
    engine.push(replica, { parcel, hasOps: true });
  }

  async #opsFor(blow: Blow, space: Space): Promise<readonly VerifiedOp[]> {
    const { cast, self } = await this.#scene(space);
    if (blow === 'flood') {
      const ops: (VerifiedOp | undefined)[] = [];
      for (let i = 0; i < FLOOD; i++) ops.push(await hostileOp(cast, self, 'wild'));
      return ops.filter((op) => op !== undefined);
    }
    const op = await this.#oneOp(blow, cast, self);
    return op === undefined ? [] : [op];
  }

  async #oneOp(blow: Exclude<Blow, 'flood'>, cast: Cast, self: Player): Promise<VerifiedOp | undefined> {
    if (blow === 'puppet') {
      const name = `puppet ${this.dice.roll(3)}`;
      const puppet = await enlist(cast, `${this.name} ${name}`, { device: 'phone', isHostile: true });
      puppet.charter = self.charter;
      return hostileOp(cast, puppet, 'join');
    }
    if (blow !== 'vote') return hostileOp(cast, self, blow);
    const proposals = cast.ops.filter(({ op }) => op.body.type === 'propose');
    if (proposals.length === 0) return undefined;
    const body = { type: 'endorse', proposal: this.dice.pick(proposals).id } as const;
    return forge(cast, self, { body, charter: self.charter });
  }

  /** The group as the scenarios of the charter know theirs. */
  async #scene({ replica }: Space): Promise<{ readonly cast: Cast; readonly self: Player }> {
    const { charter, identity, context, view } = replica;
    const { suite } = context;
    const space = identity.space;
    const secrets = await this.#secrets(suite, space, view?.group?.invitations.map(({ key }) => key) ?? []);
    const author = { device: identity.device, seed: identity.seed };
    const self: Player = {
      ...{ name: this.name, author, recovery: author, isRecovery: false, isHostile: true },
      ...{ charter, memories: this.#memories, secrets },
    };
    const ops = [...charter.ops.values()].map(({ signed }) => signed);
    const genesis = charter.ops.get(space as string as OpId)!.signed;
    const cast: Cast = { ...{ dice: this.dice, suite, space, genesis, secrets, ops }, players: [self], forgeries: 0 };
    return { cast, self };
  }

  async #secrets(
    suite: Cast['suite'],
    space: Cast['space'],
    keys: readonly string[],
  ): Promise<Map<string, Uint8Array>> {
    const secrets = new Map<string, Uint8Array>();
    if (keys.length === 0) return secrets;
    for (const code of this.codes) {
      const invitation = decodeInvitationCode(code);
      if (typeof invitation === 'string') continue;
      const key = hex.encode(await suite.signingKeyOf(invitationSeed(invitation.secret, space))) as InvitationKey;
      secrets.set(key, invitation.secret);
    }
    return secrets;
  }

  /** Somebody else’s message, to be changed or deleted for them. */
  protected override messageOf(content: ContentSpace): MessageId | undefined {
    const group = this.book?.spaces().find(({ space }) => content.startsWith(space));
    if (group === undefined) return undefined;
    const entries = group.replica.log.entries.filter(({ message, open }) => {
      return message.header.kind === 'chat' && open !== undefined && !group.replica.isMine(message.header.device);
    });
    return entries.length === 0 ? undefined : this.dice.pick(entries).message.id;
  }
}
