// Writers of messages for tests of chains: each has its own view of what has been said.

import type { Bytes } from '#core/bytes/bytes.ts';
import { ChainSet } from '#core/chain/chain-set.ts';
import { writeMessage, type Message } from '#core/chain/message.ts';
import type { Header } from '#core/charter/header.ts';
import { EVERYONE, type Incarnation, type Kid } from '#core/charter/ids.ts';
import { authOf, opSeqOf, type Author } from '#core/charter/write-op.ts';
import { hash } from '#core/crypto/hash.ts';
import type { AeadKey } from '#core/crypto/suite.ts';
import type { Replica } from './space-kit.ts';

export const bodyKey = hash('chatKey', new Uint8Array([1])) as Bytes as AeadKey;
export const headerKey = hash('headerKey', new Uint8Array([1])) as Bytes as AeadKey;
export const kid = '0a'.repeat(16) as Kid;

export function incarnationOf(n: number): Incarnation {
  return n.toString(16).padStart(16, '0') as Incarnation;
}

/** A body and its salt, the same for the same text. */
export function contentOf(text: string) {
  const body = new TextEncoder().encode(text) as Bytes;
  return { body, salt: hash('body', body), bodyKey };
}

/** One device between two unlocks. */
export class Writer {
  readonly author: Author;
  readonly replica: Replica;
  readonly incarnation: Incarnation;
  readonly chains = new ChainSet(EVERYONE);

  constructor(author: Author, replica: Replica, incarnation = 1) {
    this.author = author;
    this.replica = replica;
    this.incarnation = incarnationOf(incarnation);
  }

  /** The header the next message would have. */
  header(claim: Partial<Header> = {}): Omit<Header, 'bodyHash' | 'bodyLength'> {
    const { charter } = this.replica;
    const next = this.chains.next(this.author.device, this.incarnation);
    return {
      space: charter.space,
      scope: EVERYONE,
      kid,
      device: this.author.device,
      incarnation: this.incarnation,
      ...next,
      n: next.seq,
      charter: charter.heads,
      opSeq: opSeqOf(charter, this.author.device),
      under: charter.space as string as Header['under'],
      auth: authOf(charter, this.author.device)!,
      kind: 'chat',
      ...claim,
    };
  }

  /** Makes a message without taking it in. */
  make(text: string, claim: Partial<Header> = {}): Promise<Message> {
    return writeMessage(this.header(claim), contentOf(text), this.author.seed, this.replica.suite);
  }

  async say(text: string, claim: Partial<Header> = {}): Promise<Message> {
    const message = await this.make(text, claim);
    this.hear(message);
    return message;
  }

  async sayMany(count: number, text = 'n'): Promise<Message[]> {
    const messages: Message[] = [];
    for (let i = 0; i < count; i++) messages.push(await this.say(`${text} ${i}`));
    return messages;
  }

  hear(...messages: readonly Message[]) {
    return this.chains.add(messages, this.replica.charter);
  }
}
