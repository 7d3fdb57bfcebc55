// What one rotation takes in (keys/SPEC.md §6): how many scopes fit an op, and which newcomers it lets in.

import type { Charter } from '../charter/charter.ts';
import type { OpId, Scope } from '../charter/ids.ts';
import { MAX_RECIPIENTS } from '../charter/key-body.ts';
import { viewOf, type CharterView } from '../charter/view.ts';
import { readersOf } from './readers.ts';

/** A recipient in an op, and a scope's own fields, with what CBOR adds. */
const RECIPIENT_BYTES = 69;
const SCOPE_BYTES = 160;
/** What is left of an op of 65,536 bytes for recipients, with room for joins. */
const ROOM_BYTES = 44_000;

/** Scopes by op: one op where they fit, so that one removal is one step for everybody. */
export function inOps(view: CharterView, scopes: readonly Scope[]): readonly (readonly Scope[])[] {
  const ops: Scope[][] = [];
  let room = 0;
  for (const scope of scopes) {
    const size = SCOPE_BYTES + RECIPIENT_BYTES * readersOf(view, scope).size;
    const last = ops.at(-1);
    if (last !== undefined && size <= room) last.push(scope);
    else {
      ops.push([scope]);
      room = ROOM_BYTES;
    }
    room -= size;
  }
  return ops;
}

/** Joins of members who are in and whom no standing rotation let in yet, oldest first. */
export function joinsToAdmit(charter: Charter): readonly OpId[] {
  const view = viewOf(charter);
  if (view?.group === undefined) return [];
  const admitted = new Set(
    view.rotations.flatMap(({ op }) => {
      const body = charter.ops.get(op)?.signed.op.body;
      return body?.type === 'rotate' ? body.admits : [];
    }),
  );
  const joins: OpId[] = [];
  for (const member of view.group.members.values()) {
    if (!member.isLive || member.came.by !== 'invitation') continue;
    const { op } = view.group.grants.get(member.id)!;
    if (!admitted.has(op)) joins.push(op);
  }
  return joins.slice(0, MAX_RECIPIENTS).sort();
}
