// A hash of what a document says. Two replicas with equal state vectors may still differ (a forger can give one clock
// two contents), so "in sync" is said of this and of nothing less.

import { Map as YMap, XmlElement, XmlFragment, XmlText, type Doc } from 'yjs';
import { utf8, hex } from '../bytes/bytes.ts';
import { hash } from '../crypto/hash.ts';
import { TEXT_ROOTS, TOOL_ROOTS } from './schema.ts';

/** 32 bytes as hex. Equal for equal roots: names, attributes, texts and marks, however they are cut into structs. */
export function contentHash(doc: Doc): string {
  const parts: string[] = [];
  for (const name of [...new Set([...TEXT_ROOTS, ...doc.share.keys()])].sort()) {
    // That somebody looked for a tool makes no difference.
    if (TOOL_ROOTS.includes(name) && doc.getMap(name).size === 0) continue;
    const root = typedRoot(doc, name);
    parts.push(JSON.stringify(name));
    if (root !== undefined) describe(root, parts);
  }
  return hex.encode(hash('docContent', utf8(parts.join('\n'))));
}

/** Roots come untyped from Yjs until somebody asks for them by type. */
function typedRoot(doc: Doc, name: string): unknown {
  if (name === 'meta' || TOOL_ROOTS.includes(name)) return doc.getMap(name);
  if (name === 'body') return doc.getXmlFragment(name);
  return undefined;
}

/** The guard bounds the nesting, so this recursion is bounded too. */
function describe(type: unknown, parts: string[]): void {
  if (type instanceof XmlText) {
    parts.push(`text ${canonical(joined(type))}`, canonical(type.getAttributes()));
  } else if (type instanceof XmlElement) {
    parts.push(`element ${JSON.stringify(type.nodeName)} ${canonical(type.getAttributes())}`);
    describeAll(type, parts);
  } else if (type instanceof XmlFragment) {
    describeAll(type, parts);
  } else if (type instanceof YMap) {
    for (const key of [...type.keys()].sort()) parts.push(`entry ${canonical([key, type.get(key)])}`);
  }
}

function describeAll(holder: XmlFragment, parts: string[]): void {
  parts.push('(');
  for (const child of holder.toArray()) describe(child, parts);
  parts.push(')');
}

interface Piece {
  readonly insert: unknown;
  readonly attributes?: unknown;
}

/** Neighbouring pieces under equal marks are one text: where a replica cuts is its own affair. */
function joined(text: XmlText): readonly (readonly [unknown, string])[] {
  const pieces: [unknown, string][] = [];
  for (const piece of text.toDelta() as readonly Piece[]) {
    const marks = canonical(piece.attributes ?? {});
    const last = pieces.at(-1);
    if (last !== undefined && last[1] === marks && typeof last[0] === 'string' && typeof piece.insert === 'string') {
      last[0] += piece.insert;
    } else pieces.push([piece.insert, marks]);
  }
  return pieces;
}

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : typeof inner === 'bigint'
        ? `${inner}n`
        : inner,
  );
}
