// What an op changes: one row per type, with how it is read and spelled (charter/SPEC.md §3).

import type { Encodable } from '../wire/cbor.ts';
import type { Fields } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import type { BodyFormat } from './body-parts.ts';
import {
  CARD,
  CHARTER,
  ENDORSE,
  PROPOSABLE,
  RELAYS,
  type CharterChange,
  type Endorse,
  type GroupCard,
  type Proposable,
  type Propose,
  type Relays,
} from './decision-body.ts';
import { EQUIVOCATION, VOID, type Equivocation, type VoidPair } from './evidence-body.ts';
import { GENESIS, type Genesis } from './genesis-body.ts';
import { ROTATE, type Rotate } from './key-body.ts';
import {
  DEVICE,
  FRONTIER,
  GRANT,
  INVITE,
  JOIN,
  LEAVE,
  REVOKE,
  UNLEAVE,
  type Admit,
  type DeviceAdd,
  type DeviceEnd,
  type FrontierOp,
  type GrantRole,
  type Invite,
  type Join,
  type Leave,
  type Revoke,
  type Unleave,
} from './member-body.ts';

/** Kept, forwarded, not interpreted. */
export interface Unknown {
  readonly type: 'unknown';
  readonly name: string;
}

export type OpBody =
  | Genesis
  | DeviceAdd
  | DeviceEnd
  | Leave
  | Unleave
  | Invite
  | Join
  | Admit
  | GrantRole
  | Revoke
  | FrontierOp
  | CharterChange
  | Propose
  | Endorse
  | Rotate
  | Relays
  | GroupCard
  | Equivocation
  | VoidPair
  | Unknown;

const MAX_TYPE_BYTES = 64;

type Formats = { readonly [T in Exclude<OpBody['type'], 'unknown'>]: BodyFormat<Extract<OpBody, { type: T }>> };

/** The one table of op types. */
const FORMATS: Formats = {
  genesis: GENESIS,
  device: DEVICE,
  leave: LEAVE,
  unleave: UNLEAVE,
  invite: INVITE,
  join: JOIN,
  grant: GRANT,
  revoke: REVOKE,
  frontier: FRONTIER,
  charter: CHARTER,
  propose: { read: readPropose, spell: ({ act }) => ({ act: spellBody(act) }) },
  endorse: ENDORSE,
  rotate: ROTATE,
  relays: RELAYS,
  card: CARD,
  equivocation: EQUIVOCATION,
  void: VOID,
};

/**
 * Types that came with groups. Before, they were unknown ones with any body; in a pair or self space they still are
 * (charter/SPEC.md §2), so that apps of both ages keep the same log.
 */
const GROUP_TYPES = ['invite', 'join', 'grant', 'revoke', 'frontier', 'charter', 'propose', 'endorse', 'card'];

export function isGroupType(type: string): boolean {
  return GROUP_TYPES.includes(type);
}

/** Reads `type` and `body` of an op's map. A type that is not in the table is `unknown`. */
export function readBody(op: Fields): OpBody {
  const name = op.text('type', MAX_TYPE_BYTES);
  if (!Object.hasOwn(FORMATS, name)) return { type: 'unknown', name };
  if (!isGroupType(name)) return readAs(name as keyof Formats, op.map('body'));
  try {
    return readAs(name as keyof Formats, op.map('body'));
  } catch (fault) {
    // Not of a group, or false in one: the structure of the op tells (charter/SPEC.md §4.1).
    if (fault instanceof WireError) return { type: 'unknown', name };
    throw fault;
  }
}

/** Reads the body of a type that is in the table; of others `undefined`. */
export function readKnownBody(type: string, body: Fields): OpBody | undefined {
  return Object.hasOwn(FORMATS, type) ? readAs(type as keyof Formats, body) : undefined;
}

function readAs<T extends keyof Formats>(type: T, map: Fields): Extract<OpBody, { type: T }> {
  const body = FORMATS[type].read(map);
  map.end();
  return body as Extract<OpBody, { type: T }>;
}

/** `type` and `body` as fields of an op's map. */
export function spellBody(body: OpBody): { type: string; body: Encodable } {
  if (body.type === 'unknown') throw new Error('an op of unknown type is never written');
  const format = FORMATS[body.type] as BodyFormat<OpBody>;
  return { type: body.type, body: format.spell(body) };
}

/** A proposal holds one act of a kind that can be voted on, spelled as an op of that kind would be. */
function readPropose(map: Fields): Propose {
  const act = map.map('act');
  const type = act.oneOf('type', PROPOSABLE);
  const body: Proposable = readAs(type, act.map('body'));
  act.end();
  return { type: 'propose', act: body };
}
