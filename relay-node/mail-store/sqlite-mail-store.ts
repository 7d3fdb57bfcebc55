// Envelopes on disk: reads on this thread, writes batched to another one, acknowledged when the medium has them.

import { once } from 'node:events';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { hex } from '#core/bytes/text-forms.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import {
  MailStoreFault,
  type MailStore,
  type StoredEntry,
  type StoredEnvelope,
  type Usage,
} from '#core/mailbox/store.ts';
import type { EnvelopeId } from '#core/mailbox/topic-key.ts';
import type { Topic } from '#core/wire/envelope.ts';
import { isIntact } from './integrity.ts';
import type { WriterAnswer, WriterReady, WriterRequest } from './messages.ts';

/** One transaction holds at most this much: a batch must not outgrow the patience of those who wait for it. */
const BATCH_ENVELOPES = 1_024;
const BATCH_BYTES = 8 * 1_048_576;

interface Waiting {
  readonly envelope: StoredEnvelope;
  readonly resolve: (isNew: boolean) => void;
  readonly reject: (fault: MailStoreFault) => void;
}

interface Asked {
  readonly resolve: (result: readonly boolean[] | number) => void;
  readonly reject: (fault: MailStoreFault) => void;
}

type Question = WriterRequest extends infer R ? (R extends { number: number } ? Omit<R, 'number'> : never) : never;

/** Group commit: while one batch is being written, the next one gathers. */
export class SqliteMailStore implements MailStore {
  readonly wasSetAside: boolean;
  readonly #worker: Worker;
  readonly #reader: DatabaseSync;
  readonly #statements: Record<'positionOf' | 'list' | 'read' | 'topicUsage', StatementSync>;
  readonly #asked = new Map<number, Asked>();
  #waiting: Waiting[] = [];
  #isWriting = false;
  #number = 0;
  #usage: Usage;
  #fault: 'full' | 'broken' | undefined;
  #isGone = false;

  private constructor(worker: Worker, file: string, ready: Extract<WriterReady, { ready: true }>) {
    this.#worker = worker;
    this.#usage = ready.usage;
    this.wasSetAside = ready.wasSetAside;
    this.#reader = new DatabaseSync(file, { readOnly: true });
    this.#statements = {
      positionOf: this.#reader.prepare('SELECT seq FROM envelope WHERE topic = ? AND id = ?'),
      list: this.#reader.prepare('SELECT id, size FROM envelope WHERE topic = ? AND seq > ? ORDER BY seq'),
      read: this.#reader.prepare('SELECT encoded FROM envelope WHERE topic = ? AND id = ?'),
      topicUsage: this.#reader.prepare('SELECT envelopes, bytes FROM topic WHERE topic = ?'),
    };
    worker.on('message', (answer: WriterAnswer) => this.#answer(answer));
    worker.on('error', () => this.#break());
    worker.on('exit', () => this.#break());
  }

  /** Opens or makes the database; a file that is damaged beyond use is moved aside. */
  static async open(file: string): Promise<SqliteMailStore> {
    const worker = new Worker(new URL('./writer.ts', import.meta.url), { workerData: file });
    const [ready] = (await once(worker, 'message')) as [WriterReady];
    if (!ready.ready) {
      await worker.terminate();
      throw new Error(`the mail store cannot be opened: ${ready.reason}`);
    }
    return new SqliteMailStore(worker, file, ready);
  }

  /** What the last write ran into; `undefined` again as soon as one succeeds. */
  get fault(): 'full' | 'broken' | undefined {
    return this.#fault;
  }

  append(envelope: StoredEnvelope): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ envelope, resolve, reject });
      if (!this.#isWriting) {
        this.#isWriting = true;
        // After everything else that this turn of the loop brings: the first batch is not one envelope alone.
        setImmediate(() => void this.#writeAll());
      }
    });
  }

  async has(topic: Topic, id: EnvelopeId): Promise<boolean> {
    return this.#statements.positionOf.get(bytesOf(topic), bytesOf(id)) !== undefined;
  }

  async list(topic: Topic, after: EnvelopeId | undefined, bytes: number): Promise<readonly StoredEntry[]> {
    const key = bytesOf(topic);
    const found = after === undefined ? undefined : this.#statements.positionOf.get(key, bytesOf(after));
    const entries: StoredEntry[] = [];
    if (bytes <= 0) return entries;
    let listed = 0;
    const rows = this.#statements.list.iterate(key, (found as { seq: number } | undefined)?.seq ?? 0);
    for (const row of rows as Iterable<unknown>) {
      const { id, size } = row as { id: Uint8Array; size: number };
      entries.push({ id: hex.encode(id) as EnvelopeId, length: size });
      listed += size;
      if (listed >= bytes) break;
    }
    return entries;
  }

  async read(topic: Topic, id: EnvelopeId): Promise<Bytes | undefined> {
    const [key, idBytes] = [bytesOf(topic), bytesOf(id)];
    const row = this.#statements.read.get(key, idBytes) as { encoded: Bytes } | undefined;
    if (row === undefined || isIntact(row.encoded, idBytes)) return row?.encoded;
    await this.#ask({ do: 'set-aside', topic: key, id: idBytes });
    return undefined;
  }

  async expire(day: number): Promise<number> {
    return (await this.#ask({ do: 'expire', day })) as number;
  }

  /** Re-hashes everything that is kept and sets damaged envelopes aside; says how many. */
  async scrub(): Promise<number> {
    return (await this.#ask({ do: 'scrub' })) as number;
  }

  usage(): Promise<Usage> {
    return Promise.resolve(this.#usage);
  }

  async topicUsage(topic: Topic): Promise<Usage> {
    const row = this.#statements.topicUsage.get(bytesOf(topic)) as { envelopes: number; bytes: number } | undefined;
    return { envelopes: row?.envelopes ?? 0, bytes: row?.bytes ?? 0 };
  }

  /** Writes what waits, and ends. */
  async close(): Promise<void> {
    while (this.#isWriting) await new Promise((resolve) => setImmediate(resolve));
    if (this.#reader.isOpen) this.#reader.close();
    await this.#ask({ do: 'close' }).catch(() => {}); // a broken writer has nothing left to close
    await this.#worker.terminate();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        const isNew = (await this.#ask({
          do: 'append',
          envelopes: batch.map(({ envelope }) => envelope),
        })) as boolean[];
        batch.forEach(({ resolve }, at) => resolve(isNew[at]!));
      } catch (fault) {
        for (const { reject } of batch) reject(fault as MailStoreFault);
      }
    }
    this.#isWriting = false;
  }

  #takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && count < BATCH_ENVELOPES && bytes < BATCH_BYTES) {
      bytes += this.#waiting[count]!.envelope.encoded.length;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  #ask(question: Question): Promise<readonly boolean[] | number> {
    if (this.#isGone) return Promise.reject(new MailStoreFault('broken'));
    this.#number += 1;
    const number = this.#number;
    return new Promise((resolve, reject) => {
      this.#asked.set(number, { resolve, reject });
      this.#worker.postMessage({ ...question, number });
    });
  }

  #answer(answer: WriterAnswer): void {
    const asked = this.#asked.get(answer.number);
    this.#asked.delete(answer.number);
    if ('fault' in answer) {
      this.#fault = answer.fault;
      asked?.reject(new MailStoreFault(answer.fault));
      return;
    }
    this.#fault = undefined;
    this.#usage = answer.usage;
    asked?.resolve(answer.result);
  }

  /** The writer is gone: nothing more will be acknowledged. */
  #break(): void {
    this.#isGone = true;
    this.#fault = 'broken';
    for (const asked of this.#asked.values()) asked.reject(new MailStoreFault('broken'));
    this.#asked.clear();
  }
}

function bytesOf(name: string): Bytes {
  return hex.decode(name)!;
}
