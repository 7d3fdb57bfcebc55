// Which keys a device may have (keys/SPEC.md §6): those wrapped to it, and those made while its person read the scope. A
// newcomer gets no key under which others talked before them, but a new one; and of what was said before only what the
// rules of the group give.

import { isInPast, type Charter } from '../charter/charter.ts';
import type { Header } from '../charter/header.ts';
import { EVERYONE, type DeviceId, type Kid, type OpId, type PrincipalId, type Scope } from '../charter/ids.ts';
import { byOrder, type Placed } from '../charter/past.ts';
import { kidOf, viewOf, type CharterView } from '../charter/view.ts';
import { isReader } from './readers.ts';

/** Somebody who is to come in by a welcome: no op binds a device of theirs yet, and they read by the keys it gives. */
export interface Newcomer {
  readonly keys: ReadonlySet<Kid>;
}

export type Reader = DeviceId | Newcomer;

interface Made {
  readonly op: OpId;
  readonly scope: Scope;
  readonly recipients: ReadonlySet<DeviceId>;
}

const made = new WeakMap<object, ReadonlyMap<Kid, Made>>();

/** Every key that a rotation made, standing or not: honest members may have written under one that fell later. */
function madeIn(charter: Charter): ReadonlyMap<Kid, Made> {
  const known = made.get(charter.ops);
  if (known !== undefined) return known;
  const keys = new Map<Kid, Made>();
  for (const { id, signed } of charter.ops.values()) {
    const { body } = signed.op;
    if (body.type !== 'rotate') continue;
    for (const { scope, commitment, recipients } of body.scopes) {
      const kid = kidOf(commitment);
      if (!keys.has(kid)) keys.set(kid, { op: id, scope, recipients: new Set(recipients.map(({ device }) => device)) });
    }
  }
  made.set(charter.ops, keys);
  return keys;
}

/** Whether a device that asks for a key may be given it. */
export function mayHaveKey(charter: Charter, device: DeviceId, kid: Kid): boolean {
  const view = viewOf(charter);
  const facts = view?.devices.get(device);
  if (view === undefined || facts === undefined) return false;
  // Two people have no secrets from each other's devices.
  if (view.group === undefined) return isReader(view, device, EVERYONE);
  const key = madeIn(charter).get(kid);
  if (key === undefined || !isReader(view, device, key.scope)) return false;
  if (key.recipients.has(device)) return true;
  const grants = readingGrants(view, facts.principal, key.scope);
  return grants.some((op) => isInPast(charter, op, key.op) || welcomeKeyOf(charter, op, key.scope) === key.op);
}

const welcomes = new WeakMap<object, Map<string, OpId | undefined>>();

/** The rotation whose key an invitation's welcome gave: the newest in the past of the join that used it. */
function welcomeKeyOf(charter: Charter, join: OpId, scope: Scope): OpId | undefined {
  const known = welcomes.get(charter.ops) ?? new Map<string, OpId | undefined>();
  welcomes.set(charter.ops, known);
  const name = `${join}/${scope}`;
  if (!known.has(name)) known.set(name, newestBefore(charter, join, scope));
  return known.get(name);
}

function newestBefore(charter: Charter, join: OpId, scope: Scope): OpId | undefined {
  if (charter.ops.get(join)?.signed.op.body.type !== 'join') return undefined;
  let newest: Placed | undefined;
  for (const made of madeIn(charter).values()) {
    const rotation = charter.ops.get(made.op)!;
    if (made.scope !== scope || !isInPast(charter, made.op, join)) continue;
    if (newest === undefined || byOrder(newest, rotation) < 0) newest = rotation;
  }
  return newest?.id;
}

/** The ops by which a person reads a scope now. */
function readingGrants(view: CharterView, principal: PrincipalId, scope: Scope): readonly OpId[] {
  const group = view.group!;
  if (scope === EVERYONE) return [group.grants.get(principal)!.op];
  const roles = (group.members.get(principal)?.roles ?? []).flatMap((id) => group.grants.get(id) ?? []);
  return roles.filter(({ role }) => (role as string | undefined) === scope).map(({ op }) => op);
}

/**
 * What people say to each other, as against what a group works with: names, channels, tasks, decisions. Deletions are for
 * everybody: a newcomer may have had what is taken back.
 */
const TALK: ReadonlySet<string> = new Set(['chat', 'edit', 'react', 'file', 'call', 'receipt']);
const DOCUMENT: ReadonlySet<string> = new Set(['doc.update', 'doc.checkpoint', 'attest']);

/**
 * Whether a reader of its scope gets a message without its body: it was said before they came. The link stays, since all
 * that follows rests on it.
 */
export function isWithheld(charter: Charter, to: Reader, header: Said): boolean {
  const { kind } = header;
  const rules = viewOf(charter)?.group?.rules;
  if (rules === undefined) return false;
  const isMeant = TALK.has(kind) || (DOCUMENT.has(kind) && rules.history.docs === 'none');
  return isMeant && cameLater(charter, to, header);
}

/** Whether a reader of its scope came only after a message was said. */
export function cameLater(charter: Charter, to: Reader, header: Said): boolean {
  if (typeof to !== 'string') return !to.keys.has(header.kid);
  return !mayHaveKey(charter, to, header.kid) && !wasSaidTo(charter, to, header);
}

type Said = Pick<Header, 'kind' | 'kid' | 'scope' | 'charter'>;

/** Its author had seen that the person reads the scope, and went on with the key the welcome had given them. */
function wasSaidTo(charter: Charter, device: DeviceId, { scope, charter: heads }: Said): boolean {
  const view = viewOf(charter);
  const facts = view?.devices.get(device);
  if (view === undefined || facts === undefined || !isReader(view, device, scope)) return false;
  const grants = readingGrants(view, facts.principal, scope);
  return grants.some((op) => heads.some((head) => isInPast(charter, op, head)));
}
