// What its author took back, by their own word: in a group a body may be missing for that, and not because somebody who
// passed the message on left it out (core/sync/SPEC.md §6).

import type { DeviceId, MessageId, PrincipalId } from '#core/charter/ids.ts';
import { decodeChatBody } from '#core/chat/body.ts';
import type { Message } from '#core/chain/message.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import type { Entry } from './log.ts';

export class Deletions {
  readonly #principalOf: (device: DeviceId) => PrincipalId | undefined;
  /** By what was taken back: the devices that said so. */
  readonly #by = new Map<MessageId, Set<DeviceId>>();
  readonly #devices = new Set<DeviceId>();

  constructor(principalOf: (device: DeviceId) => PrincipalId | undefined) {
    this.#principalOf = principalOf;
  }

  /** A message came, or was read from the disk. */
  note({ message, open }: Pick<Entry, 'message' | 'open'>): void {
    const { kind, device } = message.header;
    const target = kind === 'delete' && open !== undefined ? targetOf(open.body) : undefined;
    if (target === undefined) return;
    this.#by.set(target, (this.#by.get(target) ?? new Set()).add(device));
    this.#devices.add(device);
  }

  /** By any device of its author. An edit goes with what it changed, and which that was only its body said. */
  has({ id, header }: Pick<Message, 'id' | 'header'>): boolean {
    const author = this.#principalOf(header.device);
    const by = header.kind === 'edit' ? this.#devices : (this.#by.get(id) ?? []);
    return [...by].some((device) => device === header.device || this.#principalOf(device) === author);
  }
}

function targetOf(body: Uint8Array): MessageId | undefined {
  const said = tryDecode(() => decodeChatBody('delete', body));
  return said?.kind === 'delete' ? said.target : undefined;
}
