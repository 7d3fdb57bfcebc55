// What is told in a group about who knocks: gathers the messages, checks the letters in them, and folds them.

import type { DeviceId, MessageId } from '#core/charter/ids.ts';
import { EVERYONE } from '#core/charter/ids.ts';
import { admitBody } from '#core/charter/write-group.ts';
import type { Admit } from '#core/charter/member-body.ts';
import { decodeKnockAct } from '#core/knocks/knock-body.ts';
import { isKnockGenuine } from '#core/knocks/knock-letter.ts';
import {
  foldKnocks,
  isOver,
  MAX_CONSIDERED,
  type HeardKnock,
  type Knocks,
  type ToldKnock,
} from '#core/knocks/knocks.ts';
import { DAY } from '#core/ports.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import { hadRight } from '../groups/group-rights.ts';
import type { GroupSpace } from '../groups/group-space.ts';
import type { Entry } from '../space/log.ts';

const NOTHING: Knocks = { door: undefined, heard: new Map() };

const KIND = 'knock';

export class KnockBook {
  readonly group: GroupSpace;
  #told = new Map<MessageId, ToldKnock>();
  #unchecked: ToldKnock[] = [];
  #known: Knocks | undefined = NOTHING;

  constructor(group: GroupSpace) {
    this.group = group;
    this.readAll();
  }

  /** From the beginning: some of it may stand otherwise now. */
  readAll(): void {
    this.#told.clear();
    this.#unchecked = [];
    this.#known = undefined;
    const { replica } = this.group;
    for (const { entry } of replica.log.ofKind(KIND)) {
      if (entry.stands && replica.standing.stands(entry.message.id)) this.take(entry);
    }
  }

  /** True when it is about knocks. */
  take({ message, open, heardAt }: Entry): boolean {
    const { header, id } = message;
    if (header.kind !== KIND || header.scope !== EVERYONE || open === undefined) return false;
    const { replica } = this.group;
    const by = replica.principalOf(header.device);
    const act = tryDecode(() => decodeKnockAct(open.body));
    if (act === undefined || by === undefined) return false;
    const mayOpen = hadRight(replica, message, 'card');
    const mayTurnAway = mayOpen || hadRight(replica, message, 'admit');
    const told = { id, lamport: header.lamport, act, by, heardAt, mayOpen, mayTurnAway };
    if (act.act === 'came') this.#unchecked.push(told);
    else this.#note(told);
    return true;
  }

  /** Looks at the signatures of letters that came; true when some are good. */
  async check(): Promise<boolean> {
    const { context } = this.group.replica;
    let isNew = false;
    for (const told of this.#unchecked.splice(0)) {
      if (told.act.act !== 'came') continue;
      if (!(await isKnockGenuine(context.suite, this.group.space, told.act.knock))) continue;
      this.#note(told);
      isNew = true;
    }
    return isNew;
  }

  get knocks(): Knocks {
    return (this.#known ??= foldKnocks([...this.#told.values()]));
  }

  /** The door at which this group listens now. */
  get door(): Knocks['door'] {
    const { door } = this.knocks;
    const asks = (this.group.replica.view?.group?.rules.knock.length ?? 0) > 0;
    const today = this.group.replica.context.clock.now() / DAY;
    return door !== undefined && asks && this.group.standing === 'in' && today < door.door.expires + 1
      ? door
      : undefined;
  }

  /** Knocks on which nothing was decided. */
  considered(): readonly HeardKnock[] {
    const { replica } = this.group;
    const now = replica.context.clock.now();
    const open = [...this.knocks.heard.values()].filter((knock) => {
      const isDecided = knock.isWithdrawn || knock.turnedAwayBy !== undefined || isOver(knock, now);
      return !isDecided && replica.view?.devices.get(knock.letter.device) === undefined;
    });
    return open.slice(0, MAX_CONSIDERED);
  }

  get isFull(): boolean {
    return this.considered().length >= MAX_CONSIDERED;
  }

  knock(device: DeviceId): HeardKnock | undefined {
    return this.knocks.heard.get(device);
  }

  /** What makes somebody who knocked a member. */
  admission(device: string): Admit | undefined {
    const knock = this.knock(device as DeviceId);
    if (knock === undefined || knock.isWithdrawn) return undefined;
    return admitBody({ device: knock.letter.device, proof: knock.letter.proof, recovery: undefined }, []);
  }

  /** Messages whose letters nobody needs any more: who knocked took it back, or long ago. */
  outdated(): readonly MessageId[] {
    const { replica } = this.group;
    const now = replica.context.clock.now();
    return [...this.knocks.heard.values()]
      .filter((knock) => knock.isWithdrawn || isOver(knock, now))
      .flatMap(({ messages }) => messages)
      .filter((id) => replica.log.get(id)?.open !== undefined);
  }

  #note(told: ToldKnock): void {
    this.#told.set(told.id, told);
    this.#known = undefined;
  }
}
