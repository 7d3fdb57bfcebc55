// What members of a random history want to do: acts that fit what they see, and acts that fit nothing.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import { grantIdOf } from '#core/charter/op.ts';
import type { DeviceId, GrantId, Incarnation, MessageId, OpId, PrincipalId, Scope } from '#core/charter/ids.ts';
import type { Proposable } from '#core/charter/decision-body.ts';
import type { Right, RoleId } from '#core/charter/rules.ts';
import { viewOf, type CharterView } from '#core/charter/view.ts';
import { admitBody, cardBody, inviteBody, knockProof } from '#core/charter/write-group.ts';
import { addDeviceBody, type Writable } from '#core/charter/write-op.ts';
import { hash } from '#core/crypto/hash.ts';
import { enlist, keyOf, type Cast, type Player } from './cast.ts';
import { changed, type RulesChange } from './town-rules.ts';

type Facts = NonNullable<CharterView['group']>;

/** What one has to draw from: the view of one's own log, or ids of all sorts that were ever written. */
interface Hat {
  readonly grants: readonly GrantId[];
  readonly principals: readonly PrincipalId[];
  readonly ops: readonly OpId[];
  readonly roles: readonly RoleId[];
}

export const ROLE_NAMES = ['steward', 'voter', 'keeper', 'granter', 'guide'] as readonly string[] as readonly RoleId[];

/** How often each kind of act is tried, and what one must hold to think of it. */
const KINDS: readonly (readonly [kind: string, weight: number, right?: string])[] = [
  ['revoke', 5, 'revoke'],
  ['role', 5, 'grant:'],
  ['invite', 4, 'invite'],
  ['propose', 4, 'propose'],
  ['complete', 6, 'vote'],
  ['endorse', 3, 'vote'],
  ['charter', 2, 'charter'],
  ['withdraw', 1],
  ['add', 2],
  ['admit', 2, 'admit'],
  ['end', 1],
  ['leave', 1],
  ['leave-role', 1],
  ['rotate', 1],
  ['relays', 1, 'relays'],
  ['card', 1, 'card'],
  ['frontier', 1],
];
const PAPER_KINDS = ['add', 'end', 'unleave'] as const;

/** One act; `undefined` when nothing of the kind drawn fits. */
export async function drawAct(cast: Cast, player: Player, isWild: boolean): Promise<Writable | undefined> {
  const view = viewOf(player.charter);
  const facts = view?.group;
  if (view === undefined || facts === undefined) return undefined;
  const kind = drawKind(cast, player, isWild ? undefined : view);
  const hat = isWild ? everything(cast) : fitting(facts, player);
  if (hat.grants.length === 0 || hat.principals.length === 0 || hat.roles.length === 0) return undefined;
  return (await membersAct(cast, player, { kind, hat, view })) ?? (await groupAct(cast, player, { kind, hat, facts }));
}

/** Somebody with a view of things thinks only of what they may do. */
function drawKind({ dice }: Cast, player: Player, view: CharterView | undefined): string {
  if (player.isRecovery && view !== undefined) return dice.pick(PAPER_KINDS);
  const rights = view === undefined ? undefined : rightsOf(player, view);
  const open = KINDS.filter(([, , right]) => {
    return right === undefined || rights === undefined || rights.some((held) => held.startsWith(right));
  });
  let at = dice.roll(open.reduce((sum, [, weight]) => sum + weight, 0));
  return open.find(([, weight]) => (at -= weight) < 0)![0];
}

function rightsOf({ author }: Player, { devices, group }: CharterView): readonly string[] {
  const principal = devices.get(author.device)?.principal;
  const roles = principal === undefined ? [] : (group?.members.get(principal)?.roles ?? []);
  const held = roles.map((grant) => group?.grants.get(grant)?.role);
  const fromRoles = group?.rules.roles.flatMap(({ id, can }) => (held.includes(id) ? can : [])) ?? [];
  return [...(group?.rules.members ?? []), ...fromRoles];
}

/** Ids of every grant that any op could have made. */
function everything({ ops }: Cast): Hat {
  const grants = ops.flatMap(({ id }) => [0, 1, 16, 17, 23, 128].map((index) => grantIdOf(id, index)));
  return { grants, principals: grants, ops: ops.map(({ id }) => id), roles: ROLE_NAMES };
}

function fitting(facts: Facts, player: Player): Hat {
  const live = [...facts.members.values()].filter(({ isLive }) => isLive).map(({ id }) => id);
  const roles = [...facts.grants.values()].filter(({ isLive, role }) => isLive && role !== undefined);
  return {
    grants: [...live, ...roles.map(({ id }) => id)],
    principals: live,
    ops: [...player.charter.ops.keys()],
    roles: facts.rules.roles.map(({ id }) => id),
  };
}

interface Draw {
  readonly kind: string;
  readonly hat: Hat;
}

async function membersAct(
  cast: Cast,
  player: Player,
  { kind, hat, view }: Draw & { readonly view: CharterView },
): Promise<Writable | undefined> {
  const { dice } = cast;
  const own = view.principals.find(
    ({ devices, recovery }) =>
      recovery?.key === player.author.device || devices.some(({ device }) => device === player.author.device),
  );
  switch (kind) {
    case 'add': {
      const principal = own?.id ?? hat.principals[0];
      if (principal === undefined) return undefined;
      const device = `device ${dice.roll(4)}`;
      const fresh = await keyOf(`${player.name} ${device}`, cast.suite);
      if (!cast.players.some(({ author }) => author.device === fresh.device)) {
        await enlist(cast, player.name, { device, isHostile: player.isHostile });
      }
      return addDeviceBody(fresh, { space: cast.space, principal }, cast.suite);
    }
    case 'end': {
      const devices = own?.devices.filter(({ isLive }) => isLive) ?? [];
      const ended = player.isRecovery ? devices[dice.roll(devices.length)] : devices.find(isOf(player));
      if (ended === undefined || (!player.isRecovery && devices.length < 2)) return undefined;
      return { type: 'device', act: 'end', binding: ended.binding, device: ended.device, frontier: [] };
    }
    case 'leave':
      return dice.chance(0.4) ? { type: 'leave' } : undefined;
    case 'leave-role':
      return { type: 'leave', role: dice.pick(hat.grants) };
    case 'unleave': {
      const leaves = cast.ops.filter(({ op }) => op.body.type === 'leave');
      return leaves.length === 0 ? undefined : { type: 'unleave', leave: dice.pick(leaves).id };
    }
    default:
      return undefined;
  }
}

function isOf(player: Player): (facts: { readonly device: DeviceId }) => boolean {
  return ({ device }) => device === player.author.device;
}

async function groupAct(
  cast: Cast,
  player: Player,
  { kind, hat, facts }: Draw & { readonly facts: Facts },
): Promise<Writable | undefined> {
  const { dice } = cast;
  switch (kind) {
    case 'invite': {
      const secret = dice.bytes(32);
      const role = dice.chance(0.4) ? { role: dice.pick(hat.roles) } : {};
      const body = await inviteBody({ secret, space: cast.space, uses: dice.between(1, 2), ...role }, cast.suite);
      cast.secrets.set(body.key, secret);
      return body;
    }
    case 'withdraw': {
      const invitations = facts.invitations.filter(({ isOpen }) => isOpen);
      if (invitations.length === 0) return undefined;
      return { type: 'revoke', grant: dice.pick(invitations).grant, frontier: [], cascade: false };
    }
    case 'propose': {
      const act = await drawProposable(cast, { hat, facts });
      return act === undefined ? undefined : { type: 'propose', act };
    }
    case 'endorse':
    case 'complete':
      return drawEndorsement(cast, kind, facts);
    case 'rotate': {
      const admits = facts.invitations.flatMap(({ joined }) => joined.map((id) => id.slice(0, 64) as OpId));
      const scope = dice.pick<string>(['everyone', ...hat.roles]) as Scope;
      const scopes = [{ scope, commitment: digest(`key ${dice.roll(1e9)}`), recipients: [] }];
      return { type: 'rotate', scopes, root: digest('root'), admits: [...new Set(admits)].sort().slice(0, 3) };
    }
    case 'frontier': {
      const target = dice.pick(hat.ops);
      const device = player.author.device;
      const place = { scope: dice.pick<string>(hat.roles) as Scope, incarnation: '22'.repeat(8) as Incarnation };
      const cut = { device, ...place, seq: 0, head: '33'.repeat(32) as MessageId };
      return { type: 'frontier', revoke: facts.incomplete[0]?.revoke ?? target, frontier: [cut] };
    }
    default:
      return drawProposable(cast, { hat, facts, kind });
  }
}

/** An act that can be done alone or be voted on. */
async function drawProposable(
  cast: Cast,
  { hat, facts, kind }: { readonly hat: Hat; readonly facts: Facts; readonly kind?: string },
): Promise<Proposable | undefined> {
  const { dice } = cast;
  switch (kind ?? dice.pick(['revoke', 'revoke', 'role', 'role', 'charter', 'admit', 'relays'])) {
    case 'revoke':
      return { type: 'revoke', grant: dice.pick(hat.grants), frontier: [], cascade: dice.chance(0.3) };
    case 'role':
      return { type: 'grant', act: 'role', on: dice.pick(hat.principals), role: dice.pick(hat.roles) };
    case 'charter':
      return { type: 'charter', rules: changed(facts.rules, drawChange(cast)), frontier: [] };
    case 'admit': {
      const newcomer = dice.pick(cast.players);
      const recovery = newcomer.recovery.device;
      const proof = await knockProof(newcomer.author, cast.space, recovery, cast.suite);
      if (newcomer.isRecovery) return undefined;
      const roles = dice.chance(0.3) ? [dice.pick(hat.roles)] : [];
      return admitBody({ device: newcomer.author.device, proof, recovery }, roles);
    }
    case 'relays':
      return { type: 'relays', relays: [`/${dice.roll(1000)}`] };
    case 'card': {
      const key = await keyOf('outside', cast.suite);
      return cardBody(
        key,
        { number: dice.roll(5), expires: 20_000, card: digest('card').slice(0, 8) as Bytes },
        cast.suite,
      );
    }
    default:
      return undefined;
  }
}

function drawChange({ dice }: Cast): RulesChange {
  const right = dice.pick<Right>(['revoke', 'invite', 'charter', 'grant:guide', 'relays', 'vote']);
  const role = dice.pick<string>(ROLE_NAMES);
  switch (dice.roll(4)) {
    case 0:
      return { with: { [role]: [right] } };
    case 1:
      return { drop: [role] };
    default:
      return { without: { [role]: [right] } };
  }
}

function drawEndorsement({ dice }: Cast, kind: string, { proposals }: Facts): Writable | undefined {
  const open = proposals.filter(({ isOpen }) => isOpen);
  if (proposals.length === 0) return undefined;
  const near = kind === 'endorse' ? open : open.filter(({ missing }) => missing < 2);
  const fitting = near.length > 0 ? near : open;
  const proposal = fitting.length > 0 && dice.chance(0.9) ? dice.pick(fitting) : dice.pick(proposals);
  const base = { type: 'endorse', proposal: proposal.op } as const;
  return kind === 'endorse' ? base : { ...base, counted: proposal.endorsements };
}

export function digest(words: string): Bytes {
  return hash('op', new TextEncoder().encode(words)) as Bytes;
}

/** Some id that is of nothing. */
export function noId(cast: Cast): OpId {
  return hex.encode(cast.dice.bytes(32)) as OpId;
}
