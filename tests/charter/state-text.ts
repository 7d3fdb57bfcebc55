// All that a log says, as one text: two apps agree iff their texts are equal.

import { hex } from '#core/bytes/bytes.ts';
import type { Charter } from '#core/charter/charter.ts';
import { viewOf } from '#core/charter/view.ts';

/** Everything: which ops were kept, which of them stand, and the whole view. */
export function stateText(charter: Charter): string {
  const view = viewOf(charter);
  if (view === undefined) return 'nothing';
  const ops = [...charter.ops.keys()].sort();
  return textOf({ heads: charter.heads, ops, standing: ops.filter((id) => view.stands(id)), view });
}

/**
 * What people would notice: the view alone, without what became of each op, and without how and by whom somebody was
 * ended. Who is out may still say that they had left, or tell of a fork: ends are then told of twice. They may also come
 * too late for an invitation: then it is told by whom it was used up, to them; who came by it is looked at.
 */
export function viewText(charter: Charter): string {
  const view = viewOf(charter);
  if (view === undefined) return 'nothing';
  const { group, ...rest } = view;
  if (group === undefined) return textOf(rest);
  const { history: _history, disputes: _disputes, proposals: _proposals, ...facts } = group;
  return textOf({ ...rest, facts }, UNNOTICED);
}

const UNNOTICED: ReadonlySet<string> = new Set(['ends', 'spentBy']);

export function textOf(value: unknown, without?: ReadonlySet<string>): string {
  return JSON.stringify(plain(value, without));
}

/** Maps and sets by their keys in order, so that the order of arrival cannot show in them; functions left out. */
function plain(value: unknown, without?: ReadonlySet<string>): unknown {
  if (value instanceof Uint8Array) return hex.encode(value);
  if (value instanceof Map) return entriesOf([...(value as Map<string, unknown>)], without);
  if (value instanceof Set) return [...(value as Set<string>)].sort();
  if (Array.isArray(value)) return value.map((each) => plain(each, without));
  if (typeof value === 'object' && value !== null) return entriesOf(Object.entries(value), without);
  return typeof value === 'function' ? undefined : value;
}

function entriesOf(entries: readonly (readonly [string, unknown])[], without?: ReadonlySet<string>): unknown {
  const told = entries.filter(([key]) => without?.has(key) !== true).sort(([a], [b]) => (a < b ? -1 : 1));
  return told.map(([key, each]) => [key, plain(each, without)]);
}

/** Where two texts part, as a path of keys. */
export function firstDifference(a: string, b: string): string {
  return a === b ? '' : pathTo(JSON.parse(a), JSON.parse(b));
}

function pathTo(a: unknown, b: unknown): string {
  if (!Array.isArray(a) || !Array.isArray(b)) return `${JSON.stringify(a)} ≠ ${JSON.stringify(b)}`.slice(0, 300);
  const at = a.findIndex((each, i) => JSON.stringify(each) !== JSON.stringify(b[i]));
  if (at < 0) return `… and ${JSON.stringify(b[a.length])}`.slice(0, 300);
  const key = typeof a[0] === 'string' && at === 1 ? `${a[0]}.` : '';
  return key + pathTo(a[at], b[at]);
}
