// Takes in keys that others wrapped for this device, and lets go of those it may not have any more.

import { equal, type Bytes } from '#core/bytes/bytes.ts';
import { fallenRotations } from '#core/keys/fallen-rotations.ts';
import { meetingAnchor, rendezvousFrom } from '#core/keys/rendezvous.ts';
import type { LeafKey } from '#core/keys/leaf.ts';
import { committedKeys } from '#core/keys/rotation.ts';
import type { ScopeKey } from '#core/keys/scope-key.ts';
import { belongsTo, decodeWrap, type Wrap } from '#core/keys/wrap.ts';
import { DAY, type Millis } from '#core/ports.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import { parkId, refuse } from './refusals.ts';
import type { Replica } from './replica.ts';

/** Wraps that were opened since the start: each comes by several roads, and opening one is slow. */
const openedWraps = new WeakMap<Replica, Set<string>>();
const MAX_OPENED = 256;

/** True when a wrap for us opened and brought a key. */
export async function takeWraps(replica: Replica, encoded: readonly Bytes[]): Promise<boolean> {
  let brought = false;
  for (const bytes of encoded) {
    const wrap = tryDecode(() => decodeWrap(bytes));
    if (wrap === undefined || !isForUs(replica, wrap)) continue;
    const id = parkId('w', bytes);
    if (replica.keys.leafKey(wrap.sealingKey) === undefined || openedWraps.get(replica)?.has(id) === true) continue;
    const { isNew, isDone } = await openWrap(replica, wrap);
    if (isNew) brought = true;
    if (isDone) noteOpened(replica, id);
    else replica.park(id, bytes);
  }
  return brought;
}

function noteOpened(replica: Replica, id: string): void {
  const ids = openedWraps.get(replica);
  // Opening one once more costs time only; memory must not grow with what others send.
  if (ids === undefined || ids.size >= MAX_OPENED) openedWraps.set(replica, new Set([id]));
  else ids.add(id);
}

/** The inviter's first keys come to the card's device. */
function isForUs({ identity }: Replica, wrap: Wrap): boolean {
  const isCards = identity.card?.role === 'inviter' && wrap.device === identity.card.device;
  return wrap.space === identity.space && (isCards || wrap.device === identity.device);
}

/** `isNew`: a key came. `isDone`: no more will come of it; else its rotation may come later than the wrap itself. */
async function openWrap(replica: Replica, wrap: Wrap): Promise<{ isNew: boolean; isDone: boolean }> {
  const { context, keys, view } = replica;
  const leafKey = keys.leafKey(wrap.sealingKey);
  if (leafKey === undefined) return { isNew: false, isDone: true };
  const isAnnounced = wrap.place === undefined || view?.rotations.some(({ root }) => belongsTo(wrap, root)) === true;
  if (view === undefined) return { isNew: false, isDone: false };
  if (!isAnnounced && isOfFallen(replica, wrap)) return openFallen(replica, wrap, leafKey);
  if (!isAnnounced) return { isNew: await findMeeting(replica, wrap, leafKey), isDone: false };
  const secrets = await context.agreement.open(wrap, leafKey);
  if (secrets === undefined) {
    refuse(replica, 'wrap');
    return { isNew: false, isDone: true };
  }
  const now = context.clock.now();
  const committed = committedKeys(view, secrets.keys);
  let isNew = false;
  for (const key of committed) if (replica.reads(key.scope)) isNew = keys.add(key, now) || isNew;
  noteRendezvous(replica, secrets.rendezvous);
  keys.eraseFormer(wrap.place === undefined ? undefined : wrap.sealingKey, now);
  return { isNew, isDone: committed.length === secrets.keys.length };
}

/** Keys that nobody sends under, of several who were removed. */
const MAX_FALLEN = 16;

function isOfFallen({ charter }: Replica, wrap: Wrap): boolean {
  return fallenRotations(charter).some(({ root }) => belongsTo(wrap, root));
}

/**
 * Its rotation fell with who made it: its key opens what was said under it before that was heard, for whoever has it only
 * by mail. It says nothing of where to meet, or of which own key is in use.
 */
async function openFallen(
  replica: Replica,
  wrap: Wrap,
  leafKey: LeafKey,
): Promise<{ isNew: boolean; isDone: boolean }> {
  const { context, keys, charter, view, identity } = replica;
  const standing = new Set(view!.rotations.flatMap(({ scopes }) => scopes.map(({ kid }) => kid)));
  const room = [...keys.held.keys()].filter((kid) => !standing.has(kid)).length < MAX_FALLEN;
  const secrets = room ? await context.agreement.open(wrap, leafKey) : undefined;
  const now = context.clock.now();
  const fallen = { space: identity.space, rotations: fallenRotations(charter) };
  let isNew = false;
  for (const key of committedKeys(fallen, secrets?.keys ?? [])) {
    if (replica.reads(key.scope) && !standing.has(key.kid)) isNew = keys.add(key, now) || isNew;
  }
  return { isNew, isDone: true };
}

/** After so long without a new key a device knows that it was away. */
const AWAY_AFTER = (14 * DAY) as Millis;

/**
 * Whoever comes back after weeks finds a wrap whose rotation they cannot judge: all ops before it are gone from the relay
 * nodes, and where members meet may have changed with a removal. They go by the wrap's word to where somebody has the
 * ops; its keys wait until they are here. Nobody else does: a lie would lead them away from where they were.
 */
async function findMeeting(replica: Replica, wrap: Wrap, leafKey: LeafKey): Promise<boolean> {
  const { context, keys, view } = replica;
  const newest = Math.max(0, ...[...keys.held.values()].map(({ since }) => since));
  const isAway = view?.group !== undefined && context.clock.now() - newest >= AWAY_AFTER;
  if (!isAway || wrap.place === undefined) return false;
  const secrets = await context.agreement.open(wrap, leafKey);
  if (secrets === undefined || (keys.rendezvous !== undefined && equal(keys.rendezvous, secrets.rendezvous)))
    return false;
  keys.setRendezvous(secrets.rendezvous, context.clock.now());
  return true;
}

/**
 * Of two people the first one counts: a member who wraps another could otherwise part the devices of the space. In a
 * group what follows from a key that is held counts; who came later takes the word of whoever wraps.
 */
function noteRendezvous(replica: Replica, told: Bytes): void {
  const { keys, view, context } = replica;
  const now = context.clock.now();
  if (view?.group === undefined) {
    if (keys.rendezvous === undefined) keys.setRendezvous(told, now);
    return;
  }
  if (settleMeeting(replica)) return;
  const kid = meetingAnchor(view);
  if (keys.rendezvous === undefined || keys.anchor !== kid) keys.setRendezvous(told, now, { kid, isKnown: false });
}

/** In a group: takes the secret that follows from the key it should. False where that key is not here. */
export function settleMeeting({ keys, view, identity, context }: Replica): boolean {
  const anchor = view?.group === undefined ? undefined : meetingAnchor(view);
  if (anchor === undefined) return false;
  const held = keys.held.get(anchor);
  // Once it is known it outlives the key: that is forgotten long before anybody is removed.
  if (held === undefined) return keys.anchor === anchor && keys.isAnchorKnown;
  const secret = rendezvousFrom(identity.space, held.key);
  if (keys.anchor !== anchor || keys.rendezvous === undefined || !equal(keys.rendezvous, secret)) {
    keys.setRendezvous(secret, context.clock.now(), { kid: anchor, isKnown: true });
  }
  return true;
}

export async function retryWraps(replica: Replica): Promise<boolean> {
  let opened = false;
  for (const [id, { bytes }] of [...replica.parked]) {
    if (!id.startsWith('w')) continue;
    const wrap = tryDecode(() => decodeWrap(bytes));
    const came = wrap === undefined ? undefined : await openWrap(replica, wrap);
    opened ||= came?.isNew === true;
    if (came?.isDone !== false) replica.unpark(id);
  }
  return opened;
}

/** Keys that came with a welcome: those that rotations committed to, of scopes this device reads. */
export function takeWelcomeKeys(
  replica: Replica,
  welcome: { readonly keys: readonly ScopeKey[]; readonly rendezvous: Bytes },
): void {
  const { context, keys, view } = replica;
  if (view === undefined) return;
  const now = context.clock.now();
  for (const key of committedKeys(view, welcome.keys)) if (replica.reads(key.scope)) keys.add(key, now);
  noteRendezvous(replica, welcome.rendezvous);
}

/**
 * Of scopes this device does not read any more nothing is kept that could open more of them. What was given of them before
 * stays, also what waits for its past: it would count as held, and be missing where the scope is given again.
 */
export function dropLost(replica: Replica): void {
  if (replica.view?.group === undefined || replica.me?.isLive !== true) return;
  replica.keys.forgetScopes((scope) => replica.reads(scope));
}
