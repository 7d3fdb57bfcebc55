// Attacks on the charter: who may remove whom, and what stands when removals cross (protocol §3, rules 3 to 6).
import { describe, expect, it } from 'vitest';
import { changed, TOWN_RULES } from './town-rules.ts';
import { found } from './town.ts';

describe('mutual and concurrent removal', () => {
  it('P44, threat 14: of two stewards who remove each other at once the senior stays, in every app', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.now();
    const byAda = await ada.seeing(old).revokes(ben);
    const byBen = await ben.seeing(old).revokes(ada);
    const state = await town.settled();
    expect([byAda, byBen].map((op) => state.stands(op))).toEqual([true, false]);
    expect(state.members()).toEqual(['ada', 'cleo']);
  });

  it('threat 14: three stewards who remove each other in a ring leave the same two in every app', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben', 'cleo'] });
    const old = town.now();
    await ada.seeing(old).revokes(ben);
    await ben.seeing(old).revokes(cleo);
    await cleo.seeing(old).revokes(ada);
    expect((await town.settled()).members()).toEqual(['ada', 'cleo']);
  });

  it('threat 14: a junior cannot save an ally by removing the ally’s remover a moment earlier', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const shallow = town.now();
    for (let i = 0; i < 4; i++) await ada.movesRelays(`/${i}`);
    await ada.revokes(cleo);
    await ben.seeing(shallow).revokes(ada);
    expect((await town.settled()).members()).toEqual(['ada', 'ben']);
  });

  it('P28: two stewards who remove the same member at once remove them once, and what either had not seen is void', async () => {
    const { town, ada, ben, cleo, dan, finn } = await found({
      stewards: ['ada', 'ben', 'cleo'],
      members: ['dan', 'finn'],
    });
    const base = town.now();
    const one = await cleo.grants('guide', dan);
    const early = town.now();
    const two = await cleo.grants('guide', finn);
    await ada.seeing(early).revokes(cleo);
    await ben.seeing(base).revokes(cleo);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'ben', 'dan', 'finn']);
    // Only what all had seen is in the past of all.
    expect([one, two].map((op) => state.stands(op))).toEqual([false, false]);
  });

  it('P28: a later removal that has seen an earlier one takes away nothing more', async () => {
    const { town, ada, ben, cleo, dan } = await found({ stewards: ['ada', 'ben', 'cleo'], members: ['dan'] });
    const granted = await cleo.grants('guide', dan);
    await ada.revokes(cleo);
    await ben.revokes(cleo);
    const state = await town.settled();
    expect(state.stands(granted)).toBe(true);
    expect(state.members()).toEqual(['ada', 'ben', 'dan']);
  });

  it('threat 14: the removal by somebody who is removed at once, and was unseen, leaves its target in', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben', 'cleo'] });
    const old = town.now();
    await ben.seeing(old).revokes(cleo);
    await ada.seeing(old).revokes(ben);
    expect((await town.settled()).members()).toEqual(['ada', 'cleo']);
  });
});

describe('juniors and seniors', () => {
  it('P28: a junior steward cannot remove the senior one, their role, or what else they hold', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    await ben.forging().revokes(ada);
    await ben.forging().revokes(ada, { role: 'steward' });
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
    expect(state.roles(ada)).toEqual(['steward']);
  });

  it('P28: nobody removes the one who made them a steward, however early they claim to have been granted', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada'], members: ['cleo'] });
    await ada.grants('steward', cleo);
    await cleo.forging().revokes(ada);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'cleo']);
    expect(state.roles(ada)).toEqual(['steward']);
  });

  it('threat 13, depth grinding: a grant written on the genesis alone makes nobody senior to whom it came from', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    for (let i = 0; i < 6; i++) await ada.movesRelays(`/${i}`);
    // Ben has not acted yet, so he may claim to have seen no more than Cleo's joining.
    const early = town.until(town.joinOf(cleo));
    const role = await ben.seeing(early).grants('steward', cleo);
    await cleo.seeing(town.until(role)).forging().revokes(ben);
    await cleo.seeing(town.until(role)).forging().revokes(ada);
    const state = await town.settled();
    expect(state.stands(role)).toBe(true);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
  });

  it('threat 13, depth grinding: a long private chain makes nobody’s act more senior', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.now();
    for (let i = 0; i < 30; i++) await ben.seeing(old).movesRelays(`/pad ${i}`);
    await ben.seeing(old).revokes(ada);
    await ada.seeing(old).revokes(ben);
    expect((await town.settled()).members()).toEqual(['ada', 'cleo']);
  });

  it('threat 13, id grinding: the lowest of many tried ids does not win over a senior', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.now();
    const byAda = await ada.seeing(old).revokes(ben);
    const low = await ben.seeing(old).grinding(byAda.id).revokes(ada);
    expect(low.id < byAda.id).toBe(true);
    expect((await town.settled()).members()).toEqual(['ada', 'cleo']);
  });

  it('P28: a senior role that does not carry the right lends no seniority to a junior one that does', async () => {
    const { town, ada, ben, cleo } = await found({ guides: ['ada'], stewards: ['ben', 'cleo'] });
    // Ada founded the group as a guide; Cleo then makes her a keeper, who may revoke.
    await cleo.grants('keeper', ada);
    await ada.forging().revokes(ben);
    await ada.forging().revokes(cleo);
    expect((await town.settled()).members()).toEqual(['ada', 'ben', 'cleo']);
  });

  it('P28: a steward’s role that the remover could not have seen does not protect from a removal at once', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.now();
    await ada.seeing(old).grants('steward', cleo);
    const removal = await ben.seeing(old).revokes(cleo);
    const state = await town.settled();
    expect(state.stands(removal)).toBe(true);
    expect(state.members()).toEqual(['ada', 'ben']);
  });

  it('P44: who may write rules is not removed by a junior, since a junior could not make it count', async () => {
    const rules = changed(TOWN_RULES, { with: { guide: ['charter'] } });
    const { town, ada, ben, cleo } = await found({ rules, guides: ['ada'], stewards: ['ben', 'cleo'] });
    await ada.addsDevice('spare');
    const old = town.now();
    const removal = await ben.forging().revokes(ada);
    await ada
      .on('spare')
      .seeing(old)
      .changesRules({ without: { steward: ['revoke'] } });
    const state = await town.settled();
    // Either way one of them must have the last word, and it is the senior.
    expect(state.stands(removal)).toBe(false);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
    expect(state.fateOf(removal)).toBe('illegal');
    expect(state.isLive(cleo)).toBe(true);
  });

  it('P28: a steward cannot end another person’s device; only membership and roles are theirs to take', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada'], members: ['cleo'] });
    const act = await ada.forging().ends(cleo);
    const state = await town.settled();
    expect(state.stands(act)).toBe(false);
    expect(state.isLive(cleo)).toBe(true);
  });

  it('P28: everybody may take a role or a membership away from themselves', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    await ben.leaves({ role: 'steward' });
    await cleo.leaves();
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'ben']);
    expect([ada, ben].map((person) => state.roles(person))).toEqual([['steward'], []]);
  });

  it('P44: an entitled steward evicts, whatever the evicted write at the same time', async () => {
    const { town, ada, ben, cleo, dan } = await found({ stewards: ['ada', 'ben'], members: ['cleo', 'dan'] });
    const old = town.now();
    await ben.seeing(old).changesRules({ without: { steward: ['revoke'] } });
    await ben.seeing(old).revokes(ada);
    const role = await ben.seeing(old).grants('steward', cleo);
    await cleo.seeing(town.until(role)).revokes(dan);
    await ben.seeing(old).addsDevice('laptop');
    await ada.seeing(old).revokes(ben);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'cleo', 'dan']);
    expect(state.roles(cleo)).toEqual([]);
    expect(state.may('revoke', 'steward')).toBe(true);
  });
});

describe('cascade', () => {
  it('P28: also ends what was granted citing the target, however far down', async () => {
    const { town, ada, ben, cleo, dan, finn } = await found({
      stewards: ['ada', 'ben'],
      members: ['cleo', 'dan', 'finn'],
    });
    await ben.grants('steward', cleo);
    await cleo.grants('guide', dan);
    await ada.grants('guide', finn);
    await ada.revokes(ben, { role: 'steward', cascade: true });
    const state = await town.settled();
    expect([ben, cleo, dan, finn].map((person) => state.roles(person))).toEqual([[], [], [], ['guide']]);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo', 'dan', 'finn']);
  });

  it('P28: without it, what was granted and seen stays', async () => {
    const { town, ada, ben, cleo, dan } = await found({ stewards: ['ada', 'ben'], members: ['cleo', 'dan'] });
    await ben.grants('steward', cleo);
    await cleo.grants('guide', dan);
    await ada.revokes(ben);
    const state = await town.settled();
    expect([cleo, dan].map((person) => state.roles(person))).toEqual([['steward'], ['guide']]);
  });

  it('P23: never reaches what a quorum granted', async () => {
    const { town, ada, ben, cleo, dan } = await found({
      stewards: ['ada'],
      voters: ['ben', 'cleo', 'finn'],
      members: ['dan'],
    });
    const proposal = await ben.proposes(ben.toGrant('voter', dan));
    await cleo.endorses(proposal);
    await ben.completes(proposal);
    await ada.revokes(ben, { cascade: true });
    const state = await town.settled();
    expect(state.roles(dan)).toEqual(['voter']);
    expect(state.members()).toEqual(['ada', 'cleo', 'dan', 'finn']);
  });

  it('threat 13: cannot be used against a senior whom the target never granted anything', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    await ben.grants('guide', cleo);
    await ben.revokes(cleo, { cascade: true });
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'ben']);
    expect(state.roles(ada)).toEqual(['steward']);
  });
});
