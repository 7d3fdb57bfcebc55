// The thread that writes envelopes to the disk, so that a slow disk holds up no circuit. One transaction per batch;
// it is answered only when sqlite has it on the medium.

import { existsSync, renameSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { StoredEnvelope, Usage } from '#core/mailbox/store.ts';
import { isIntact } from './integrity.ts';
import type { WriterAnswer, WriterReady, WriterRequest } from './messages.ts';
import { isDamaged, isFull, openForWriting } from './schema.ts';

/** Envelopes re-hashed between two looks at what waits: about 10 ms, so that a scrub is not felt. */
const SCRUB_STEP = 256;

const START = Buffer.alloc(0);

class Writer {
  readonly #database: DatabaseSync;
  readonly #nextOf: StatementSync;
  readonly #insert: StatementSync;
  readonly #count: StatementSync;
  readonly #discount: StatementSync;
  #usage: Usage;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#nextOf = database.prepare('SELECT next FROM topic WHERE topic = ?');
    this.#insert = database.prepare('INSERT OR IGNORE INTO envelope VALUES (?, ?, ?, ?, ?, ?)');
    this.#count = database.prepare(
      `INSERT INTO topic VALUES (?1, ?2 + 1, 1, ?3)
       ON CONFLICT DO UPDATE SET next = ?2 + 1, envelopes = envelopes + 1, bytes = bytes + ?3`,
    );
    this.#discount = database.prepare(
      'UPDATE topic SET envelopes = envelopes - ?2, bytes = bytes - ?3 WHERE topic = ?1',
    );
    this.#usage = this.#measure();
  }

  get usage(): Usage {
    return this.#usage;
  }

  append(envelopes: readonly StoredEnvelope[]): readonly boolean[] {
    return this.#inTransaction(() => envelopes.map((envelope) => this.#appendOne(envelope)));
  }

  #appendOne({ topic, id, expiryDay, encoded }: StoredEnvelope): boolean {
    const key = Buffer.from(topic, 'hex');
    const seq = (this.#nextOf.get(key) as { next: number } | undefined)?.next ?? 1;
    const added = this.#insert.run(key, seq, Buffer.from(id, 'hex'), expiryDay, encoded.length, encoded);
    if (added.changes === 0) return false;
    this.#count.run(key, seq, encoded.length);
    return true;
  }

  expire(day: number): number {
    return this.#inTransaction(() => {
      const gone = this.#database
        .prepare('SELECT topic, count(*) AS envelopes, sum(size) AS bytes FROM envelope WHERE day < ? GROUP BY topic')
        .all(day) as unknown as { topic: Uint8Array; envelopes: number; bytes: number }[];
      for (const { topic, envelopes, bytes } of gone) this.#discount.run(topic, envelopes, bytes);
      const { changes } = this.#database.prepare('DELETE FROM envelope WHERE day < ?').run(day);
      this.#database.prepare('DELETE FROM damaged WHERE day < ?').run(day);
      this.#database.exec('DELETE FROM topic WHERE envelopes = 0');
      return Number(changes);
    });
  }

  /** Takes a damaged envelope out of circulation; its sender or the other readers still have it. */
  setAside(topic: Uint8Array, id: Uint8Array): number {
    return this.#inTransaction(() => {
      const kept = this.#database
        .prepare('DELETE FROM envelope WHERE topic = ? AND id = ? RETURNING day, size, encoded')
        .get(topic, id) as { day: number; size: number; encoded: Uint8Array } | undefined;
      if (kept === undefined) return 0;
      this.#discount.run(topic, 1, kept.size);
      this.#database
        .prepare('INSERT OR IGNORE INTO damaged VALUES (?, ?, ?, ?)')
        .run(topic, id, kept.day, kept.encoded);
      return 1;
    });
  }

  /** Re-hashes everything, a step at a time; `rest` lets what waits go first. Says how many were set aside. */
  async scrub(rest: () => Promise<void>): Promise<number> {
    const step = this.#database.prepare(
      `SELECT topic, seq, id, encoded FROM envelope WHERE (topic, seq) > (?, ?) ORDER BY topic, seq LIMIT ${SCRUB_STEP}`,
    );
    let at: { topic: Uint8Array; seq: number } = { topic: START, seq: 0 };
    let damaged = 0;
    for (;;) {
      type Row = { topic: Uint8Array; seq: number; id: Uint8Array; encoded: Uint8Array };
      const rows = step.all(at.topic, at.seq) as unknown as Row[];
      for (const { topic, id, encoded } of rows) if (!isIntact(encoded, id)) damaged += this.setAside(topic, id);
      if (rows.length < SCRUB_STEP) return damaged;
      at = rows.at(-1)!;
      await rest();
    }
  }

  close(): void {
    this.#database.close();
  }

  #inTransaction<T>(change: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = change();
      this.#database.exec('COMMIT');
      this.#usage = this.#measure();
      return result;
    } catch (fault) {
      // A full disk may have rolled back by itself.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw fault;
    }
  }

  #measure(): Usage {
    return this.#database
      .prepare('SELECT coalesce(sum(envelopes), 0) AS envelopes, coalesce(sum(bytes), 0) AS bytes FROM topic')
      .get() as unknown as Usage;
  }
}

function open(file: string): { writer: Writer; wasSetAside: boolean } {
  try {
    return { writer: new Writer(openForWriting(file)), wasSetAside: false };
  } catch (fault) {
    if (!isDamaged(fault)) throw fault;
    // Better an empty relay node than none: apps hold what they deposited until it is read.
    for (const end of ['', '-wal', '-shm']) {
      if (existsSync(file + end)) renameSync(file + end, `${file}.damaged${end}`);
    }
    return { writer: new Writer(openForWriting(file)), wasSetAside: true };
  }
}

async function serve(writer: Writer, request: WriterRequest): Promise<readonly boolean[] | number> {
  switch (request.do) {
    case 'append':
      return writer.append(request.envelopes);
    case 'expire':
      return writer.expire(request.day);
    case 'set-aside':
      return writer.setAside(request.topic, request.id);
    case 'scrub':
      return writer.scrub(() => new Promise((resolve) => setImmediate(resolve)));
    case 'close':
      writer.close();
      return 0;
  }
}

function main(): void {
  const port = parentPort!;
  const tell = (message: WriterAnswer | WriterReady): void => port.postMessage(message);
  let opened: ReturnType<typeof open>;
  try {
    opened = open(workerData as string);
  } catch (fault) {
    tell({ ready: false, reason: fault instanceof Error ? fault.message : 'unknown' });
    return;
  }
  const { writer, wasSetAside } = opened;
  port.on('message', async (request: WriterRequest) => {
    const { number } = request;
    try {
      const result = await serve(writer, request);
      tell({ number, usage: writer.usage, result });
    } catch (fault) {
      tell({ number, fault: isFull(fault) ? 'full' : 'broken' });
    }
    if (request.do === 'close') port.close();
  });
  tell({ ready: true, usage: writer.usage, wasSetAside });
}

main();
