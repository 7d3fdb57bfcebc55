// What a scenario ends in: the state every app comes to, after it was seen that they all do, and that the naive reading
// of the rule says the same.

import { expect } from 'vitest';
import { addOps, emptyCharter, type Charter } from '#core/charter/charter.ts';
import type { DeviceId, OpId, PrincipalId } from '#core/charter/ids.ts';
import type { VerifiedOp } from '#core/charter/op.ts';
import type { Right } from '#core/charter/rules.ts';
import { viewOf, type CharterView, type DeviceFacts } from '#core/charter/view.ts';
import { Dice } from '#tests/sim/dice.ts';
import { differences } from './oracle-law.ts';
import { arrived } from './orders.ts';
import { stateText } from './state-text.ts';
import type { Book } from './book.ts';

export interface SettleOptions {
  /** In how many other orders everything arrives. */
  readonly orders?: number;
}

/** Somebody on one of their devices. */
interface Doer {
  readonly name: string;
  readonly device: string;
}

/** What became of a town, in its people's names. */
export interface TownState {
  readonly view: CharterView;
  readonly charter: Charter;
  /** Names of who is in, in alphabetical order. */
  members(): string[];
  /** Live roles of somebody, in alphabetical order. */
  roles(who: Doer): string[];
  /** Whether an op was kept at all. */
  has(op: VerifiedOp): boolean;
  stands(op: VerifiedOp | OpId): boolean;
  /** What became of an op that was kept, in a word. */
  fateOf(op: VerifiedOp): string | undefined;
  isLive(who: Doer): boolean;
  isFrozen(who: Doer): boolean;
  devices(who: Doer): readonly DeviceFacts[];
  /** Whether a role carries a right by the rules in force. */
  may(right: Right, role: string): boolean;
}

export async function settle(town: Book, { orders = 4 }: SettleOptions): Promise<TownState> {
  const charter = addOps(emptyCharter(town.space), town.ops).charter;
  const state = stateText(charter);
  for (let order = 0; order < orders; order++) {
    const other = arrived(town.space, town.ops, new Dice(order, `${town.ops.length}`));
    expect(stateText(other), `order ${order}`).toBe(state);
  }
  expect(differences(charter, town.ops)).toEqual([]);
  return stateOf(town, charter);
}

function stateOf(town: Book, charter: Charter): TownState {
  const view = viewOf(charter)!;
  const group = view.group!;
  const deviceOf = (who: Doer): DeviceId => {
    const { devices } = town.knownPerson(who);
    return devices.get(who.device)!.author.device;
  };
  const nameOf = (principal: PrincipalId): string => {
    const device = view.principals.find(({ id }) => id === principal)?.devices[0]?.device;
    for (const { name, devices } of town.people.values()) {
      for (const { author } of devices.values()) if (author.device === device) return name;
    }
    return principal;
  };
  return {
    view,
    charter,
    members: () =>
      [...group.members.values()]
        .filter(({ isLive }) => isLive)
        .map(({ id }) => nameOf(id))
        .sort(),
    roles: (who) => {
      const held = group.members.get(town.membershipOf(who))?.roles ?? [];
      return [...new Set(held.map((grant) => group.grants.get(grant)!.role as string))].sort();
    },
    has: (op) => charter.ops.has(op.id),
    stands: (op) => view.stands(typeof op === 'string' ? op : op.id),
    fateOf: ({ id }) => group.history.find(({ op }) => op === id)?.fate.is,
    isLive: (who) => view.devices.get(deviceOf(who))?.isLive ?? false,
    isFrozen: (who) => view.devices.get(deviceOf(who))?.isFrozen ?? false,
    devices: (who) => view.principals.find(({ id }) => id === town.membershipOf(who))?.devices ?? [],
    may: (right, role) => group.rules.roles.some(({ id, can }) => id === role && can.includes(right)),
  };
}
