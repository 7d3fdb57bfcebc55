// Gives other rooms the standing messages of their kind, and takes theirs (space-content.ts).

import { concat, hex, textOf, utf8, type Bytes } from '#core/bytes/bytes.ts';
import type { Message } from '#core/chain/message.ts';
import type { DeviceId, MessageId, PrincipalId, Scope } from '#core/charter/ids.ts';
import { hash } from '#core/crypto/hash.ts';
import type { Logger } from '#core/ports.ts';
import type { Live } from './api.ts';
import { contentSpaceOf, pairContentSpace } from './documents/document-homes.ts';
import type { SayResult } from './traffic/space-host.ts';
import type { Links } from './traffic/links.ts';
import { LiveValue } from './live-value.ts';
import {
  MAX_CONTENT_BYTES,
  MAX_FLEETING_BYTES,
  type ContentCheckpoint,
  type ContentKind,
  type ContentMessage,
  type ContentPlace,
  type ContentSpace,
  type FleetingEvent,
  type Past,
  type PublishResult,
  type SpaceContents,
  type SpaceFacts,
} from './space-content.ts';
import type { Replica, Settled } from './space/replica.ts';

/** What two people, or the readers of one scope of a group, share. */
export interface ContentHome {
  readonly space: ContentSpace;
  readonly replica: Replica;
  readonly scope: Scope;
  readonly mode: SpaceFacts['mode'];
  readonly nameOf: (device: DeviceId) => string;
  /** Whether the author of a message had the right to such content. Everybody's app must answer alike. */
  readonly mightWrite: (message: Pick<Message, 'id' | 'header'>) => boolean;
}

export interface ContentsPorts {
  readonly logger: Logger;
  readonly homes: () => readonly ContentHome[];
  readonly home: (space: ContentSpace) => ContentHome | undefined;
  readonly links: () => Links;
  readonly say: (home: ContentHome, kind: ContentKind, body: Bytes) => Promise<SayResult>;
}

export class Contents implements SpaceContents {
  readonly #ports: ContentsPorts;
  readonly #spaces = new LiveValue<readonly SpaceFacts[]>([]);
  readonly #listeners = new Set<{ kind: ContentKind; heard: (message: ContentMessage) => void }>();
  readonly #takenBack = new Set<(space: ContentSpace) => void>();
  readonly #fleeting = new Set<(event: FleetingEvent) => void>();
  readonly #here = new Set<string>();

  constructor(ports: ContentsPorts) {
    this.#ports = ports;
  }

  get spaces(): Live<readonly SpaceFacts[]> {
    return this.#spaces;
  }

  /** Contacts, groups or roles changed. */
  refresh(): void {
    const facts = this.#ports.homes().map(factsOf);
    if (!sameFacts(facts, this.#spaces.current)) this.#spaces.set(facts);
  }

  nameOf(space: ContentSpace, device: DeviceId): string {
    return this.#ports.home(space)?.nameOf(device) ?? '';
  }

  personOf(space: ContentSpace, device: DeviceId): PrincipalId | undefined {
    return this.#ports.home(space)?.replica.principalOf(device);
  }

  messages(space: ContentSpace, kind: ContentKind, from: number): Promise<readonly ContentMessage[]> {
    const home = this.#ports.home(space);
    if (home === undefined) return Promise.resolve([]);
    const { replica } = home;
    const messages: ContentMessage[] = [];
    for (const settled of replica.log.ofKind(kind)) {
      const { entry, position } = settled;
      const isShown = entry.stands && position >= from && replica.standing.stands(entry.message.id);
      const message = isShown ? contentOf(home, settled, kind) : undefined;
      if (message !== undefined) messages.push(message);
    }
    return Promise.resolve(messages);
  }

  setAside(space: ContentSpace, kind: ContentKind): readonly ContentMessage[] {
    const home = this.#ports.home(space);
    if (home === undefined) return [];
    const { replica, scope } = home;
    return [...replica.log.ofKind(kind)].flatMap((settled) => {
      const { message, open, stands } = settled.entry;
      if (!stands || open === undefined || message.header.scope !== scope) return [];
      return counts(home, message) ? [] : [handedOut(home, settled, open.body)];
    });
  }

  takenBack(space: ContentSpace, kind: ContentKind): string {
    const home = this.#ports.home(space);
    if (home === undefined) return '';
    const { replica, scope } = home;
    const { voided, losing, lines } = replica.standing;
    const isMeant = (id: MessageId): boolean => {
      const header = replica.log.get(id)?.message.header;
      return header?.kind === kind && header.scope === scope;
    };
    const ids = [...new Set([...voided, ...losing, ...lines.beside()])].filter((id) => {
      return isMeant(id) && !counts(home, replica.log.get(id)!.message);
    });
    // What was never handed out, and is to be now, is no less a change.
    const revived = [...replica.standing.revived()].filter(isMeant).map((id) => `+${id}`);
    const all = [...ids, ...revived];
    return all.length === 0 ? '' : hex.encode(hash('header', utf8(all.sort().join())));
  }

  listenTakenBack(heard: (space: ContentSpace) => void): () => void {
    const listener = (space: ContentSpace): void => heard(space);
    this.#takenBack.add(listener);
    return () => void this.#takenBack.delete(listener);
  }

  listen(kind: ContentKind, heard: (message: ContentMessage) => void): () => void {
    const listener = { kind, heard };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  checkpoints(space: ContentSpace): readonly ContentCheckpoint[] {
    const home = this.#ports.home(space);
    if (home === undefined) return [];
    const { lasting, standing } = home.replica;
    const chains = home.replica.chainsOf(home.scope);
    return (lasting.checkpointsIn?.(home.scope) ?? []).map((known) => ({
      ...known,
      sawOther: ({ id }) => standing.lines.sawOther(chains, known.id, id),
    }));
  }

  states(space: ContentSpace): readonly ContentMessage[] {
    const home = this.#ports.home(space);
    if (home === undefined) return [];
    return [...home.replica.log.ofKind('doc.checkpoint')].flatMap((settled) => {
      const { message, open } = settled.entry;
      return message.header.scope === home.scope && open !== undefined ? [handedOut(home, settled, open.body)] : [];
    });
  }

  isBuiltOn(space: ContentSpace, places: Iterable<ContentPlace>, messages: readonly MessageId[]): boolean {
    const home = this.#ports.home(space);
    if (home === undefined) return false;
    const { identity, standing } = home.replica;
    const chains = home.replica.chainsOf(home.scope);
    const own = chains.endsOf(identity.device);
    const isNamedIn = (named: MessageId): boolean => {
      const link = chains.link(named);
      if (link === undefined) return false;
      const { device, incarnation } = link.chain;
      return own.some((id) => chains.reach(id, device, incarnation) > link.header.seq);
    };
    const isIn = (place: ContentPlace): boolean => {
      return own.some((id) => standing.lines.reach(chains, id, place) > place.seq);
    };
    return messages.every(isNamedIn) && [...places].every(isIn);
  }

  heldAt(space: ContentSpace, place: ContentPlace): ReturnType<SpaceContents['heldAt']> {
    const home = this.#ports.home(space);
    const id = home?.replica.standing.lines.at(home.replica.chainsOf(home.scope), place);
    const entry = id === undefined ? undefined : home?.replica.log.get(id);
    return entry === undefined ? undefined : { kind: entry.message.header.kind, isOpen: entry.open !== undefined };
  }

  destroy(space: ContentSpace, messages: readonly MessageId[]): void {
    this.#ports.home(space)?.replica.shred(...messages);
  }

  async publish(space: ContentSpace, kind: ContentKind, body: Bytes): Promise<PublishResult> {
    const home = this.#ports.home(space);
    if (home === undefined || home.mode === 'shut') return 'shut';
    if (home.mode === 'newer') return 'newer';
    if (body.length > MAX_CONTENT_BYTES) return 'too-long';
    return this.#ports.say(home, kind, body);
  }

  sendFleeting(space: ContentSpace, payload: Bytes): void {
    const home = this.#ports.home(space);
    if (home === undefined || payload.length > MAX_FLEETING_BYTES) return;
    const { replica, scope } = home;
    const framed = isGroup(replica) ? underScope(scope, payload) : payload;
    for (const linked of this.#ports.links().devices(replica.identity.space)) {
      if (reads(replica, linked.device, scope)) linked.sendFleeting(framed);
    }
  }

  listenFleeting(heard: (event: FleetingEvent) => void): () => void {
    this.#fleeting.add(heard);
    return () => void this.#fleeting.delete(heard);
  }

  /** A message settled. */
  settled(replica: Replica, message: Settled): void {
    const home = this.#ports.home(contentSpaceIn(replica, message.entry.message.header.scope));
    if (home === undefined) return;
    for (const { kind, heard } of [...this.#listeners]) {
      const content = contentOf(home, message, kind);
      if (content !== undefined) this.#safely(() => heard(content));
    }
  }

  /** What was handed out earlier stands otherwise now. */
  restood(replica: Replica): void {
    for (const home of this.#homesOf(replica)) {
      for (const heard of [...this.#takenBack]) this.#safely(() => heard(home.space));
    }
  }

  fleetingHeard(replica: Replica, device: DeviceId, payload: Bytes): void {
    if (payload.length > MAX_FLEETING_BYTES + MAX_SCOPE_BYTES + 1) return;
    const told = isGroup(replica) ? fromScope(payload) : { scope: undefined, payload };
    if (told === undefined || (told.scope !== undefined && !reads(replica, device, told.scope))) return;
    const space =
      told.scope === undefined ? pairContentSpace(replica.identity.space) : contentSpaceIn(replica, told.scope);
    this.#tell({ is: 'payload', space, device, payload: told.payload });
  }

  presenceChanged(replica: Replica, device: DeviceId): void {
    const isHere = this.#ports.links().roadTo(replica.identity.space, device) !== undefined;
    for (const { space, scope } of this.#homesOf(replica)) {
      const key = `${space}|${device}`;
      const isSeen = isHere && reads(replica, device, scope);
      if (isSeen === this.#here.has(key)) continue;
      if (isSeen) this.#here.add(key);
      else this.#here.delete(key);
      this.#tell({ is: isSeen ? 'here' : 'gone', space, device });
    }
  }

  #homesOf(replica: Replica): readonly ContentHome[] {
    return this.#ports.homes().filter((home) => home.replica === replica);
  }

  #tell(event: FleetingEvent): void {
    for (const heard of [...this.#fleeting]) this.#safely(() => heard(event));
  }

  #safely(tell: () => void): void {
    try {
      tell();
    } catch {
      this.#ports.logger.count('contents', 'listener failed');
    }
  }
}

const MAX_SCOPE_BYTES = 64;

function isGroup({ view }: Replica): boolean {
  return view?.group !== undefined;
}

function contentSpaceIn(replica: Replica, scope: Scope): ContentSpace {
  const { space } = replica.identity;
  return isGroup(replica) ? contentSpaceOf(space, scope) : pairContentSpace(space);
}

/** In a pair both read everything. */
function reads(replica: Replica, device: DeviceId, scope: Scope): boolean {
  const { group } = replica.view ?? {};
  return group === undefined || group.scopes.get(scope)?.devices.includes(device) === true;
}

/** Length of the scope's name (1) ‖ its name ‖ payload: what is short-lived in a group says whom it is for. */
function underScope(scope: Scope, payload: Bytes): Bytes {
  const name = utf8(scope);
  return concat(Uint8Array.of(name.length), name, payload);
}

function fromScope(framed: Bytes): { readonly scope: Scope; readonly payload: Bytes } | undefined {
  const length = framed[0] ?? 0;
  if (length === 0 || length > MAX_SCOPE_BYTES || framed.length < 1 + length) return undefined;
  const name = textOf(framed.subarray(1, 1 + length));
  return name === undefined ? undefined : { scope: name as Scope, payload: framed.slice(1 + length) };
}

function factsOf({ space, mode, replica }: ContentHome): SpaceFacts {
  const checkpoints = replica.view?.group?.rules.history.docs === 'checkpoint';
  return { space, mode, device: replica.identity.device, incarnation: replica.incarnation, checkpoints };
}

function sameFacts(a: readonly SpaceFacts[], b: readonly SpaceFacts[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((facts, i) => {
    const other = b[i]!;
    return (Object.keys(facts) as (keyof SpaceFacts)[]).every((key) => facts[key] === other[key]);
  });
}

function contentOf(home: ContentHome, { entry, position }: Settled, kind: ContentKind): ContentMessage | undefined {
  const { message, open } = entry;
  const { header } = message;
  if (header.kind !== kind || header.scope !== home.scope || open === undefined) return undefined;
  if (!counts(home, message)) return undefined;
  return handedOut(home, { entry, position }, open.body);
}

/** Of a chain that went on twice both branches are read, and one is put into documents: in these, nothing fits both. */
const OF_ONE_LINE: ReadonlySet<string> = new Set(['doc.update']);

function counts(home: ContentHome, message: Message): boolean {
  const { id, header } = message;
  const { standing } = home.replica;
  if (!standing.stands(id) || !home.mightWrite(message)) return false;
  return !OF_ONE_LINE.has(header.kind) || !standing.lines.isBeside(id);
}

function handedOut(home: ContentHome, { entry, position }: Settled, body: Bytes): ContentMessage {
  const { replica } = home;
  const { id, header } = entry.message;
  return {
    space: home.space,
    position,
    id,
    kind: header.kind as ContentKind,
    mine: replica.isMine(header.device),
    author: header.device,
    incarnation: header.incarnation,
    seq: header.seq,
    lamport: header.lamport,
    past: pastOf(replica, entry.message),
    body,
  };
}

function pastOf(replica: Replica, { id, header }: Message): Past {
  const { lines } = replica.standing;
  return {
    reach: (device, incarnation) => lines.reach(replica.chainsOf(header.scope), id, { device, incarnation }),
    sawBeside: () => lines.restsBeside(id),
  };
}
