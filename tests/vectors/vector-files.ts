// Reads the vector files and writes values the way they stand in them: byte strings as hex, the rest as plain JSON.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface AcceptCase {
  readonly name: string;
  readonly bytes: string;
  readonly value: unknown;
}

export interface RefuseCase {
  readonly name: string;
  readonly bytes: string;
  readonly fault: string;
}

/** One file per structure and version. */
export interface VectorFile {
  readonly spec: string;
  readonly version: number;
  readonly accept: readonly AcceptCase[];
  readonly refuse: readonly RefuseCase[];
}

export const vectorFolder = import.meta.dirname;

/** The files of structures. */
export function vectorFiles(): string[] {
  return readdirSync(vectorFolder).filter((file) => /\.v\d+\.json$/u.test(file));
}

export function vectorFileOf(name: string, version = 1): string {
  return `${name}.v${version}.json`;
}

export function readVectors(name: string, version = 1): VectorFile {
  return JSON.parse(readFileSync(path.join(vectorFolder, vectorFileOf(name, version)), 'utf8')) as VectorFile;
}

/** A decoded value as vectors write it. `undefined` fields are left out, as JSON does. */
export function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Map) return [...value].map(([key, item]) => [toJson(key), toJson(item)]);
  if (value instanceof Set) return [...value].map(toJson);
  if (Array.isArray(value)) return value.map((item) => toJson(item) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, toJson(item)]),
  );
}

export function bytesOfHex(text: string): Uint8Array<ArrayBuffer> {
  if (!/^([0-9a-f]{2})*$/u.test(text)) throw new Error('vectors are lower-case hex');
  return Uint8Array.from(Buffer.from(text, 'hex'));
}
