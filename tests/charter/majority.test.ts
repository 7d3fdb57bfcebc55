// Attacks on the charter: majorities that are made up, bought, counted twice or counted late (protocol §3, rules 5 and 8).
import { describe, expect, it } from 'vitest';
import { changed, TOWN_RULES } from './town-rules.ts';
import { found } from './town.ts';

describe('a majority', () => {
  it('P23, X02: of more than half of the voters removes somebody, and no founder is above it', async () => {
    const { town, ben, cleo } = await found({ voters: ['ada', 'ben', 'cleo'] });
    const proposal = await ben.proposes(ben.toRevoke('ada'));
    await cleo.endorses(proposal);
    const done = await ben.completes(proposal);
    const state = await town.settled();
    expect(state.stands(done)).toBe(true);
    expect(state.members()).toEqual(['ben', 'cleo']);
  });

  it('P23: of exactly half is none', async () => {
    const { town, ada, ben } = await found({ voters: ['ada', 'ben', 'cleo', 'dan'] });
    const proposal = await ada.proposes(ada.toRevoke('dan'));
    await ben.endorses(proposal);
    const done = await ada.forging().completes(proposal);
    const state = await town.settled();
    expect(state.stands(done)).toBe(false);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo', 'dan']);
  });

  it('P23: may still be signed by the same people in the same order, whoever of them was heard of first', async () => {
    const { town, ada, ben, dan, eve } = await found({
      voters: ['ada'],
      stewards: ['ada', 'ben'],
      members: ['dan', 'eve'],
    });
    const before = town.now();
    await ada.seeing(before).grants('voter', dan);
    await ben.seeing(before).grants('voter', eve);
    await ada.proposes(ada.toRevoke('ben'));
    expect((await town.settled({ orders: 40 })).view.group!.proposals[0]!.mayStillSign).toHaveLength(2);
  });

  it('P33: is not reached by one person’s two devices', async () => {
    const { town, ada } = await found({ voters: ['ada', 'ben', 'cleo'] });
    await ada.addsDevice('laptop');
    const proposal = await ada.proposes(ada.toRevoke('cleo'));
    await ada.endorses(proposal);
    await ada.on('laptop').endorses(proposal);
    await ada.on('laptop').forging().completes(proposal);
    expect((await town.settled()).members()).toEqual(['ada', 'ben', 'cleo']);
  });

  it('P33, sock puppets: is not reached by members who hold no vote, however many were let in', async () => {
    const { town, ada } = await found({ voters: ['ada', 'ben', 'cleo'] });
    const invite = await ada.invites({ uses: 6 });
    const puppets = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'].map((name) => town.person(name));
    for (const puppet of puppets) await puppet.joins(invite);
    const proposal = await ada.proposes(ada.toRevoke('ben'));
    for (const puppet of puppets) await puppet.forging().endorses(proposal);
    await ada.forging().completes(proposal);
    expect((await town.settled()).members()).toContain('ben');
  });

  it('P33, sock puppets: nobody grants a vote alone once three people hold one', async () => {
    const { town, ada, dan } = await found({
      voters: ['ada', 'ben', 'cleo'],
      stewards: ['ada'],
      members: ['dan'],
    });
    const act = await ada.forging().grants('voter', dan);
    const state = await town.settled();
    expect(state.stands(act)).toBe(false);
    expect(state.roles(dan)).toEqual([]);
  });

  it('P33: is not reached by voters made after the proposal: they are not of its electorate', async () => {
    const { town, ada, ben, dan, finn } = await found({
      stewards: ['ada'],
      voters: ['ada', 'ben'],
      members: ['dan', 'finn'],
    });
    const proposal = await ada.proposes(ada.toRevoke('ben'));
    // Two voters: Ada alone may make a third, and no more.
    await ada.grants('voter', dan);
    await dan.endorses(proposal);
    await ada.forging().completes(proposal);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'ben', 'dan', 'finn']);
    expect([ben, finn].map((person) => state.roles(person))).toEqual([['voter'], []]);
  });

  it('P33: counts voters that were made before it, also where its author claims to have seen fewer', async () => {
    const { town, ada, ben } = await found({
      stewards: ['ada'],
      voters: ['ada', 'ben'],
      members: ['dan'],
    });
    const old = town.now();
    await ada.grants('voter', town.person('dan'));
    // With two voters, both are needed; with three, two are enough. Ben takes part in neither.
    const proposal = await ada.forking(old).proposes(ada.toRevoke('ben'));
    await ada.forging().completes(proposal);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'ben', 'dan']);
    expect(state.roles(ben)).toEqual(['voter']);
  });

  it('P33: does not count the endorsement of somebody who was removed before it was complete', async () => {
    const { town, ada, ben, cleo } = await found({
      stewards: ['ada'],
      voters: ['ben', 'cleo', 'dan'],
      members: ['finn'],
    });
    const proposal = await ben.proposes(ben.toRevoke('finn'));
    await cleo.endorses(proposal);
    await ada.revokes(cleo);
    const done = await ben.forging().completes(proposal);
    const state = await town.settled();
    expect(state.stands(done)).toBe(false);
    expect(state.members()).toEqual(['ada', 'ben', 'dan', 'finn']);
  });

  it('P23: once complete, is not undone by removing those who signed', async () => {
    const { town, ada, ben, cleo } = await found({
      stewards: ['ada'],
      voters: ['ben', 'cleo', 'dan'],
      members: ['finn'],
    });
    const proposal = await ben.proposes(ben.toRevoke('finn'));
    await cleo.endorses(proposal);
    await ben.completes(proposal);
    await ada.revokes(cleo);
    await ada.revokes(ben);
    expect((await town.settled()).members()).toEqual(['ada', 'dan']);
  });

  it('P33: falls when a signer was removed at the same time by somebody entitled, who had not seen it', async () => {
    const { town, ada, ben, cleo } = await found({
      stewards: ['ada'],
      voters: ['ben', 'cleo', 'dan'],
      members: ['finn'],
    });
    const old = town.now();
    const proposal = await ben.proposes(ben.toRevoke('finn'));
    await cleo.endorses(proposal);
    const done = await ben.completes(proposal);
    await ada.seeing(old).revokes(cleo);
    const state = await town.settled();
    expect(state.stands(done)).toBe(false);
    expect(state.members()).toEqual(['ada', 'ben', 'dan', 'finn']);
  });

  it('P33: does not count endorsements of something else, made up ones, or ones outside its past', async () => {
    const { town, ada, ben, cleo } = await found({ voters: ['ada', 'ben', 'cleo', 'dan'] });
    const wanted = await ada.proposes(ada.toRevoke('dan'));
    const other = await ada.proposes(ada.toRevoke('cleo'));
    const elsewhere = await ben.endorses(other);
    const before = town.now();
    const unseen = await cleo.endorses(wanted);
    const claims = [[elsewhere.id], [elsewhere.id, wanted.id], ['ab'.repeat(32)], [unseen.id]];
    const ops = [];
    for (const counting of claims) {
      ops.push(await ada.seeing(before).forging().completes(wanted, { counting }));
    }
    const state = await town.settled();
    expect(ops.filter((op) => state.stands(op))).toEqual([]);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo', 'dan']);
  });

  it('P23: of people who back-date into an ancient past still counts: they were entitled to it then and now', async () => {
    const { town, ada, ben, cleo, dan } = await found({ voters: ['ada', 'ben', 'cleo'], members: ['dan'] });
    const ancient = town.now();
    for (let i = 0; i < 4; i++) await cleo.invites();
    const proposal = await ada.seeing(ancient).proposes(ada.toRevoke(dan));
    const second = await ben.seeing(town.until(proposal)).endorses(proposal);
    const done = await ada.seeing(town.until(second)).completes(proposal);
    const state = await town.settled();
    expect(state.stands(done)).toBe(true);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
  });

  it('P33: a proposal whose author was removed, unseen, completes for nobody', async () => {
    const { town, ada, ben, cleo, finn } = await found({
      stewards: ['ada'],
      voters: ['ben', 'cleo', 'dan'],
      members: ['finn'],
    });
    const old = town.now();
    await ada.seeing(old).revokes(ben);
    const proposal = await ben.seeing(old).proposes(ben.toGrant('voter', finn));
    const second = await cleo.seeing(town.until(proposal)).endorses(proposal);
    const third = await town.person('dan').seeing(town.until(second)).endorses(proposal);
    await cleo.seeing(town.until(third)).forging().completes(proposal);
    const state = await town.settled();
    expect(state.roles(finn)).toEqual([]);
    expect(state.members()).toEqual(['ada', 'cleo', 'dan', 'finn']);
  });

  it('P44: two majorities that remove from each other at once give the same answer in every app', async () => {
    const { town, ada, ben, cleo, dan, finn } = await found({ voters: ['ada', 'ben', 'cleo', 'dan', 'finn'] });
    const old = town.now();
    const one = await ada.seeing(old).proposes(ada.toRevoke(finn));
    const oneB = await ben.seeing(town.until(one)).endorses(one);
    const oneC = await cleo.seeing(town.until(oneB)).endorses(one);
    await ada.seeing(town.until(oneC)).completes(one);
    const two = await dan.seeing(old).proposes(dan.toRevoke(ada));
    const twoB = await finn.seeing(town.until(two)).endorses(two);
    const twoC = await cleo.seeing(town.until(twoB)).endorses(two);
    await dan.seeing(town.until(twoC)).completes(two);
    // Cleo signed both; neither signer was removed when they signed.
    expect((await town.settled()).members()).toEqual(['ben', 'cleo', 'dan']);
  });

  it('P23: may be a fixed number: in a cell any two remove somebody, and one does not', async () => {
    const rules = changed(TOWN_RULES, { quorum: { admit: 2, revoke: 2 } });
    const { town, ada, ben, cleo } = await found({ rules, voters: ['ada', 'ben', 'cleo', 'dan', 'finn'] });
    const proposal = await cleo.proposes(cleo.toRevoke('ada'));
    const alone = await cleo.forging().completes(proposal, { counting: [] });
    expect((await town.settled()).stands(alone)).toBe(false);
    await ben.completes(proposal);
    const state = await town.settled();
    expect(state.members()).toEqual(['ben', 'cleo', 'dan', 'finn']);
    expect(state.isLive(ada)).toBe(false);
  });

  it('P23: changes the rules by more than half, however few may remove', async () => {
    const rules = changed(TOWN_RULES, { quorum: { admit: 2, revoke: 2 } });
    const { town, ada, ben } = await found({ rules, voters: ['ada', 'ben', 'cleo', 'dan', 'finn'] });
    const proposal = await ada.proposes(ada.toChange({ with: { guide: ['revoke'] } }));
    const two = await ben.forging().completes(proposal);
    const state = await town.settled();
    expect(state.stands(two)).toBe(false);
    expect(state.may('revoke', 'guide')).toBe(false);
  });

  it('P43: lets in who knocked, by the vouching of as many as the rules say', async () => {
    const rules = changed(TOWN_RULES, { quorum: { admit: 2, revoke: 'majority' } });
    const { town, ada, ben } = await found({ rules, voters: ['ada', 'ben', 'cleo', 'dan', 'finn'] });
    const eve = town.person('eve');
    const proposal = await ada.proposes(ada.toAdmit(eve));
    const done = await ben.completes(proposal);
    await town.noteAdmission(eve, done.id, []);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'ben', 'cleo', 'dan', 'eve', 'finn']);
    expect(state.isLive(eve)).toBe(true);
  });
});
