// Attacks on the charter: new rules that race removals and each other (protocol §3, rules 5 and 7).
import { describe, expect, it } from 'vitest';
import { found } from './town.ts';

describe('a change of the rules', () => {
  it('P27: is void by somebody who may not make it', async () => {
    const { town, cleo } = await found({ stewards: ['ada'], guides: ['cleo'] });
    const act = await cleo.forging().changesRules({ with: { guide: ['revoke'] } });
    const state = await town.settled();
    expect(state.stands(act)).toBe(false);
    expect(state.may('revoke', 'guide')).toBe(false);
  });

  it('P27: is judged by the rules before it, not by its own', async () => {
    const { town, cleo } = await found({ stewards: ['ada'], guides: ['cleo'] });
    const act = await cleo.forging().changesRules({ with: { guide: ['charter', 'revoke'] } });
    await cleo.forging({ under: act.id }).revokes('ada');
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'cleo']);
    expect(state.may('charter', 'guide')).toBe(false);
  });

  it('P27: voids what was done at once by a right it takes away', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.now();
    await ada.seeing(old).changesRules({ without: { steward: ['revoke'] } });
    await ben.seeing(old).revokes(cleo);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
    expect(state.may('revoke', 'steward')).toBe(false);
  });

  it('P27: does not void what was done before it, and was seen', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    await ben.revokes(cleo);
    await ada.changesRules({ without: { steward: ['revoke'] } });
    expect((await town.settled()).members()).toEqual(['ada', 'ben']);
  });

  it('P27: by a junior does not void the removal a senior made at once', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.now();
    await ben.seeing(old).changesRules({ without: { steward: ['revoke'] } });
    await ada.seeing(old).revokes(cleo);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'ben']);
    expect(state.may('revoke', 'steward')).toBe(false);
  });

  it('threat 14: that is void later on does not keep an honest removal from taking effect', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben', 'cleo'], members: ['dan'] });
    const old = town.now();
    // Ben’s rules would forbid Cleo’s removal of Dan. Ada removes Ben, not having seen them.
    await ben.seeing(old).changesRules({ without: { steward: ['revoke'] } });
    await cleo.seeing(old).revokes('dan');
    await ada.seeing(old).revokes(ben);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'cleo']);
    expect(state.may('revoke', 'steward')).toBe(true);
  });

  it('P27: of two at once the one by the more senior wins', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'] });
    const old = town.now();
    for (let i = 0; i < 3; i++) await ben.seeing(old).movesRelays(`/${i}`);
    await ben.seeing(old).changesRules({ with: { guide: ['relays'] } });
    await ada.seeing(old).changesRules({ with: { guide: ['card'] } });
    const state = await town.settled();
    expect([state.may('card', 'guide'), state.may('relays', 'guide')]).toEqual([true, false]);
  });

  it('P27: by a majority wins over one by a single author at once, however senior', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada'], voters: ['ben', 'cleo', 'dan'] });
    const old = town.now();
    await ada.seeing(old).changesRules({ with: { guide: ['card'] } });
    const proposal = await ben.seeing(old).proposes(ben.seeing(old).toChange({ with: { guide: ['relays'] } }));
    const second = await cleo.seeing(town.until(proposal)).endorses(proposal);
    await ben.seeing(town.until(second)).completes(proposal);
    const state = await town.settled();
    expect([state.may('card', 'guide'), state.may('relays', 'guide')]).toEqual([false, true]);
  });

  it('P27: that has seen another one comes after it, whoever made which', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'] });
    await ada.changesRules({ with: { guide: ['card'] } });
    await ben.changesRules({ with: { guide: ['relays'] } });
    const state = await town.settled();
    expect([state.may('card', 'guide'), state.may('relays', 'guide')]).toEqual([true, true]);
  });

  it('P27: back-dated by a removed steward binds nobody, and frees nobody to act under it', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], guides: ['cleo'], members: ['dan'] });
    const old = town.now();
    await ada.revokes(ben);
    const late = await ben.seeing(old).changesRules({ with: { guide: ['revoke'] } });
    const used = await cleo.seeing(town.until(late)).forging({ under: late.id }).revokes('dan');
    const state = await town.settled();
    expect([late, used].map((op) => state.stands(op))).toEqual([false, false]);
    expect(state.members()).toEqual(['ada', 'cleo', 'dan']);
  });

  it('P27: that removes a role leaves its holders members, without what the role let them do', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada'], guides: ['ben'], members: ['cleo'] });
    await ada.changesRules({ drop: ['guide'] });
    const invite = await ben.forging().invites();
    const state = await town.settled();
    expect(state.stands(invite.op)).toBe(false);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
    expect(state.roles(cleo)).toEqual([]);
  });

  it('P30: is completed, in a scope that its author does not read, by those who do and by nobody else', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada'], guides: ['ben'], members: ['cleo'] });
    const rules = await ada.changesRules({ without: { guide: ['invite'] } });
    const by = [
      await ben.completesFrontier(rules, 'guide'),
      await cleo.forging().completesFrontier(rules, 'guide'),
      await ada.forging().completesFrontier(rules, 'guide'),
    ];
    const state = await town.settled();
    expect(by.map((op) => state.stands(op))).toEqual([true, false, false]);
  });
});
