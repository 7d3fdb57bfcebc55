// Attacks on the charter: votes that are completed again, proofs that are used again, uses of invitations that are taken
// back from those who had them, votes handed out from an old past (protocol §3, rules 5 and 8).
import { describe, expect, it } from 'vitest';
import { grantIdOf } from '#core/charter/op.ts';
import { changed, TOWN_RULES } from './town-rules.ts';
import { found } from './town.ts';

const FIVE = ['ada', 'ben', 'cleo', 'dan', 'finn'] as const;

describe('a vote that is over', () => {
  it('P33: is not completed again to undo what was decided later', async () => {
    const { town, ada, ben, cleo, dan, finn } = await found({ voters: FIVE, members: ['gill'] });
    const wanted = await ada.proposes(ada.toGrant('voter', 'gill'));
    await ben.endorses(wanted);
    await cleo.completes(wanted);
    const unwanted = await cleo.proposes(cleo.toRevoke('gill', { role: 'voter' }));
    await dan.endorses(unwanted);
    await finn.endorses(unwanted);
    await ben.completes(unwanted);
    await ada.forging().completes(wanted);
    expect((await town.settled()).roles(town.person('gill'))).toEqual([]);
  });

  it('P33: is not completed again from a past in which it was still open', async () => {
    const { town, ada, ben, cleo, dan, finn } = await found({ voters: FIVE, members: ['gill'] });
    await ada.addsDevice('spare');
    const wanted = await ada.proposes(ada.toGrant('voter', 'gill'));
    await ben.endorses(wanted);
    await dan.endorses(wanted);
    const open = town.now();
    await cleo.completes(wanted);
    const unwanted = await cleo.proposes(cleo.toRevoke('gill', { role: 'voter' }));
    await dan.endorses(unwanted);
    await finn.endorses(unwanted);
    await ben.completes(unwanted);
    await ada.on('spare').seeing(open).completes(wanted);
    expect((await town.settled()).roles(town.person('gill'))).toEqual([]);
  });

  it('P27: does not bring back rules that others replaced', async () => {
    const { town, ada, ben, cleo, dan } = await found({ voters: FIVE });
    await ada.addsDevice('spare');
    const wanted = await ada.proposes(ada.toChange({ with: { guide: ['relays'] } }));
    await ben.endorses(wanted);
    await dan.endorses(wanted);
    const open = town.now();
    await cleo.completes(wanted);
    const better = await cleo.proposes(cleo.toChange({ without: { guide: ['relays'] } }));
    await dan.endorses(better);
    await ben.completes(better);
    await ada.on('spare').seeing(open).completes(wanted);
    await ada.forging().completes(wanted);
    expect((await town.settled()).may('relays', 'guide')).toBe(false);
  });

  it('P33: is not completed again with the first completion counted as a signature', async () => {
    const { town, ada, ben, cleo, dan, finn } = await found({ voters: FIVE, members: ['gill'] });
    const wanted = await ada.proposes(ada.toGrant('voter', 'gill'));
    const second = await ben.endorses(wanted);
    const first = await cleo.completes(wanted);
    const unwanted = await cleo.proposes(cleo.toRevoke('gill', { role: 'voter' }));
    await dan.endorses(unwanted);
    await finn.endorses(unwanted);
    await ben.completes(unwanted);
    await ada.forging().completes(wanted, { counting: [first.id, second.id].sort() });
    expect((await town.settled()).roles(town.person('gill'))).toEqual([]);
  });
});

describe('proofs that are used again', () => {
  it('P43: nobody erases a member by admitting the same key once more from an old past', async () => {
    const rules = changed(TOWN_RULES, { with: { guide: ['admit'] } });
    const { town, ada, ben, cleo } = await found({ rules, guides: ['ada'], stewards: ['ben'], members: ['cleo'] });
    const old = town.now();
    const dan = town.person('dan');
    await ben.admits(dan);
    await ben.grants('steward', dan);
    const built = await dan.grants('keeper', cleo);
    // Ada may admit and nothing more, and is the most senior. Dan’s proof lies open in his admission.
    await ada.seeing(old).copiesAdmissionOf(dan);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'ben', 'cleo', 'dan']);
    expect(state.stands(built)).toBe(true);
    expect(state.roles(dan)).toEqual(['steward']);
    expect(state.roles(cleo)).toEqual(['keeper']);
  });

  it('P43: nor a member whom a vote let in', async () => {
    const { town, ada, ben, cleo, dan } = await found({
      rules: changed(TOWN_RULES, { with: { guide: ['admit'] } }),
      guides: ['ada'],
      voters: ['ben', 'cleo', 'dan'],
    });
    const old = town.now();
    const gill = town.person('gill');
    const proposal = await ben.proposes(ben.toAdmit(gill));
    await town.noteAdmission(gill, (await cleo.completes(proposal)).id, []);
    const vote = await dan.proposes(dan.toGrant('guide', gill));
    await ben.completes(vote);
    const built = await gill.invites();
    await ada.seeing(old).copiesAdmissionOf(gill);
    const state = await town.settled();
    expect(state.stands(built.op)).toBe(true);
    expect(state.roles(gill)).toEqual(['guide']);
  });

  it('P28: nor a senior by a copy of their admission that is thrown out again', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    await ben.addsDevice('spare');
    const old = town.now();
    const dan = town.person('dan');
    await ada.admits(dan);
    await ada.grants('steward', dan);
    const built = await dan.grants('guide', 'cleo');
    const copy = await ben.on('spare').seeing(old).copiesAdmissionOf(dan);
    await ben.on('spare').seeing(town.until(copy)).revokesGrant(grantIdOf(copy.id, 0));
    const state = await town.settled();
    expect(state.stands(built)).toBe(true);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo', 'dan']);
  });

  it('P28: nor a senior by a twin who used their invitation and is thrown out again', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'] });
    await ben.addsDevice('spare');
    await town.person('cleo').joins(await ada.invites({ role: 'guide' }));
    const invite = await town.person('cleo').invites({ uses: 1 });
    const old = town.now();
    const dan = town.person('dan');
    await dan.joins(invite);
    await town.person('cleo').rotates({ admits: [town.joinOf(dan)] });
    await ada.grants('steward', dan);
    const built = await dan.grants('guide', 'ben');
    const twin = await town.person('eve').seeing(old).joins(invite);
    await ben.on('spare').seeing(town.until(twin)).revokes('eve');
    const state = await town.settled();
    expect(state.stands(built)).toBe(true);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo', 'dan']);
  });

  it('P13: nobody without the right to remove ejects a member by letting another use their invitation', async () => {
    const { town, ben } = await found({ members: ['ada'], stewards: ['ben', 'cleo'] });
    const ada = town.person('ada');
    const invite = await ben.invites({ uses: 1 });
    const open = town.now();
    const dan = town.person('dan');
    await dan.seeing(open).joins(invite);
    await ben.rotates({ admits: [town.joinOf(dan)] });
    await ben.grants('steward', dan);
    const built = await dan.grants('guide', 'cleo');
    // Ada founded the group and holds no role. She has the link too, and has seen nothing of Dan.
    await town.person('eve').seeing(open).joins(invite);
    await ada.seeing(town.until(town.joinOf('eve'))).rotates({ admits: [town.joinOf('eve')] });
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'ben', 'cleo', 'dan']);
    expect(state.stands(built)).toBe(true);
  });

  it('P33: only who could make a majority alone, when few could vote, still can from devices silent since', async () => {
    const { town, ada } = await found({
      stewards: ['ada'],
      voters: ['ada', 'ben'],
      members: ['p1', 'p2', 'p3', 'cleo'],
    });
    for (const name of ['s1', 's2', 's3']) await ada.addsDevice(name);
    const old = town.now();
    await ada.grants('voter', 'cleo');
    for (const [spare, puppet] of [
      ['s1', 'p1'],
      ['s2', 'p2'],
      ['s3', 'p3'],
    ] as const) {
      await ada.on(spare).seeing(old).grants('voter', puppet);
    }
    const state = await town.settled();
    const voters = ['ada', 'ben', 'cleo', 'p1', 'p2', 'p3'].filter((name) =>
      state.roles(town.person(name)).includes('voter'),
    );
    // Known and accepted (SPEC §8): whoever had this right then is trusted with it. Nobody else gains a vote.
    expect(voters).toEqual(['ada', 'ben', 'cleo', 'p1', 'p2', 'p3']);
    await town.person('p1').forging().grants('voter', 'p2');
    const invite = await town.person('p1').forging().invites({ role: 'voter' });
    expect((await town.settled()).stands(invite.op)).toBe(false);
  });
});

describe('rights that new rules took', () => {
  it('P27: are not used from a past before: grants, invitations and votes of that time are void', async () => {
    const { town, ada, ben, cleo } = await found({
      stewards: ['ada'],
      guides: ['ben'],
      voters: ['cleo', 'dan', 'finn'],
      members: ['gill'],
    });
    const old = town.now();
    await ada.changesRules({ without: { guide: ['invite', 'grant:guide'], voter: ['vote'] } });
    const invite = await ben.seeing(old).invites();
    const grant = await ben.seeing(old).grants('guide', 'gill');
    const proposal = await cleo.seeing(old).proposes(cleo.toRevoke('gill'));
    const vote = await town.person('dan').seeing(town.until(proposal)).endorses(proposal);
    const done = await cleo.seeing(town.until(vote)).completes(proposal);
    await town.person('eve').seeing(town.until(invite.op)).joins(invite);
    const state = await town.settled();
    expect([invite.op, grant, vote, done].map((op) => state.stands(op))).toEqual([false, false, false, false]);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo', 'dan', 'finn', 'gill']);
  });

  it('P27: that every member had are taken from all alike', async () => {
    const rules = { ...TOWN_RULES, members: ['invite'] } as const;
    const { town, ada, cleo } = await found({ rules, stewards: ['ada'], members: ['cleo'] });
    const old = town.now();
    await ada.changesRules({ members: [] });
    const invite = await cleo.seeing(old).invites();
    await town.person('eve').seeing(town.until(invite.op)).joins(invite);
    expect((await town.settled()).members()).toEqual(['ada', 'cleo']);
  });

  it('P27: a role that was dropped and comes back under its name is held by nobody who held the old one', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada'], keepers: ['ben'] });
    await ada.changesRules({ drop: ['keeper'] });
    await ada.changesRules({ add: [{ id: 'keeper', level: 1, can: ['post'] }] });
    // Whoever names a role anew should know: see the SPEC. All that matters here is that every app agrees.
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'ben']);
    expect(state.roles(ben).length).toBeLessThanOrEqual(1);
  });
});

describe('being read only', () => {
  it('P33: a plain member who was removed does not keep the group read-only with one op nobody knows', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada'], members: ['cleo'] });
    await cleo.writesUnknown('later-kind');
    await ada.revokes(cleo);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada']);
    expect(state.view.needsNewerVersion).toBe(false);
  });
});
