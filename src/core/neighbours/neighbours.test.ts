// Tasks between groups: what is believed of another group's letter, offline and by everybody alike (P39, P40).

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { hex, type Bytes } from '../bytes/bytes.ts';
import type { DeviceId, MessageId, PrincipalId, Scope, SpaceId } from '../charter/ids.ts';
import { cardBytes } from '../charter/proofs.ts';
import type { RoleId } from '../charter/rules.ts';
import { makeProductionSuite } from '../crypto/production-suite.ts';
import type { Seed } from '../crypto/suite.ts';
import { decodeCardCode } from '../identity/card-code.ts';
import { decodeDeviceCode } from '../identity/device-code.ts';
import { decodeInvitationCode, invitationCode } from '../identity/invitation-code.ts';
import { roleSigningSeedOf, scopeKeyOf, type ScopeSecret } from '../keys/scope-key.ts';
import { decodeDoorCode } from '../knocks/door.ts';
import type { Millis, RelayAddress } from '../ports.ts';
import { decodeOutsideCardCode, outsideCardCode, readOutsideCardCode } from './card-code.ts';
import { decodeNeighbourAct, encodeNeighbourAct, proofOfAct, type NeighbourAct } from './neighbour-body.ts';
import { neighbourTopicSeed, sealLetter, tryOpenLetter } from './neighbour-mail.ts';
import { foldNeighbours, nextReport, type Neighbourhood, type ToldNeighbourAct } from './neighbours.ts';
import { proofOf, signLetter, type Letter, type Order, type OrderId, type SignedLetter } from './order.ts';
import { encodeOutsideCard, isOutsideCardGenuine, type OutsideCard, type SignedOutsideCard } from './outside-card.ts';

const suite = makeProductionSuite();
const seed = (name: number): Seed => new Uint8Array(32).fill(name) as Seed;
const id = (name: number): MessageId => name.toString(16).padStart(64, '0') as MessageId;
const author = '01'.repeat(33) as PrincipalId;
const KITCHEN = 'kitchen' as RoleId;
const LOGISTICS = 'logistics' as RoleId;
const DAY = 20_000;
const at = 7 as Millis;

interface Group {
  readonly key: DeviceId;
  readonly seed: Seed;
  readonly sealing: Seed;
}

async function groupOf(name: number): Promise<Group> {
  const key = hex.encode(await suite.signingKeyOf(seed(name))) as DeviceId;
  return { key, seed: seed(name), sealing: seed(name + 1) };
}

async function cardOf(
  group: Group,
  number: number,
  over: { readonly expires?: number; readonly roles?: Readonly<Record<string, Seed>> } = {},
): Promise<SignedOutsideCard> {
  const { expires = DAY + 30, roles = { [KITCHEN]: seed(101) } } = over;
  const keyed = Object.entries(roles).map(async ([role, of]) => ({
    id: role as RoleId,
    label: role,
    key: await suite.signingKeyOf(of),
  }));
  const card: OutsideCard = {
    name: 'Harbour Kitchen',
    roles: await Promise.all(keyed),
    sealingKey: await suite.sealingKeyOf(group.sealing, 2),
    secret: new Uint8Array(32).fill(9) as Bytes,
    relays: ['/dns4/relay.example/wss' as RelayAddress],
    questions: [],
  };
  const bytes = encodeOutsideCard(card);
  const signature = await suite.sign('groupCard', cardBytes({ number, expires, card: bytes }), group.seed);
  return { card, bytes, number, expires, key: group.key, signature };
}

let harbour: Group;
let shift: Group;
let mallory: Group;
let card: SignedOutsideCard;

beforeAll(async () => {
  [harbour, shift, mallory] = [await groupOf(1), await groupOf(3), await groupOf(5)];
  card = await cardOf(harbour, 1);
});

const orderFrom = (from: Group, over: Partial<Order> = {}): Order => ({
  is: 'order',
  from: from.key,
  to: shift.key,
  role: KITCHEN,
  order: 'aa'.repeat(16) as OrderId,
  at,
  title: '200 meals on Saturday',
  text: 'At the north gate.',
  due: DAY + 3,
  ...over,
});

const told = async (
  number: number,
  act: NeighbourAct,
  over: Partial<ToldNeighbourAct> = {},
): Promise<ToldNeighbourAct> => {
  const proof =
    'letter' in act
      ? await proofOf(suite, act.letter)
      : (await isOutsideCardGenuine(suite, act.card))
        ? 'genuine'
        : 'forged';
  return { id: id(number), lamport: number, author, mayCard: true, mayTasks: true, act, proof, ...over };
};
const approve = (of: SignedOutsideCard, roles: readonly RoleId[] = [KITCHEN]): NeighbourAct => ({
  act: 'approve',
  at,
  card: of,
  name: 'Harbour',
  roles,
});
const came = (letter: SignedLetter, day = DAY): NeighbourAct => ({ act: 'came', at, letter, day });
const went = (letter: SignedLetter, task?: MessageId): NeighbourAct => ({ act: 'went', at, letter, task });
const sign = <L extends Letter>(letter: L, by: SignedOutsideCard, role: Seed = seed(101)) =>
  signLetter(suite, letter, { card: by, seed: role });
const why = (state: Neighbourhood) => state.refused.map((one) => one.why);
const atShift = async (...acts: readonly NeighbourAct[]): Promise<Neighbourhood> =>
  foldNeighbours(shift.key, await Promise.all(acts.map((act, i) => told(i + 1, act))));

describe('a task from another group', () => {
  it('is taken when an approved role signed it, by what the letter itself holds (P39, P40)', async () => {
    const letter = await sign(orderFrom(harbour), card);
    const state = await atShift(approve(card), came(letter));
    expect(state.refused).toEqual([]);
    expect([...state.received.values()].map((one) => one.order.title)).toEqual(['200 meals on Saturday']);
  });

  it('is refused by everybody when it is forged: wrong key, wrong card, changed words (P40)', async () => {
    const genuine = await sign(orderFrom(harbour), card);
    const wrongKey = await sign(orderFrom(harbour), card, seed(66));
    const ownCard = await sign(orderFrom(harbour), await cardOf(mallory, 9, { roles: { [KITCHEN]: seed(101) } }));
    const selfMade = { ...(await cardOf(mallory, 9)), key: harbour.key };
    const posing = await sign(orderFrom(harbour), selfMade);
    const changed = { ...genuine, bytes: Uint8Array.from(genuine.bytes, (byte, i) => (i === 60 ? byte ^ 1 : byte)) };
    for (const letter of [wrongKey, ownCard, posing, changed]) expect(await proofOf(suite, letter)).toBe('forged');
    const state = await atShift(approve(card), ...[wrongKey, ownCard, posing].map((letter) => came(letter)));
    expect(why(state)).toEqual(['forged', 'forged', 'forged']);
    expect(state.received.size).toBe(0);
  });

  it('is refused of groups and roles nobody approved, and no longer taken once they are not', async () => {
    const stranger = await sign(orderFrom(mallory), await cardOf(mallory, 1));
    const letter = await sign(orderFrom(harbour), card);
    expect(why(await atShift(came(stranger)))).toEqual(['not-approved']);
    expect(why(await atShift(approve(card, [LOGISTICS]), came(letter)))).toEqual(['not-approved']);
    expect(why(await atShift(approve(card), approve(card, []), came(letter)))).toEqual(['not-approved']);
  });

  it('is refused when the sender’s card expired, or a newer one no longer names the key that signed (P40)', async () => {
    const old = await sign(orderFrom(harbour), await cardOf(harbour, 1, { expires: DAY - 1 }));
    expect(why(await atShift(approve(card), came(old)))).toEqual(['expired']);
    const letter = await sign(orderFrom(harbour), card);
    const rotated = await cardOf(harbour, 2, { roles: { [KITCHEN]: seed(102) } });
    const without = await cardOf(harbour, 2, { roles: {} });
    const same = await cardOf(harbour, 2);
    expect(why(await atShift(approve(card), { act: 'card', at, card: rotated }, came(letter)))).toEqual(['revoked']);
    expect(why(await atShift(approve(card), { act: 'card', at, card: without }, came(letter)))).toEqual(['revoked']);
    expect(why(await atShift(approve(card), { act: 'card', at, card: same }, came(letter)))).toEqual([]);
  });

  it('counts once, and only for whom it is meant', async () => {
    const letter = await sign(orderFrom(harbour), card);
    const elsewhere = await sign(orderFrom(harbour, { to: mallory.key, order: 'bb'.repeat(16) as OrderId }), card);
    expect(why(await atShift(approve(card), came(letter), came(letter), came(elsewhere)))).toEqual([
      'came-before',
      'misdirected',
    ]);
  });

  it('comes from no group that only somebody without the right approved', async () => {
    const letter = await sign(orderFrom(harbour), card);
    const state = foldNeighbours(shift.key, [
      await told(1, approve(card), { mayCard: false }),
      await told(2, came(letter)),
    ]);
    expect(why(state)).toEqual(['not-allowed', 'not-approved']);
  });
});

describe('word of a task', () => {
  it('goes back, and only the newest of it shows (P39)', async () => {
    const shiftCard = await cardOf(shift, 1, { roles: { [LOGISTICS]: seed(103) } });
    const letter = await sign(orderFrom(harbour), card);
    const taken = await atShift(approve(card), came(letter));
    const [received] = taken.received.values();
    const said = { at, role: LOGISTICS, parts: { all: 3, done: 0 }, note: '' };
    const accepted = nextReport(received!, { ...said, state: 'split' });
    const done = { ...accepted, number: 2, state: 'done', parts: { all: 3, done: 3 } } as Letter;
    const [first, second] = [await sign(accepted, shiftCard, seed(103)), await sign(done, shiftCard, seed(103))];
    const here = await atShift(approve(card), came(letter), went(second), went(first));
    expect([...here.received.values()][0]?.report?.state).toBe('done');

    const atHarbour = foldNeighbours(
      harbour.key,
      await Promise.all(
        [approve(shiftCard, []), went(letter, id(50)), came(second), came(first)].map((act, i) => told(i + 1, act)),
      ),
    );
    expect(atHarbour.refused).toEqual([]);
    expect([...atHarbour.sent.values()]).toMatchObject([{ task: id(50), report: { state: 'done' } }]);
  });

  it('comes to the same in both groups when two wrote it at once', async () => {
    const shiftCard = await cardOf(shift, 1, { roles: { [LOGISTICS]: seed(103) } });
    const letter = await sign(orderFrom(harbour), card);
    const [received] = (await atShift(approve(card), came(letter))).received.values();
    const say = (later: number, state: 'accepted' | 'done') => {
      const said = { at: (at + later) as Millis, role: LOGISTICS, parts: { all: 1, done: 0 }, note: '' };
      return sign(nextReport(received!, { ...said, state }), shiftCard, seed(103));
    };
    const [early, late] = [await say(1, 'accepted'), await say(2, 'done')];
    for (const [first, second] of [
      [early, late],
      [late, early],
    ] as const) {
      const here = await atShift(approve(card), came(letter), went(first), went(second));
      expect([...here.received.values()][0]?.report?.state).toBe('done');
      const acts = [approve(shiftCard, []), went(letter), came(first), came(second)];
      const there = foldNeighbours(harbour.key, await Promise.all(acts.map((act, i) => told(i + 1, act))));
      expect([...there.sent.values()][0]?.report?.state).toBe('done');
    }
  });

  it('is believed of nobody but whom it was sent to', async () => {
    const letter = await sign(orderFrom(harbour), card);
    const malloryCard = await cardOf(mallory, 1);
    const lie: Letter = {
      ...{ is: 'report', from: mallory.key, to: harbour.key, role: KITCHEN, order: letter.letter.order, at },
      ...{ number: 9, state: 'done', parts: { all: 0, done: 0 }, note: '' },
    } as Letter;
    const acts = [approve(malloryCard), went(letter), came(await sign(lie, malloryCard))];
    const state = foldNeighbours(harbour.key, await Promise.all(acts.map((act, i) => told(i + 1, act))));
    expect(why(state)).toEqual(['not-asked']);
  });
});

describe('any history between groups', () => {
  it('comes to one thing, in whatever order it is heard', async () => {
    const rotated = await cardOf(harbour, 2, { roles: { [KITCHEN]: seed(102) } });
    const acts = [
      approve(card),
      approve(card, []),
      { act: 'card', at, card: rotated } as NeighbourAct,
      came(await sign(orderFrom(harbour), card)),
      came(await sign(orderFrom(harbour), rotated, seed(102))),
      came(await sign(orderFrom(harbour), rotated, seed(101))),
      went(await sign(orderFrom(shift, { to: harbour.key }), await cardOf(shift, 1))),
    ];
    const pool = await Promise.all(acts.map((act) => told(0, act)));
    fc.assert(
      fc.property(fc.array(fc.nat(pool.length - 1), { maxLength: 8 }), fc.infiniteStream(fc.nat()), (picked, dice) => {
        const inOrder = picked.map((n, i) => ({ ...pool[n]!, id: id(i + 1), lamport: i + 1 }));
        const shuffled = inOrder
          .map((one) => ({ one, dice: dice.next().value ?? 0 }))
          .sort((a, b) => a.dice - b.dice)
          .map(({ one }) => one);
        expect(foldNeighbours(shift.key, shuffled)).toEqual(foldNeighbours(shift.key, inOrder));
      }),
    );
    for (const act of acts) expect(decodeNeighbourAct(encodeNeighbourAct(act))).toEqual(act);
  });
});

describe('what belongs to our card', () => {
  const keep = async (over: Partial<Extract<NeighbourAct, { act: 'keep' }>> = {}): Promise<NeighbourAct> => {
    return { act: 'keep', at, card: await cardOf(shift, 1), outside: shift.seed, sealing: shift.sealing, ...over };
  };

  it('is kept only of whoever may make the card, and only if card and keys fit', async () => {
    const own = await keep();
    expect(await proofOfAct(suite, own)).toBe('genuine');
    expect(await proofOfAct(suite, await keep({ outside: seed(66) }))).toBe('forged');
    expect(await proofOfAct(suite, await keep({ sealing: seed(66) }))).toBe('forged');
    expect(await proofOfAct(suite, await keep({ card: await cardOf(harbour, 1) }))).toBe('forged');
    const of = async (act: NeighbourAct, mayCard: boolean, number: number): Promise<ToldNeighbourAct> => {
      return { ...(await told(number, act)), proof: await proofOfAct(suite, act), mayCard };
    };
    const acts = [
      await of(own, true, 1),
      await of(await keep({ card: await cardOf(shift, 2) }), false, 2),
      await of(await keep({ sealing: seed(66) }), true, 3),
      await of(await keep({ card: await cardOf(shift, 3) }), true, 4),
    ];
    const state = foldNeighbours(shift.key, acts.toReversed());
    expect(state.kept.map((kept) => kept.card.number)).toEqual([1, 3]);
    expect(why(state)).toEqual(['not-allowed', 'forged']);
  });
});

describe('a card as text', () => {
  it('comes back as it was, whatever stands around it, and says when its last day is over', async () => {
    const code = outsideCardCode(card)!;
    for (const text of [code, `https://relay.example/#/join/${code}`, `our card: ${code}.`]) {
      expect(await readOutsideCardCode(suite, text, DAY)).toEqual({ is: 'card', card });
    }
    expect((await readOutsideCardCode(suite, code, DAY + 30)).is).toBe('card');
    expect(await readOutsideCardCode(suite, code, DAY + 31)).toEqual({ is: 'expired', card });
  });

  it('is never taken for anything else, nor is what somebody else signed for a card', async () => {
    const code = outsideCardCode(card)!;
    expect(decodeInvitationCode(code)).toBe('foreign');
    expect(decodeCardCode(code)).toBe('foreign');
    expect(decodeDeviceCode(code)).toBe('foreign');
    expect(decodeDoorCode(code)).toBe('foreign');
    const invitation = { space: '11'.repeat(32), secret: new Uint8Array(32) as Bytes, relays: [], groupName: 'x' };
    expect(decodeOutsideCardCode(invitationCode(invitation))).toBe('foreign');
    const posing = { ...(await cardOf(mallory, 9)), key: harbour.key };
    expect((await readOutsideCardCode(suite, outsideCardCode(posing)!, DAY)).is).toBe('damaged');
  });

  it('is cut or damaged, and never another card, whatever one letter of it becomes', async () => {
    const code = outsideCardCode(card)!;
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    await fc.assert(
      fc.asyncProperty(fc.nat(code.length - 1), fc.constantFrom(...letters), async (at, letter) => {
        const changed = `${code.slice(0, at)}${letter}${code.slice(at + 1)}`;
        const reading = await readOutsideCardCode(suite, changed, DAY);
        if (changed === code) expect(reading.is).toBe('card');
        else expect(['cut', 'damaged', 'newer-version', 'foreign']).toContain(reading.is);
      }),
    );
    const cut = await readOutsideCardCode(suite, code.slice(0, -1), DAY);
    expect(cut.is).toBe('cut');
  });

  it('is none when too much stands on it', async () => {
    const questions = Array.from({ length: 8 }, () => 'x'.repeat(500));
    const long = { ...card.card, questions };
    expect(outsideCardCode({ ...card, card: long, bytes: encodeOutsideCard(long) })).toBeUndefined();
  });
});

describe('the key by which a role signs', () => {
  it('follows from the key of its scope: another one in each space, of each scope, after each rotation', () => {
    const [here, there] = ['0a'.repeat(32) as SpaceId, '0b'.repeat(32) as SpaceId];
    const keyOf = (space: SpaceId, scope: string, secret: number) =>
      hex.encode(
        roleSigningSeedOf(space, scopeKeyOf(space, scope as Scope, new Uint8Array(32).fill(secret) as ScopeSecret)),
      );
    const keys = [
      keyOf(here, 'kitchen', 1),
      keyOf(there, 'kitchen', 1),
      keyOf(here, 'lead', 1),
      keyOf(here, 'kitchen', 2),
    ];
    expect(new Set(keys).size).toBe(4);
    expect(keyOf(here, 'kitchen', 1)).toBe(keys[0]);
  });
});

describe('a letter on the road', () => {
  it('opens for the group on whose card it was written, and is junk to all else', async () => {
    const to = await cardOf(shift, 4);
    const letter = await sign(orderFrom(harbour), card);
    const sealed = await sealLetter(suite, to, { letter, coins: new Uint8Array(64).fill(3) as Bytes });
    expect(await tryOpenLetter(suite, { ...to, seed: shift.sealing }, sealed)).toEqual(letter);
    expect(await tryOpenLetter(suite, { ...to, number: 5, seed: shift.sealing }, sealed)).toBeUndefined();
    expect(await tryOpenLetter(suite, { ...to, seed: harbour.sealing }, sealed)).toBeUndefined();
    expect(await tryOpenLetter(suite, { ...to, seed: shift.sealing }, sealed.subarray(0, 40))).toBeUndefined();
    expect(neighbourTopicSeed(to, DAY)).not.toEqual(neighbourTopicSeed(to, DAY + 1));
  });
});
