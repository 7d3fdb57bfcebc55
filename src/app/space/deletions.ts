// What its author took back, by their own word: in a group a body may be missing for that, and not because somebody who
// passed the message on left it out (core/sync/SPEC.md §6).

import type { DeviceId, MessageId, PrincipalId } from '#core/charter/ids.ts';
import { decodeChatBody } from '#core/chat/body.ts';
import type { Message } from '#core/chain/message.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import type { Entry } from './log.ts';

interface DeletionsGround {
  readonly principalOf: (device: DeviceId) => PrincipalId | undefined;
  /** Whether the word stands, and its author might say it. */
  readonly counts: (message: Message) => boolean;
}

export class Deletions {
  readonly #ground: DeletionsGround;
  /** By what was taken back: the messages that say so. */
  readonly #by = new Map<MessageId, Map<MessageId, Message>>();
  readonly #devices = new Set<DeviceId>();
  #count = 0;

  constructor(ground: DeletionsGround) {
    this.#ground = ground;
  }

  /** Grows with each word. */
  get count(): number {
    return this.#count;
  }

  /** A message came, or was read from the disk. */
  note({ message, open }: Pick<Entry, 'message' | 'open'>): void {
    const { kind, device } = message.header;
    const target = kind === 'delete' && open !== undefined ? targetOf('delete', open.body) : undefined;
    if (target === undefined) return;
    const words = this.#by.get(target) ?? new Map<MessageId, Message>();
    if (!words.has(message.id)) this.#count++;
    this.#by.set(target, words.set(message.id, message));
    this.#devices.add(device);
  }

  /** By any device of its author, standing or not. An edit goes with what it changed, and which that was only its body said. */
  has(message: Pick<Message, 'id' | 'header'>): boolean {
    if (message.header.kind === 'edit') return this.byAuthorOf(message);
    return [...(this.#by.get(message.id)?.values() ?? [])].some(({ header }) =>
      this.#isOfAuthor(message, header.device),
    );
  }

  /** Whether its author took anything back. */
  byAuthorOf(message: Pick<Message, 'header'>): boolean {
    return [...this.#devices].some((device) => this.#isOfAuthor(message, device));
  }

  /** Whether this very message, or what it changed, as far as its body is there, is taken back and stays so. */
  stands({ message, open }: Pick<Entry, 'message' | 'open'>): boolean {
    const { kind, scope } = message.header;
    const changed = kind === 'edit' && open !== undefined ? targetOf('edit', open.body) : undefined;
    const words = [message.id, ...(changed === undefined ? [] : [changed])].flatMap((id) => [
      ...(this.#by.get(id)?.values() ?? []),
    ]);
    return words.some((word) => {
      return word.header.scope === scope && this.#isOfAuthor(message, word.header.device) && this.#ground.counts(word);
    });
  }

  #isOfAuthor({ header }: Pick<Message, 'header'>, device: DeviceId): boolean {
    const { principalOf } = this.#ground;
    return device === header.device || principalOf(device) === principalOf(header.device);
  }
}

function targetOf(kind: 'delete' | 'edit', body: Uint8Array): MessageId | undefined {
  const said = tryDecode(() => decodeChatBody(kind, body));
  return said?.kind === 'delete' || said?.kind === 'edit' ? said.target : undefined;
}
