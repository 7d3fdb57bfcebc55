// Refusals that every structure gets, made from one that is accepted: broken lengths, and for CBOR maps every field
// missing, of another type, and foreign ones. Whoever prints them reads whether each fault is the right one.
import { encode, decode, type Encodable } from '#core/wire/cbor.ts';
import type { Sample } from './samples/sample.ts';

export function usualRefusals(valid: Uint8Array): Sample[] {
  return [
    { name: 'nothing', bytes: new Uint8Array(0) },
    { name: 'first half', bytes: valid.slice(0, valid.length >> 1) },
    { name: 'last byte missing', bytes: valid.slice(0, -1) },
    { name: 'one byte more', bytes: Uint8Array.of(...valid, 0) },
    { name: 'random text', bytes: new TextEncoder().encode('not what was expected') },
    ...(isMap(parsed(valid)) ? mapRefusals(parsed(valid) as Record<string, Encodable>) : []),
    ...(isList(parsed(valid)) ? listRefusals(parsed(valid) as Encodable[]) : []),
  ];
}

function mapRefusals(map: Readonly<Record<string, Encodable>>): Sample[] {
  const keys = Object.keys(map);
  return [
    ...keys.map((key) => ({ name: `without ${key}`, bytes: encode(without(map, key)) })),
    ...keys.map((key) => ({ name: `${key} of another type`, bytes: encode({ ...map, [key]: otherType(map[key]!) }) })),
    ...keys
      .filter((key) => map[key] instanceof Uint8Array)
      .map((key) => ({ name: `${key} emptied`, bytes: encode({ ...map, [key]: new Uint8Array(0) }) })),
    { name: 'a foreign field', bytes: encode({ ...map, foreign: 1 }) },
    ...(typeof map['v'] === 'number' ? [{ name: 'version 0', bytes: encode({ ...map, v: 0 }) }] : []),
    ...(typeof map['v'] === 'number' ? [{ name: 'a newer version', bytes: encode({ ...map, v: map['v'] + 1 }) }] : []),
    { name: 'not the shortest spelling', bytes: longHead(encode(map)) },
  ];
}

function listRefusals(list: readonly Encodable[]): Sample[] {
  const inner = list[0] instanceof Uint8Array ? parsed(list[0]) : undefined;
  return [
    { name: 'one item less', bytes: encode(list.slice(0, -1)) },
    { name: 'one item more', bytes: encode([...list, 0]) },
    ...list.map((item, i) => ({
      name: `item ${i} of another type`,
      bytes: encode(list.map((same, at) => (at === i ? otherType(item) : same))),
    })),
    ...(isMap(inner)
      ? mapRefusals(inner as Record<string, Encodable>).map(({ name, bytes }) => ({
          name: `in item 0: ${name}`,
          bytes: encode([bytes, ...list.slice(1)]),
        }))
      : []),
  ];
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, 'vector', 1_000_000);
  } catch {
    return undefined; // not CBOR: only the refusals of length apply
  }
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function isList(value: unknown): boolean {
  return Array.isArray(value);
}

function without(map: Readonly<Record<string, Encodable>>, key: string): Encodable {
  return Object.fromEntries(Object.entries(map).filter(([name]) => name !== key));
}

function otherType(value: Encodable): Encodable {
  return typeof value === 'number' ? 'text' : 7;
}

/** The same item with its head in a longer form than needed (RFC 8949 §4.2.1 forbids it). */
function longHead(bytes: Uint8Array): Uint8Array {
  const first = bytes[0]!;
  const minor = first & 31;
  if (minor >= 24) return Uint8Array.of((first & 0xe0) | 25, 0, ...bytes.slice(1));
  return Uint8Array.of((first & 0xe0) | 24, minor, ...bytes.slice(1));
}
