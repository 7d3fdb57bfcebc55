// Gives other rooms the standing messages of their kind, and takes theirs (space-content.ts).

import { hex, utf8, type Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import { hash } from '#core/crypto/hash.ts';
import type { Logger } from '#core/ports.ts';
import type { Live } from './api.ts';
import type { SayResult } from './engine.ts';
import type { Links } from './links.ts';
import { LiveValue } from './live-value.ts';
import type { Pair } from './pair.ts';
import {
  MAX_CONTENT_BYTES,
  MAX_FLEETING_BYTES,
  type ContentKind,
  type ContentMessage,
  type FleetingEvent,
  type PublishResult,
  type SpaceContents,
  type SpaceFacts,
} from './space-content.ts';
import type { Replica, Settled } from './space/replica.ts';

export interface ContentsPorts {
  readonly logger: Logger;
  readonly pairs: () => readonly Pair[];
  readonly pair: (space: SpaceId) => Pair | undefined;
  readonly links: () => Links;
  readonly say: (replica: Replica, kind: ContentKind, body: Bytes) => Promise<SayResult>;
}

export class Contents implements SpaceContents {
  readonly #ports: ContentsPorts;
  readonly #spaces = new LiveValue<readonly SpaceFacts[]>([]);
  readonly #listeners = new Set<{ kind: ContentKind; heard: (message: ContentMessage) => void }>();
  readonly #takenBack = new Set<(space: SpaceId) => void>();
  readonly #fleeting = new Set<(event: FleetingEvent) => void>();
  readonly #here = new Set<string>();

  constructor(ports: ContentsPorts) {
    this.#ports = ports;
  }

  get spaces(): Live<readonly SpaceFacts[]> {
    return this.#spaces;
  }

  /** Contacts changed. */
  refresh(): void {
    const facts = this.#ports.pairs().map(factsOf);
    if (!sameFacts(facts, this.#spaces.current)) this.#spaces.set(facts);
  }

  messages(space: SpaceId, kind: ContentKind, from: number): Promise<readonly ContentMessage[]> {
    const replica = this.#ports.pair(space)?.replica;
    if (replica === undefined) return Promise.resolve([]);
    const messages: ContentMessage[] = [];
    let position = 0;
    for (const entry of replica.log.entries) {
      if (!entry.stands) continue;
      const isShown = position >= from && replica.standing.stands(entry.message.id);
      const message = isShown ? contentOf(replica, { entry, position }, kind) : undefined;
      if (message !== undefined) messages.push(message);
      position++;
    }
    return Promise.resolve(messages);
  }

  takenBack(space: SpaceId, kind: ContentKind): string {
    const replica = this.#ports.pair(space)?.replica;
    if (replica === undefined) return '';
    const ids = [...replica.standing.voided].filter((id) => replica.log.get(id)?.message.header.kind === kind);
    return ids.length === 0 ? '' : hex.encode(hash('header', utf8(ids.sort().join())));
  }

  listenTakenBack(heard: (space: SpaceId) => void): () => void {
    const listener = (space: SpaceId): void => heard(space);
    this.#takenBack.add(listener);
    return () => void this.#takenBack.delete(listener);
  }

  listen(kind: ContentKind, heard: (message: ContentMessage) => void): () => void {
    const listener = { kind, heard };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async publish(space: SpaceId, kind: ContentKind, body: Bytes): Promise<PublishResult> {
    const pair = this.#ports.pair(space);
    if (pair === undefined || pair.facts.blocked) return 'shut';
    if (pair.needsNewer) return 'newer';
    if (body.length > MAX_CONTENT_BYTES) return 'too-long';
    return this.#ports.say(pair.replica, kind, body);
  }

  sendFleeting(space: SpaceId, payload: Bytes): void {
    if (payload.length > MAX_FLEETING_BYTES) return;
    for (const linked of this.#ports.links().devices(space)) linked.sendFleeting(payload);
  }

  listenFleeting(heard: (event: FleetingEvent) => void): () => void {
    this.#fleeting.add(heard);
    return () => void this.#fleeting.delete(heard);
  }

  /** A message settled. */
  settled(pair: Pair, message: Settled): void {
    for (const { kind, heard } of [...this.#listeners]) {
      const content = contentOf(pair.replica, message, kind);
      if (content !== undefined) this.#safely(() => heard(content));
    }
  }

  /** What was handed out earlier stands otherwise now. */
  restood(pair: Pair): void {
    for (const heard of [...this.#takenBack]) this.#safely(() => heard(pair.space));
  }

  fleetingHeard(replica: Replica, device: DeviceId, payload: Bytes): void {
    if (payload.length > MAX_FLEETING_BYTES) return;
    this.#tell({ is: 'payload', space: replica.identity.space, device, payload });
  }

  presenceChanged(replica: Replica, device: DeviceId): void {
    const { space } = replica.identity;
    const key = `${space}|${device}`;
    const isHere = this.#ports.links().roadTo(space, device) !== undefined;
    if (isHere === this.#here.has(key)) return;
    if (isHere) this.#here.add(key);
    else this.#here.delete(key);
    this.#tell({ is: isHere ? 'here' : 'gone', space, device });
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

function factsOf(pair: Pair): SpaceFacts {
  const { replica, facts } = pair;
  const isShut = facts.blocked || pair.contact.current.state === 'void';
  const isNewer = pair.needsNewer || replica.view?.needsNewerVersion === true;
  return {
    space: pair.space,
    theirName: facts.nickname ?? facts.theirName,
    myName: facts.myName,
    mode: isShut ? 'shut' : isNewer ? 'newer' : 'write',
    device: replica.identity.device,
    incarnation: replica.incarnation,
  };
}

function sameFacts(a: readonly SpaceFacts[], b: readonly SpaceFacts[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((facts, i) => {
    const other = b[i]!;
    return (Object.keys(facts) as (keyof SpaceFacts)[]).every((key) => facts[key] === other[key]);
  });
}

function contentOf(replica: Replica, { entry, position }: Settled, kind: ContentKind): ContentMessage | undefined {
  const { message, open } = entry;
  const { header } = message;
  if (header.kind !== kind || open === undefined) return undefined;
  return {
    space: replica.identity.space,
    position,
    id: message.id,
    kind,
    mine: replica.isMine(header.device),
    author: header.device,
    incarnation: header.incarnation,
    seq: header.seq,
    lamport: header.lamport,
    past: { reach: (device, incarnation) => replica.chainsOf(header.scope).reach(message.id, device, incarnation) },
    body: open.body,
  };
}
