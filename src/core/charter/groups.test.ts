// Groups as people meet them: founding, coming in, roles, votes, leaving, and what is told about it.
import { describe, expect, it } from 'vitest';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { Scope } from './ids.ts';
import {
  admit,
  foundGroup,
  giveRole,
  group,
  invite,
  join,
  KIT_RULES,
  meet,
  members,
  rolesOf,
  toRevoke,
  vote,
} from '#tests/suites/group-kit.ts';
import { deviceNamed, forge, quickSuite, stateOf } from '#tests/suites/space-kit.ts';
import { addOp } from './charter.ts';
import { mayI, refusalOf } from './may.ts';
import { decodeSignedOp, encodeSignedOp, grantIdOf } from './op.ts';
import { isSound, powerfulRoles, type RoleId } from './rules.ts';
import { TEMPLATE_IDS, TEMPLATES } from './templates.ts';
import { verifyOp } from './verify-op.ts';
import { writeOp } from './write-op.ts';

const asRole = (text: string) => text as RoleId;
const rulesWithout = (right: string) => ({
  ...KIT_RULES,
  roles: KIT_RULES.roles.map((role) => ({ ...role, can: role.can.filter((each) => each !== right) })),
});

describe('a group', () => {
  it('P26: begins with its name, its rules and its founders, and every signature in it is real', async () => {
    const suite = makeProductionSuite();
    const { replica, genesis, founders } = await foundGroup({ ada: ['steward'], ben: [] }, { suite });
    const invited = await invite(replica, founders[0]!.author, 1, 'guide');
    await join(replica, 'cleo', invited);
    await admit(replica, founders[0]!.author, 'dan');
    for (const op of replica.ops) expect(await verifyOp(decodeSignedOp(encodeSignedOp(op)), suite)).toBeDefined();
    expect(group(replica).name).toBe('A group');
    expect(group(replica).charter).toBe(genesis.id);
    expect(members(replica)).toHaveLength(4);
  });

  it('is false when a founder did not consent', async () => {
    const { genesis, founders } = await foundGroup({ ada: ['steward'], ben: [] });
    const { body } = genesis.op;
    if (body.type !== 'genesis' || body.kind !== 'group') throw new Error('not a group');
    const renamed = await forge({ ...genesis.op, body: { ...body, name: 'Another' } }, founders[0]!.author);
    expect(await verifyOp(renamed, quickSuite)).toBeUndefined();
  });

  it('W13: is found from any of five templates, whose rules are sound and whose founder can go on', async () => {
    for (const id of TEMPLATE_IDS) {
      const { rules, founderRoles } = TEMPLATES[id];
      expect(isSound(rules), id).toBe(true);
      const { replica, founders } = await foundGroup({ ada: founderRoles }, { rules });
      const invited = await invite(replica, founders[0]!.author, 2);
      await join(replica, 'ben', invited);
      expect(members(replica), id).toHaveLength(2);
      expect(
        rules.roles.some(({ can }) => can.includes('vote')),
        id,
      ).toBe(true);
    }
  });

  it('P32: lets people in by invitation, says by which and from whom, and counts its uses', async () => {
    const { replica, founders } = await foundGroup({ ada: ['steward'] });
    const invited = await invite(replica, founders[0]!.author, 2, 'guide');
    const ben = await join(replica, 'ben', invited);
    expect(rolesOf(replica, ben.id)).toEqual(['guide']);
    const [facts] = group(replica).invitations;
    expect([facts!.joined, facts!.isOpen]).toEqual([[ben.id], true]);
    expect(group(replica).members.get(ben.id)!.came).toEqual({
      by: 'invitation',
      invitation: invited.op.id,
      from: founders[0]!.id,
    });
    await join(replica, 'cleo', invited);
    expect(group(replica).invitations[0]!.isOpen).toBe(false);
  });

  it('P13: lets nobody in by a withdrawn invitation, nor by one that was never seen', async () => {
    const { replica, founders } = await foundGroup({ ada: ['steward'] });
    const ada = founders[0]!.author;
    const invited = await invite(replica, ada, 5);
    await replica.write(ada, toRevoke(grantIdOf(invited.op.id, 0)));
    const late = await join(replica, 'ben', invited);
    expect(replica.view.stands(late.op.id)).toBe(false);
    expect(group(replica).history.at(-1)!.fate).toEqual({ is: 'illegal', why: 'no-target' });
    expect(members(replica)).toHaveLength(1);
  });

  it('P31: has a scope of readers for everyone and for each role', async () => {
    const { replica, founders } = await foundGroup({ ada: ['steward', 'guide'], ben: [] });
    const [ada, ben] = founders;
    const readers = (scope: string) => group(replica).scopes.get(scope as Scope)!.principals;
    expect(readers('everyone')).toEqual([ada!.id, ben!.id]);
    expect(readers('guide')).toEqual([ada!.id]);
    await giveRole(replica, ada!.author, ben!.id, 'guide');
    expect(readers('guide')).toEqual([ada!.id, ben!.id]);
    expect(group(replica).scopes.get('voter' as Scope)!.devices).toEqual([]);
  });

  it('says why somebody may do something: each grant with the one it was made by, up to the genesis', async () => {
    const { replica, founders } = await foundGroup({ ada: ['steward'], ben: [] });
    const [ada, ben] = founders;
    await giveRole(replica, ada!.author, ben!.id, 'steward');
    const cleo = await admit(replica, ben!.author, 'cleo');
    const { grants } = group(replica);
    const membership = grants.get(cleo.id)!;
    const byBen = grants.get(membership.from!)!;
    const byAda = grants.get(byBen.from!)!;
    expect([byBen.on, byBen.role, byAda.on, byAda.role]).toEqual([ben!.id, 'steward', ada!.id, 'steward']);
    expect(byAda.from).toBeUndefined();
    expect([byAda, byBen, membership].map(({ seniority }) => seniority.delegation)).toEqual([0, 1, 2]);
  });

  it('P33: tells before somebody acts whether it would count, and why not', async () => {
    const { replica, founders } = await foundGroup({ ada: ['steward'], ben: [] });
    const [ada, ben] = founders;
    const { charter } = replica;
    expect(mayI(charter, ada!.author.device, toRevoke(ben!.id))).toBe(true);
    expect(refusalOf(charter, ben!.author.device, toRevoke(ada!.id))).toBe('no-right');
    expect(refusalOf(charter, ben!.author.device, { type: 'relays', relays: [] })).toBe('no-right');
    expect(refusalOf(charter, (await deviceNamed('nobody')).device, { type: 'leave' })).toBe('not-live');
    await replica.write(ada!.author, toRevoke(ben!.id));
    expect(refusalOf(replica.charter, ben!.author.device, { type: 'leave' })).toBe('not-live');
  });

  it('P23: changes its rules by vote, and what the old ones allowed is no longer legal', async () => {
    const { replica, founders } = await foundGroup({ ada: ['steward'], ben: ['voter'], cleo: ['voter'] });
    const [ada, ben, cleo] = founders;
    const rules = rulesWithout('relays');
    const done = await vote(replica, { type: 'charter', rules, frontier: [] }, [ben!.author, cleo!.author]);
    expect(group(replica).charter).toBe(done.id);
    expect(group(replica).proposals.map(({ completedBy }) => completedBy)).toEqual([done.id]);
    expect(refusalOf(replica.charter, ada!.author.device, { type: 'relays', relays: ['/x'] })).toBe('no-right');
  });

  it('P44: shows what an open vote still lacks, and from whom', async () => {
    const { replica, founders } = await foundGroup({ ada: ['voter'], ben: ['voter'], cleo: ['voter'], dan: [] });
    const [ada, ben, cleo, dan] = founders;
    await replica.write(dan!.author, { type: 'propose', act: toRevoke(ada!.id) });
    const [open] = group(replica).proposals;
    expect([open!.signers, open!.missing, open!.isOpen]).toEqual([[], 2, true]);
    expect(open!.mayStillSign).toEqual([ada!.id, ben!.id, cleo!.id]);
    await replica.write(ben!.author, { type: 'endorse', proposal: open!.op });
    expect(group(replica).proposals[0]!.missing).toBe(1);
    expect(refusalOf(replica.charter, dan!.author.device, { type: 'endorse', proposal: open!.op })).toBe('no-right');
  });

  it('P43: admits who knocked by as many vouches as its rules ask, and fewer do not suffice', async () => {
    const rules = { ...KIT_RULES, quorum: { admit: 2, revoke: 'majority' } } as const;
    const voters = { ada: ['voter'], ben: ['voter'], cleo: ['voter'], dan: ['voter'], eve: ['voter'] };
    const { replica, founders } = await foundGroup(voters, { rules });
    const [ada, ben] = founders;
    const knocker = await deviceNamed('finn');
    const { knockProof, admitBody } = await import('./write-group.ts');
    const proof = await knockProof(knocker, replica.charter.space, undefined, quickSuite);
    const act = admitBody({ device: knocker.device, recovery: undefined, proof }, []);
    const proposal = await replica.write(ada!.author, { type: 'propose', act });
    const alone = { type: 'endorse', proposal: proposal.id, counted: [] } as const;
    expect(refusalOf(replica.charter, ada!.author.device, alone)).toBe('too-few-signers');
    await replica.write(ben!.author, alone);
    expect(replica.isLive(knocker)).toBe(true);
  });

  it('P22: of two removals that crossed shows which stood and why', async () => {
    const { replica, founders } = await foundGroup({ ada: ['steward'], ben: ['steward'], cleo: [] });
    const [ada, ben, cleo] = founders;
    const there = replica.fork();
    const stood = await replica.write(ada!.author, toRevoke(ben!.id));
    const fell = await there.write(ben!.author, toRevoke(cleo!.id));
    meet(replica, there);
    expect(stateOf(replica.charter)).toEqual(stateOf(there.charter));
    expect(members(replica)).toEqual([ada!.id, cleo!.id]);
    expect(group(replica).disputes).toEqual([{ stood: stood.id, fell: fell.id, why: 'more-senior' }]);
  });

  it('leaves a role or the whole, and the recovery key takes a false leave back', async () => {
    const { replica, founders } = await foundGroup({ ada: ['steward'], ben: ['guide'] });
    const [, ben] = founders;
    const role = group(replica).members.get(ben!.id)!.roles[0]!;
    await replica.write(ben!.author, { type: 'leave', role });
    expect(rolesOf(replica, ben!.id)).toEqual([]);
    const leave = await replica.write(ben!.author, { type: 'leave' });
    expect(members(replica)).toHaveLength(1);
    await replica.write(ben!.recovery, { type: 'unleave', leave: leave.id });
    expect(members(replica)).toHaveLength(2);
  });
});

describe('rules', () => {
  it('are refused when they contradict themselves', () => {
    const [steward, ...others] = KIT_RULES.roles;
    const wrong = [
      { ...KIT_RULES, roles: [steward!, ...KIT_RULES.roles] },
      { ...KIT_RULES, roles: [{ ...steward!, can: ['grant:nobody'] }, ...others] },
      { ...KIT_RULES, roles: [{ ...steward!, level: 0 }, ...others] },
      { ...KIT_RULES, roles: [{ ...steward!, can: ['invite', 'invite'] }, ...others] },
      { ...KIT_RULES, members: ['revoke'] },
      { ...KIT_RULES, deviceCap: 0 },
    ];
    expect(isSound(KIT_RULES)).toBe(true);
    for (const rules of wrong) expect(isSound(rules as never)).toBe(false);
  });

  it('know which roles have power: by what they may do, or by what they can grant', () => {
    const powerful = powerfulRoles(KIT_RULES);
    expect([...powerful].sort()).toEqual(['steward', 'voter']);
    const roles = [...KIT_RULES.roles, { id: asRole('usher'), label: '', level: 3, can: ['grant:voter'] as const }];
    expect(powerfulRoles({ ...KIT_RULES, roles }).has(asRole('usher'))).toBe(true);
  });
});

describe('an op of a group’s type', () => {
  it('is not kept in a group when its body is false', async () => {
    const { replica, founders } = await foundGroup({ ada: ['steward'] });
    const op = await writeOp(replica.charter, founders[0]!.author, { type: 'leave' }, quickSuite);
    const { decode, encode } = await import('../wire/cbor.ts');
    const { signedOp } = await import('./op.ts');
    const map = decode(op.bytes, 'op', 65_536) as Record<string, never>;
    const bytes = encode({ ...map, type: 'revoke', body: { nothing: true } });
    const read = signedOp(bytes, await quickSuite.sign('op', bytes, founders[0]!.author.seed));
    expect(read.op.body).toEqual({ type: 'unknown', name: 'revoke' });
    expect(addOp(replica.charter, read as never).outcome).toBe('refused');
  });
});
