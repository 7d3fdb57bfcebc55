// Where to find what among all ops that were ever placed on the way to a log (`Course` in past.ts).

import { actOf, bindingsOf, newMemberKey, recoveryOf, type Binding } from './grants.ts';
import type { DeviceId, PrincipalId } from './ids.ts';
import type { OpBody } from './op-body.ts';
import { isNotable, type Course, type Placed } from './past.ts';
import { inviteOf } from './standing.ts';

export function newCourse(): Course {
  return {
    chains: new Map(),
    makers: new Map(),
    placed: new Map(),
    notable: [],
    byKey: new Map(),
    binders: [],
    byPrincipal: new Map(),
    byHolder: new Map(),
    charters: [],
    completing: [],
    completions: new Map(),
    byTarget: new Map(),
    joinsByTarget: new Map(),
    joins: new Map(),
    newcomers: new Map(),
    heads: new Set(),
    isGroup: false,
    whole: undefined,
  };
}

/** The number of a device's chain. */
export function chainOf(course: Course, device: DeviceId): number {
  const known = course.chains.get(device);
  if (known !== undefined) return known;
  const chain = course.chains.size;
  course.chains.set(device, chain);
  return chain;
}

/** Takes in an op that was placed just now. */
export function note(course: Course, op: Placed): void {
  course.placed.set(op.id, op);
  for (const parent of op.signed.op.prev) course.heads.delete(course.placed.get(parent)!);
  course.heads.add(op);
  if (isNotable(op)) course.notable.push(op);
  for (const { id } of op.grants) course.makers.set(id, op);
  const bindings = bindingsOf(op);
  for (const { binding, recovery } of bindings) {
    course.makers.set(binding, op);
    if (recovery !== undefined) course.makers.set(recoveryOf(binding), op);
  }
  for (const target of op.cited) push(course.byTarget, target, op);
  if (op.isLegal && !FILLING.has(op.signed.op.body.type)) noteLegal(course, op, bindings);
}

/** These fill a log, and nobody asks for them by what they do. */
const FILLING: ReadonlySet<OpBody['type']> = new Set(['rotate', 'relays', 'card']);

function noteLegal(course: Course, op: Placed, bindings: readonly Binding[]): void {
  const { body } = op.signed.op;
  const log = { ops: course.placed };
  if (body.type === 'genesis') course.isGroup = body.kind === 'group';
  if (bindings.length > 0) course.binders.push(op);
  for (const { principal, device, recovery } of bindings) {
    push(course.byPrincipal, principal, op);
    push(course.byKey, device, op);
    if (recovery !== undefined) push(course.byKey, recovery, op);
  }
  if (body.type === 'device' && body.act === 'end') push(course.byPrincipal, op.principal, op);
  if (op.grants.length > 0) for (const holder of holdersOf(op)) push(course.byHolder, holder, op);
  if (actOf(op).type === 'charter' || body.type === 'genesis') course.charters.push(op);
  if (body.type === 'frontier') course.completing.push(op);
  if (op.vote !== undefined) push(course.completions, op.vote.proposal, op);
  const key = newMemberKey(op);
  if (key !== undefined) push(course.newcomers, key, op);
  const invite = inviteOf(op, { log });
  if (invite === undefined) return;
  push(course.joins, invite, op);
  const targets = [...invite.grants.map(({ target }) => target), ...invite.cited];
  for (const target of targets) push(course.joinsByTarget, target, op);
}

/** Whom an op gives roles. */
function holdersOf({ grants }: Placed): ReadonlySet<PrincipalId> {
  return new Set(grants.flatMap(({ kind, on }) => (kind === 'role' ? [on] : [])));
}

function push<Key>(map: Map<Key, Placed[]>, key: Key, op: Placed): void {
  const same = map.get(key);
  if (same === undefined) map.set(key, [op]);
  else same.push(op);
}
