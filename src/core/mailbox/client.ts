// The app's side of a mailbox: leave envelopes at one relay node, collect them, be told of new ones, pass beats.

import { equal, type Bytes } from '../bytes/bytes.ts';
import type { SigningKey } from '../crypto/suite.ts';
import { SECOND, type Clock, type Link, type Millis, type Random, type Signal } from '../ports.ts';
import { encodeEnvelope, type Envelope, type Topic } from '../wire/envelope.ts';
import { WireError } from '../wire/wire-error.ts';
import { decodeMailboxAnswer, welcomeBytes, type MailboxAnswer, type Outcome } from './answer-frames.ts';
import { relayKeyOf } from './relay-key.ts';
import { MailboxFault } from './mailbox-fault.ts';
import { Requests } from './requests.ts';
import { Subscriptions, type SubscribeOptions, type Subscription } from './subscriptions.ts';
import { envelopeIdOf, proveReading, signBeat, type EnvelopeId, type TopicCrypto, type TopicKey } from './topic-key.ts';
import { TopicReader, type Batch, type Cells } from './topic-reader.ts';

export { MailboxFault, type Batch, type SubscribeOptions, type Subscription };

export interface MailboxPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly suite: TopicCrypto;
}

/** Why a relay node keeps no envelope. `relay-full` also stands for a disk that fails. */
export type DepositRefusal = 'not-signed' | 'wrong-day' | 'topic-full' | 'relay-full';
export type DepositAnswer = 'stored' | DepositRefusal;

/** How often we ask whether the relay node is still there and whether we missed a push. */
const HEARTBEAT = (20 * SECOND) as Millis;

/** How soon a topic is looked at again that was looked at before the relay node knew of the subscription. */
const LOOK_AGAIN = SECOND;

type Welcome = Extract<MailboxAnswer, { is: 'welcome' }>;

/** Greets the relay node over a link and resolves when it has answered; rejects with `MailboxFault`. */
export async function openMailbox(link: Link, ports: MailboxPorts, signal?: Signal): Promise<MailboxClient> {
  signal?.throwIfAborted();
  const client = new MailboxClient(link, ports);
  const stop = (): void => client.close();
  signal?.addEventListener('abort', stop);
  try {
    await client.greet();
    return client;
  } catch (fault) {
    client.close();
    throw fault;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** One relay node's mailboxes over one link. Made anew, by `openMailbox`, for each link. */
export class MailboxClient {
  /** Called once, when the link has ended or the relay node stopped answering, but not for our own `close`. */
  onclose: (() => void) | undefined;
  /** Called when the relay node announces another day. */
  onday: ((day: number) => void) | undefined;
  readonly #link: Link;
  readonly #ports: MailboxPorts;
  readonly #requests: Requests;
  readonly #subscriptions: Subscriptions;
  readonly #proofs = new Map<Topic, Promise<Bytes>>();
  #welcome: Welcome | undefined;
  #day = 0;
  #cancelHeartbeat: (() => void) | undefined;
  #isClosed = false;

  constructor(link: Link, ports: MailboxPorts) {
    this.#link = link;
    this.#ports = ports;
    this.#requests = new Requests(link, ports.clock);
    this.#subscriptions = new Subscriptions((key, from) => this.#reader(key, from));
    link.onframe = (frame) => this.#receive(frame);
    link.onclose = () => this.#end('closed');
  }

  /** The day the relay node announced (since 1970, UTC). Topics use this day ± 1, never the device's own clock. */
  get day(): number {
    return this.#day;
  }

  get relayKey(): SigningKey {
    return this.#greeted.relayKey;
  }

  /** Learns who answers, its day and the challenge of this link. */
  async greet(): Promise<void> {
    const nonce = this.#ports.random.bytes(32);
    const answer = await this.#requests.ask({ is: 'hello', nonce });
    if (answer.is !== 'welcome') throw new MailboxFault('wrong-relay');
    const { relayKey, challenge, day, signature } = answer;
    const expected = relayKeyOf(this.#link.remote);
    const said = welcomeBytes(nonce, challenge, day);
    const isSigned = await this.#ports.suite.verify('mailboxHello', said, signature, relayKey);
    if (!isSigned || (expected !== undefined && !equal(expected, relayKey))) throw new MailboxFault('wrong-relay');
    if (this.#isClosed) throw new MailboxFault('closed');
    this.#welcome = answer;
    this.#day = day;
    this.#beatLater();
  }

  /** `stored` once the relay node has it on disk. Depositing the same envelope again is harmless. */
  async deposit(envelope: Envelope): Promise<DepositAnswer> {
    const answer = await this.#requests.ask({ is: 'deposit', encoded: encodeEnvelope(envelope), envelope });
    const outcome = outcomeOf(answer);
    if (outcome === 'done') return 'stored';
    if (outcome === 'too-many') throw new MailboxFault('refused');
    return outcome;
  }

  /** One look: one answer, or as many as the first envelope takes. Deletes nothing. */
  fetch(key: TopicKey, after?: EnvelopeId): Promise<Batch> {
    return this.#reader(key, { after }).next();
  }

  /** Everything after a cursor, batch by batch; several answers are under way at once. `take` is awaited. */
  async collect(
    key: TopicKey,
    after: EnvelopeId | undefined,
    take: (batch: Batch) => void | Promise<void>,
  ): Promise<void> {
    const reader = this.#reader(key, { after });
    for (;;) {
      const batch = await reader.next();
      await take(batch);
      if (!batch.more) return;
    }
  }

  /**
   * Resolves when the relay node knows of the subscription; old envelopes follow through `onbatch`. One per topic: a
   * second one takes the place of the first.
   */
  async subscribe(key: TopicKey, options: SubscribeOptions): Promise<Subscription> {
    const proof = await this.#proof(key);
    const entry = this.#subscriptions.add(key, options);
    // Who waits for what surely lies there looks at once; the look that sees what came in between is in no hurry.
    const isMuch = options.isMuch === true;
    if (isMuch) entry.lookEarly();
    try {
      const answer = await this.#requests.ask({ is: 'subscribe', topic: key.topic, proof });
      if (outcomeOf(answer) !== 'done') throw new MailboxFault('refused');
    } catch (fault) {
      this.#subscriptions.remove(entry);
      throw fault;
    }
    if (isMuch) this.#ports.clock.after(LOOK_AGAIN, () => entry.lookAgain());
    else entry.catchUp();
    return { close: () => this.#unsubscribe(key.topic, () => this.#subscriptions.remove(entry)) };
  }

  /** Hands a beat to whoever is subscribed now. Not stored, not acknowledged. */
  async publish(key: TopicKey, beat: Bytes): Promise<void> {
    this.#requests.tell({ is: 'publish', ...(await signBeat(this.#ports.suite, key, beat)) });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#stop('closed');
    this.#link.close();
  }

  get #greeted(): Welcome {
    if (this.#welcome === undefined) throw new MailboxFault('closed');
    return this.#welcome;
  }

  #unsubscribe(topic: Topic, remove: () => boolean): void {
    if (!remove() || this.#isClosed) return;
    this.#requests.ask({ is: 'unsubscribe', topic }).catch(() => {}); // if it is lost, pushes of it are dropped here
  }

  #proof(key: TopicKey): Promise<Bytes> {
    let proof = this.#proofs.get(key.topic);
    if (proof === undefined) this.#proofs.set(key.topic, (proof = this.#prove(key)));
    return proof;
  }

  async #prove(key: TopicKey): Promise<Bytes> {
    return proveReading(this.#ports.suite, key, this.#greeted);
  }

  #reader(key: TopicKey, from: ConstructorParameters<typeof TopicReader>[1]): TopicReader {
    return new TopicReader(key.topic, from, (from, offset) => this.#fetchCells(key, from, offset));
  }

  async #fetchCells(key: TopicKey, after: EnvelopeId | undefined, offset: number): Promise<Cells> {
    const proof = await this.#proof(key);
    const answer = await this.#requests.ask({ is: 'fetch', topic: key.topic, after, offset, proof });
    if (answer.is !== 'cells') throw new MailboxFault('refused');
    this.#noteDay(answer.day);
    return answer;
  }

  #receive(frame: Bytes): void {
    if (this.#isClosed) return;
    let answer: MailboxAnswer;
    try {
      answer = decodeMailboxAnswer(frame);
    } catch (fault) {
      if (fault instanceof WireError) return; // damaged on the way, or from a newer relay node: as good as lost
      throw fault;
    }
    if (answer.is === 'mail') this.#subscriptions.push(answer.number, envelopeIdOf(answer.encoded), answer.envelope);
    else if (answer.is === 'beat') this.#subscriptions.beat(answer.topic, answer.beat);
    else this.#requests.answer(answer);
  }

  #noteDay(day: number): void {
    if (day === this.#day) return;
    this.#day = day;
    this.onday?.(day);
  }

  #beatLater(): void {
    this.#cancelHeartbeat = this.#ports.clock.after(HEARTBEAT, () => void this.#heartbeat());
  }

  async #heartbeat(): Promise<void> {
    try {
      const answer = await this.#requests.ask({ is: 'ping' });
      if (answer.is === 'pong') {
        this.#noteDay(answer.day);
        this.#subscriptions.compare(answer.pushed);
      }
      if (!this.#isClosed) this.#beatLater();
    } catch {
      this.#end('no-answer');
      this.#link.close();
    }
  }

  /** The link or the relay node ended, not we. */
  #end(fault: 'closed' | 'no-answer'): void {
    if (this.#isClosed) return;
    this.#stop(fault);
    this.onclose?.();
  }

  #stop(fault: 'closed' | 'no-answer'): void {
    this.#isClosed = true;
    this.#cancelHeartbeat?.();
    this.#subscriptions.clear();
    this.#requests.end(new MailboxFault(fault));
  }
}

function outcomeOf(answer: MailboxAnswer): Outcome {
  if (answer.is !== 'outcome') throw new MailboxFault('refused');
  return answer.outcome;
}
