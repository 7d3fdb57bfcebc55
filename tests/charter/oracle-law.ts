// Where the engine’s view and the oracle’s state of the same ops differ.

import type { Charter } from '#core/charter/charter.ts';
import type { VerifiedOp } from '#core/charter/op.ts';
import { viewOf } from '#core/charter/view.ts';
import { stateOfOps } from './oracle.ts';
import { textOf } from './state-text.ts';

/** One line for each thing they do not say alike. */
export function differences(charter: Charter, ops: readonly VerifiedOp[]): readonly string[] {
  const engine = facetsOfEngine(charter);
  const oracle = facetsOfOracle(charter, ops);
  return Object.keys(oracle).flatMap((facet) => {
    const [ours, theirs] = [textOf(oracle[facet]), textOf(engine[facet])];
    return ours === theirs
      ? []
      : [
          `${facet}: the oracle has ${only(oracle[facet], engine[facet])}, the engine ${only(engine[facet], oracle[facet])}`,
        ];
  });
}

type Facets = Readonly<Record<string, unknown>>;

function facetsOfEngine(charter: Charter): Facets {
  const view = viewOf(charter);
  const group = view?.group;
  if (view === undefined || group === undefined) return {};
  const kept = [...charter.ops.keys()].sort();
  const devices = [...view.devices.values()];
  return {
    kept,
    standing: kept.filter((id) => view.stands(id)),
    members: [...group.members.values()]
      .filter(({ isLive }) => isLive)
      .map(({ id }) => id)
      .sort(),
    roles: [...group.members.values()].flatMap(({ isLive, roles }) => (isLive ? roles : [])).sort(),
    charter: group.charter,
    rules: group.rules,
    live: devices
      .filter(({ isLive }) => isLive)
      .map(({ device }) => device)
      .sort(),
    frozen: devices
      .filter(({ isFrozen }) => isFrozen)
      .map(({ device }) => device)
      .sort(),
    relays: view.relays,
    needsNewerVersion: view.needsNewerVersion,
    card: group.outsideCard?.op,
  };
}

function facetsOfOracle(charter: Charter, ops: readonly VerifiedOp[]): Facets {
  const found = stateOfOps(charter.space, ops);
  if (found === undefined) return {};
  const { log, state } = found;
  const kept = [...log.keys()].sort();
  return {
    kept,
    standing: kept.filter((id) => state.world.stands(id)),
    members: state.members(),
    roles: state.held.map(({ id }) => id).sort(),
    charter: state.charter.id,
    rules: state.rules,
    live: state.liveDevices(),
    frozen: state.frozenDevices(),
    relays: state.relays(),
    needsNewerVersion: state.needsNewerVersion(),
    card: state.outsideCard(),
  };
}

/** What is in one list and not in the other; of anything else all of it. */
function only(these: unknown, those: unknown): string {
  if (!Array.isArray(these) || !Array.isArray(those)) return textOf(these).slice(0, 200);
  return `only ${textOf(these.filter((each) => !those.includes(each)))}`;
}
