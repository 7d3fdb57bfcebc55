// The tables of the mail store. No person, device, address or time of arrival has a column; nothing joins two topics.

import { DatabaseSync } from 'node:sqlite';

/**
 * Rows lie by topic, not by arrival, so that a seized disk does not say which topics were written one after the other.
 * `seq` counts within a topic. `secure_delete`: what expired is overwritten, not just forgotten.
 */
const SCHEMA = `
  PRAGMA page_size = 8192;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA secure_delete = ON;
  PRAGMA busy_timeout = 5000;
  CREATE TABLE IF NOT EXISTS envelope (
    topic BLOB NOT NULL, seq INTEGER NOT NULL, id BLOB NOT NULL, day INTEGER NOT NULL, size INTEGER NOT NULL,
    encoded BLOB NOT NULL, PRIMARY KEY (topic, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS envelope_id ON envelope (topic, id);
  CREATE INDEX IF NOT EXISTS envelope_day ON envelope (day);
  CREATE TABLE IF NOT EXISTS topic (
    topic BLOB NOT NULL PRIMARY KEY, next INTEGER NOT NULL, envelopes INTEGER NOT NULL, bytes INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS damaged (
    topic BLOB NOT NULL, id BLOB NOT NULL, day INTEGER NOT NULL, encoded BLOB NOT NULL, PRIMARY KEY (topic, id)
  ) STRICT, WITHOUT ROWID;
`;

/** Opens or makes the database for writing. Throws when the file is not one, or is damaged. */
export function openForWriting(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    database.exec(SCHEMA);
    // Reading the counts of every topic also finds a file whose pages do not hold together.
    database.prepare('SELECT sum(bytes) FROM topic').get();
    return database;
  } catch (fault) {
    database.close();
    throw fault;
  }
}

const SQLITE_FULL = 13;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

function codeOf(fault: unknown): number | undefined {
  return (fault as { errcode?: number } | null)?.errcode;
}

export function isFull(fault: unknown): boolean {
  return codeOf(fault) === SQLITE_FULL;
}

export function isDamaged(fault: unknown): boolean {
  // The low byte is the kind; the rest says more about it.
  const kind = (codeOf(fault) ?? 0) & 0xff;
  return kind === SQLITE_CORRUPT || kind === SQLITE_NOTADB;
}
