// Short stories of groups, told with real keys, from which the state vectors are made.
import { grantIdOf, type VerifiedOp } from '#core/charter/op.ts';
import { addDeviceBody } from '#core/charter/write-op.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import { hash } from '#core/crypto/hash.ts';
import {
  admit,
  foundGroup,
  giveRole,
  invite,
  join,
  KIT_RULES,
  meet,
  rolesOf,
  toRevoke,
  vote,
  type Founded,
} from '#tests/suites/group-kit.ts';
import { deviceNamed, type Replica } from '#tests/suites/space-kit.ts';

export type Story = () => Promise<readonly VerifiedOp[]>;

const suite = makeProductionSuite();
const relays = (relay: string) => ({ type: 'relays', relays: [relay] }) as const;
const rotation = (scope: string, mark: number, admits: readonly VerifiedOp[] = []) =>
  ({
    type: 'rotate',
    scopes: [{ scope: scope as never, commitment: hash('scopeKey', new Uint8Array([mark])), recipients: [] }],
    root: hash('wrapNode', new Uint8Array([mark])),
    admits: admits.map(({ id }) => id),
  }) as const;

const found = (
  name: string,
  people: Readonly<Record<string, readonly string[]>>,
  rules = KIT_RULES,
): Promise<Founded> =>
  foundGroup(Object.fromEntries(Object.entries(people).map(([who, roles]) => [`${name} ${who}`, roles])), {
    rules,
    suite,
  });

const done = (...replicas: readonly Replica[]): readonly VerifiedOp[] => {
  meet(...replicas);
  return replicas[0]!.ops;
};

const VOTERS = { ada: ['voter'], ben: ['voter'], cleo: ['voter'], dan: ['steward'] } as const;

export const STORIES: Readonly<Record<string, Story>> = {
  'founded, with two founders and their roles': async () => {
    const { replica } = await found('founded', { ada: ['steward', 'guide'], ben: ['voter'] });
    return done(replica);
  },
  'a newcomer with a role, let in by a rotation': async () => {
    const { replica, founders } = await found('newcomer', { ada: ['steward'] });
    const ada = founders[0]!.author;
    const ben = await join(replica, 'newcomer ben', await invite(replica, ada, 2, 'guide'));
    await replica.write(ada, rotation('everyone', 1, [ben.op]));
    await replica.write(ben.author, rotation('guide', 2));
    return done(replica);
  },
  'an invitation used twice at once: who was let in stays': async () => {
    const { replica, founders } = await found('twice', { ada: ['steward'] });
    const ada = founders[0]!.author;
    const invited = await invite(replica, ada);
    const there = replica.fork();
    await join(there, 'twice thief', invited);
    const ben = await join(replica, 'twice ben', invited);
    await replica.write(ada, rotation('everyone', 1, [ben.op]));
    return done(replica, there);
  },
  'removed by a senior, and back-dating': async () => {
    const { replica, founders } = await found('removed', { ada: ['steward'], ben: ['steward'], cleo: [] });
    const [ada, ben, cleo] = founders;
    const there = replica.fork();
    await replica.write(ada!.author, toRevoke(ben!.id));
    await there.write(ben!.author, toRevoke(cleo!.id));
    await admit(there, ben!.author, 'removed dan');
    await giveRole(there, ben!.author, cleo!.id, 'steward');
    return done(replica, there);
  },
  'a junior does not remove a senior': async () => {
    const { replica, founders } = await found('junior', { ada: ['steward'], ben: [] });
    const [ada, ben] = founders;
    await giveRole(replica, ada!.author, ben!.id, 'steward');
    await replica.write(ben!.author, toRevoke(ada!.id));
    return done(replica);
  },
  'removed with all they let in': async () => {
    const { replica, founders } = await found('cascade', { ada: ['steward'], ben: [] });
    const [ada, ben] = founders;
    await giveRole(replica, ada!.author, ben!.id, 'steward');
    const cleo = await admit(replica, ben!.author, 'cascade cleo');
    await giveRole(replica, ben!.author, cleo.id, 'guide');
    await join(replica, 'cascade dan', await invite(replica, cleo.author));
    await replica.write(ada!.author, toRevoke(ben!.id, true));
    return done(replica);
  },
  'a vote removes a steward, who tries to remove a senior voter at the same time': async () => {
    const { replica, founders } = await found('vote', VOTERS);
    const [ada, ben, cleo, dan] = founders;
    const there = replica.fork();
    await vote(replica, toRevoke(dan!.id), [ada!.author, ben!.author, cleo!.author]);
    await there.write(dan!.author, toRevoke(cleo!.id));
    return done(replica, there);
  },
  'a vote of which one signature falls, and enough are left': async () => {
    const { replica, founders } = await found('surplus', {
      dan: ['steward'],
      ada: ['voter'],
      ben: ['voter'],
      cleo: ['voter'],
    });
    const [dan, ada, ben, cleo] = founders;
    const there = replica.fork();
    await vote(replica, toRevoke(dan!.id), [ada!.author, cleo!.author, ben!.author]);
    await there.write(dan!.author, toRevoke(cleo!.id));
    return done(replica, there);
  },
  'too few signatures': async () => {
    const { replica, founders } = await found('few', VOTERS);
    const [ada, , , dan] = founders;
    await vote(replica, toRevoke(dan!.id), [ada!.author, ada!.author]);
    return done(replica);
  },
  'new rules take a right that is used at the same time': async () => {
    const { replica, founders } = await found('rules', { ada: ['steward'], ben: ['guide'] });
    const [ada, ben] = founders;
    const there = replica.fork();
    const roles = KIT_RULES.roles.map((role) => (role.id === 'guide' ? { ...role, can: [] } : role));
    await replica.write(ada!.author, { type: 'charter', rules: { ...KIT_RULES, roles }, frontier: [] });
    await join(there, 'rules cleo', await invite(there, ben!.author));
    return done(replica, there);
  },
  'two charters at once: the vote wins': async () => {
    const { replica, founders } = await found('charters', { ...VOTERS, dan: ['steward'] });
    const [ada, ben, cleo, dan] = founders;
    const there = replica.fork();
    const with_ = (rotateDays: number) =>
      ({ type: 'charter', rules: { ...KIT_RULES, rotateDays }, frontier: [] }) as const;
    await there.write(dan!.author, with_(1));
    await vote(replica, with_(2), [ada!.author, ben!.author, cleo!.author]);
    meet(replica, there);
    await replica.write(ada!.author, rotation('everyone', 3));
    return done(replica);
  },
  'a stolen device, and the recovery key': async () => {
    const { replica, founders } = await found('stolen', { ada: ['steward'], ben: [] });
    const [ada, ben] = founders;
    const spare = await deviceNamed('stolen spare', suite);
    const { space } = replica.charter;
    await replica.write(ada!.author, await addDeviceBody(spare, { space, principal: ada!.id }, suite));
    const there = replica.fork();
    const { device } = ada!.author;
    const end = {
      type: 'device',
      act: 'end',
      binding: grantIdOf(replica.ops[0]!.id, 0),
      device,
      frontier: [],
    } as const;
    await replica.write(ada!.recovery, end);
    await there.write(ada!.author, toRevoke(ben!.id));
    await there.write(ada!.author, relays('/thief'));
    await replica.write(spare, relays('/home'));
    return done(replica, there);
  },
  'left, and taken back': async () => {
    const { replica, founders } = await found('left', { ada: ['steward'], ben: ['guide'] });
    const [ada, ben] = founders;
    const leave = await replica.write(ben!.author, { type: 'leave' });
    await replica.write(ben!.recovery, { type: 'unleave', leave: leave.id });
    await replica.write(ada!.author, { type: 'leave', role: grantIdOf(replica.ops[0]!.id, 16) });
    if (rolesOf(replica, ada!.id).length > 0) throw new Error('a role was not left');
    return done(replica);
  },
};
