// Attacks on the charter: grants that are stolen, used again, made up or not in one's past; people who come back
// (protocol §3, structure and rules 3 and 4).
import { describe, expect, it } from 'vitest';
import { changed, TOWN_RULES } from './town-rules.ts';
import { found } from './town.ts';

describe('stolen and re-used grants', () => {
  it('P33: an op that cites somebody else’s role is not kept', async () => {
    const { town, ada, cleo, dan } = await found({ stewards: ['ada'], members: ['cleo', 'dan'] });
    const stolen = await cleo.forging({ auth: [...town.authOf(cleo), town.roleOf(ada, 'steward')] }).revokes(dan);
    const state = await town.settled();
    expect(state.has(stolen)).toBe(false);
    expect(state.members()).toEqual(['ada', 'cleo', 'dan']);
  });

  it('P33: an op that cites somebody else’s membership, or binding, is not kept', async () => {
    const { town, ada, cleo, dan } = await found({ stewards: ['ada'], members: ['cleo', 'dan'] });
    const [membership, binding] = town.authOf(ada);
    const [ownMembership, ownBinding] = town.authOf(cleo);
    const role = town.roleOf(ada, 'steward');
    const claims = [
      [membership!, binding!, role],
      [membership!, ownBinding!, role],
      [ownMembership!, binding!],
      [ownBinding!, ownMembership!],
    ];
    const ops = [];
    for (const auth of claims) ops.push(await cleo.forging({ auth }).revokes(dan));
    const state = await town.settled();
    expect(ops.filter((op) => state.has(op) && state.stands(op))).toEqual([]);
    expect(state.members()).toEqual(['ada', 'cleo', 'dan']);
  });

  it('P28: a role that was taken away serves nobody any longer, also when its holder is still a member', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const role = town.roleOf(ben, 'steward');
    await ada.revokes(ben, { role: 'steward' });
    const act = await ben.forging({ auth: [...town.authOf(ben), role] }).revokes(cleo);
    const state = await town.settled();
    expect(state.stands(act)).toBe(false);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
  });

  it('P28: citing a role besides that does not carry the right helps nothing', async () => {
    const { town, cleo, dan } = await found({ stewards: ['ada'], guides: ['cleo'], members: ['dan'] });
    const act = await cleo.forging({ auth: [...town.authOf(cleo), town.roleOf(cleo, 'guide')] }).revokes(dan);
    const state = await town.settled();
    expect(state.stands(act)).toBe(false);
    expect(state.members()).toEqual(['ada', 'cleo', 'dan']);
  });

  it('P33: a right one holds but does not cite is not used', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada'], members: ['cleo'] });
    const act = await ada.forging({ auth: town.authOf(ada) }).revokes(cleo);
    const state = await town.settled();
    expect(state.stands(act)).toBe(false);
    expect(state.members()).toEqual(['ada', 'cleo']);
  });

  it('P33: nobody grants a role above their own, or one that lets them do more than they may', async () => {
    const { town, ada, cleo, dan } = await found({ stewards: ['ada'], members: ['cleo', 'dan'] });
    await ada.grants('granter', cleo);
    await cleo.forging().grants('steward', dan);
    await cleo.forging().grants('steward', cleo);
    const state = await town.settled();
    expect([cleo, dan].map((person) => state.roles(person))).toEqual([['granter'], []]);
  });

  it('P33: a role that does not exist is granted by nobody', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada'], members: ['cleo'] });
    await ada.forging().grants('queen', cleo);
    expect((await town.settled()).roles(cleo)).toEqual([]);
  });
});

describe('grants that ended', () => {
  it('P28: who left removes nobody any more, though nobody was ever above them', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    await ada.leaves();
    const act = await ada.forging().revokes(cleo);
    const state = await town.settled();
    expect(state.stands(act)).toBe(false);
    expect(state.members()).toEqual(['ben', 'cleo']);
    expect(state.isLive(ben)).toBe(true);
  });

  it('P28: who gave a role up uses it no more, and is not protected by it', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    await ada.leaves({ role: 'steward' });
    const removal = await ben.revokes(ada);
    const acts = [await ada.forging().revokes(cleo), await ada.forging().revokes(ben)];
    const rules = await ada.forging().changesRules({ without: { steward: ['revoke'] } });
    const state = await town.settled();
    expect([...acts, rules].filter((op) => state.stands(op))).toEqual([]);
    expect(state.stands(removal)).toBe(true);
    expect(state.members()).toEqual(['ben', 'cleo']);
    expect(state.may('revoke', 'steward')).toBe(true);
  });

  it('P28: a device that ended itself speaks no more, however senior its person', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    await ada.addsDevice('laptop');
    await ada.ends(ada);
    const act = await ada.forging().revokes(cleo);
    const state = await town.settled();
    expect(state.stands(act)).toBe(false);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
    expect([state.isLive(ada), state.isLive(ben)]).toEqual([false, true]);
  });

  it('P28: who was removed does nothing more, though what they held ranks higher', async () => {
    const rules = changed(TOWN_RULES, { with: { guide: ['relays'] } });
    const { town, ada, ben } = await found({ rules, guides: ['ada'], stewards: ['ben'], members: ['cleo'] });
    await ada.movesRelays('/home');
    await ben.revokes(ada);
    const acts = [await ada.forging().movesRelays('/away'), await ada.forging().grants('guide', 'cleo')];
    const state = await town.settled();
    expect(acts.map((op) => op && state.fateOf(op))).toEqual(['illegal', 'illegal']);
    expect(state.members()).toEqual(['ben', 'cleo']);
    expect(state.view.relays).toEqual(['/home']);
  });

  it('P28: who left does not go on removing from a device that was silent since before', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    await ada.addsDevice('spare');
    const old = town.now();
    await ada.leaves();
    await ben.grants('guide', cleo);
    await ada.on('spare').seeing(old).revokes(cleo);
    await ada
      .on('spare')
      .seeing(old)
      .changesRules({ without: { steward: ['revoke'] } });
    const state = await town.settled();
    expect(state.members()).toEqual(['ben', 'cleo']);
    expect(state.roles(cleo)).toEqual(['guide']);
    expect(state.may('revoke', 'steward')).toBe(true);
  });

  it('P28: who gave a role up does not use it from a device that was silent since before', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    await ada.addsDevice('spare');
    const old = town.now();
    await ada.leaves({ role: 'steward' });
    const act = await ada.on('spare').seeing(old).revokes(cleo);
    const state = await town.settled();
    expect(state.stands(act)).toBe(false);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
  });

  it('P28: a role whose grant is void is used by nobody, however senior the act', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.now();
    await ada.revokes(ben);
    const void1 = await ben.seeing(old).grants('steward', cleo);
    // Cleo has both in her past, and so can know.
    const act = await cleo.forging().revokes('ada', { role: 'steward' });
    const other = await cleo.forging().invites();
    const state = await town.settled();
    expect([void1, act, other.op].filter((op) => state.stands(op))).toEqual([]);
    expect(state.members()).toEqual(['ada', 'cleo']);
  });
});

describe('authority outside the own past', () => {
  it('P33: an op that cites a role it has not seen granted is not kept', async () => {
    const { town, ada, cleo, dan } = await found({ stewards: ['ada'], members: ['cleo', 'dan'] });
    const old = town.now();
    await ada.grants('steward', cleo);
    const role = town.roleOf(cleo, 'steward');
    const early = await cleo
      .seeing(old)
      .forging({ auth: [...town.authOf(cleo), role] })
      .revokes(dan);
    const state = await town.settled();
    expect(state.has(early)).toBe(false);
    expect(state.members()).toEqual(['ada', 'cleo', 'dan']);
    expect(state.roles(cleo)).toEqual(['steward']);
  });

  it('P33: an op without its author’s joining in its past is not kept', async () => {
    const { town, ada } = await found({ stewards: ['ada'] });
    const cleo = town.person('cleo');
    await cleo.joins(await ada.invites());
    const auth = town.authOf(cleo);
    const early = await cleo.forking(town.genesisOnly()).forging({ auth }).movesRelays('/early');
    expect((await town.settled()).has(early)).toBe(false);
  });

  it('P33: a target that is not in the remover’s past is not removed', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'] });
    const cleo = town.person('cleo');
    const old = town.now();
    const invite = await ada.invites();
    await cleo.joins(invite);
    const membership = town.membershipOf(cleo);
    const act = await ben.seeing(old).forging().revokesGrant(membership);
    const state = await town.settled();
    expect(state.stands(act)).toBe(false);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
  });

  it('P27: acting under an old charter with a new one in one’s past does not count', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.charterId();
    await ada.changesRules({ without: { steward: ['revoke'] } });
    const act = await ben.forging({ under: old }).revokes(cleo);
    const state = await town.settled();
    expect(state.stands(act)).toBe(false);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
  });

  it('P27: acting under something that is no charter, or one that is not in one’s past, is not kept', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.now();
    const moved = await ada.movesRelays('/a');
    const changed = await ada.changesRules({ with: { guide: ['revoke'] } });
    const ops = [
      await ben.seeing(old).forging({ under: changed.id }).revokes(cleo),
      await ben.seeing(town.until(moved)).forging({ under: moved.id }).revokes(cleo),
    ];
    const state = await town.settled();
    expect(ops.filter((op) => state.has(op))).toEqual([]);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
  });
});

describe('re-admission', () => {
  it('P32: who comes back is a new person in the group, without the roles they had', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'] });
    const before = town.membershipOf(ben);
    await ada.revokes(ben);
    await ben.again().joins(await ada.invites());
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'ben']);
    expect(state.roles(ben)).toEqual([]);
    expect(town.membershipOf(ben)).not.toBe(before);
  });

  it('P32: what the removed did back-dated stays void after they came back', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.now();
    await ada.revokes(ben);
    const late = await ben.seeing(old).grants('steward', cleo);
    await ben.again().joins(await ada.invites());
    const state = await town.settled();
    expect(state.stands(late)).toBe(false);
    expect(state.roles(cleo)).toEqual([]);
  });

  it('P32: who came back cannot cite what they held before', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const role = town.roleOf(ben, 'steward');
    await ada.revokes(ben);
    const returned = ben.again();
    await returned.joins(await ada.invites());
    const act = await returned.forging({ auth: [...town.authOf(returned), role] }).revokes(cleo);
    const state = await town.settled();
    expect(state.has(act)).toBe(false);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
  });

  it('P32: a revocation of the first membership does not reach the second', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.now();
    await ada.revokes(cleo);
    await cleo.again().joins(await ada.invites());
    // Ben had not heard of any of it.
    await ben.seeing(old).revokes(cleo);
    expect((await town.settled()).members()).toEqual(['ada', 'ben', 'cleo']);
  });
});

describe('rules of the first message', () => {
  it('P26: a group whose genesis is not the one its name says is never begun', async () => {
    const { town } = await found({ stewards: ['ada'] });
    const other = await found({ stewards: ['eve'], name: 'twin' });
    town.add(other.town.genesis);
    const state = await town.settled();
    expect(state.has(other.town.genesis)).toBe(false);
    expect(state.members()).toEqual(['ada']);
  });
});
