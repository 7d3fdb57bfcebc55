// Attacks on the charter: invitations used too often, withdrawn, taken over, made by those who may not (protocol §3).
import { describe, expect, it } from 'vitest';
import { found } from './town.ts';

describe('an invitation', () => {
  it('P13: lets in as many as it says, the same ones in every app, however many join at once', async () => {
    const { town, ada } = await found({ stewards: ['ada'] });
    const invite = await ada.invites({ uses: 2 });
    const past = town.now();
    const newcomers = ['p1', 'p2', 'p3', 'p4'].map((name) => town.person(name));
    for (const newcomer of newcomers) await newcomer.seeing(past).joins(invite);
    const joins = newcomers.map((newcomer) => town.joinOf(newcomer));
    const first = town.inOrder(joins).slice(0, 2);
    const state = await town.settled();
    expect(joins.filter((join) => state.stands(join)).sort()).toEqual([...first].sort());
    expect(state.members().length).toBe(3);
  });

  it('P13: goes first to those whom a rotation let in, though others come before them in order', async () => {
    const { town, ada } = await found({ stewards: ['ada'] });
    const invite = await ada.invites({ uses: 1 });
    const past = town.now();
    const [early, late] = [town.person('early'), town.person('late')];
    await early.seeing(past).joins(invite);
    await late.seeing(past).joins(invite);
    const [first, second] = town.inOrder([town.joinOf(early), town.joinOf(late)]);
    const loser = first === town.joinOf(early) ? 'early' : 'late';
    await ada.seeing(town.until(second!)).rotates({ admits: [second!] });
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', loser === 'early' ? 'late' : 'early'].sort());
  });

  it('P13: that somebody lost takes all they did with it, also what they let others do', async () => {
    const { town, ada } = await found({ stewards: ['ada'] });
    const invite = await ada.invites({ uses: 1, role: 'guide' });
    const past = town.now();
    const [p1, p2] = [town.person('p1'), town.person('p2')];
    await p1.seeing(past).joins(invite);
    await p2.seeing(past).joins(invite);
    const winner = town.inOrder([town.joinOf(p1), town.joinOf(p2)])[0] === town.joinOf(p1) ? p1 : p2;
    const loser = winner === p1 ? p2 : p1;
    const further = await loser.seeing(town.until(town.joinOf(loser))).invites();
    await town.person('p3').seeing(town.until(further.op)).joins(further);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', winner.name]);
    expect(state.stands(further.op)).toBe(false);
  });

  it('P13: that was withdrawn lets nobody in whom the withdrawal had not seen', async () => {
    const { town, ada } = await found({ stewards: ['ada'] });
    const invite = await ada.invites({ uses: 5 });
    const past = town.now();
    await town.person('seen').joins(invite);
    await ada.withdraws(invite);
    await town.person('late').joins(invite);
    await town.person('unseen').seeing(past).joins(invite);
    expect((await town.settled()).members()).toEqual(['ada', 'seen']);
  });

  it('P13: is not withdrawn by a member who may not', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada'], members: ['cleo'] });
    const invite = await ada.invites();
    await cleo.forging().withdraws(invite);
    await town.person('dan').joins(invite);
    expect((await town.settled()).members()).toEqual(['ada', 'cleo', 'dan']);
  });

  it('P13: of a removed steward lets in those whom the removal had seen join, and nobody later', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'] });
    const invite = await ben.invites({ uses: 5 });
    const past = town.now();
    await town.person('seen').joins(invite);
    await ada.revokes(ben);
    await town.person('unseen').seeing(past).joins(invite);
    expect((await town.settled()).members()).toEqual(['ada', 'seen']);
  });

  it('P33: for a voting role is void', async () => {
    const { town, ada } = await found({ stewards: ['ada'], voters: ['ada'] });
    const invite = await ada.forging().invites({ role: 'voter' });
    await town.person('eve').forging().joins(invite);
    const state = await town.settled();
    expect(state.stands(invite.op)).toBe(false);
    expect(state.members()).toEqual(['ada']);
  });

  it('P33: for a role its author may not grant is void', async () => {
    const { town, cleo } = await found({ stewards: ['ada'], guides: ['cleo'] });
    const invite = await cleo.forging().invites({ role: 'steward' });
    await town.person('eve').forging().joins(invite);
    const state = await town.settled();
    expect(state.stands(invite.op)).toBe(false);
    expect(state.members()).toEqual(['ada', 'cleo']);
  });

  it('P33: by a member without the right is void', async () => {
    const { town, cleo } = await found({ stewards: ['ada'], members: ['cleo'] });
    const invite = await cleo.forging().invites();
    await town.person('eve').forging().joins(invite);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'cleo']);
  });

  it('threat 13: lets nobody in without its secret, and a copied proof fits no other keys', async () => {
    const { town, ada } = await found({ stewards: ['ada'] });
    const invite = await ada.invites({ uses: 5 });
    const past = town.now();
    const honest = await town.person('p1').seeing(past).joins(invite);
    const forged = [
      await town.person('eve').seeing(past).forging().joins(invite, { secretOf: 'nobody' }),
      await town.person('eve').seeing(past).forging().joins(invite, { proofOf: honest }),
    ];
    const state = await town.settled();
    expect(forged.filter((op) => state.stands(op))).toEqual([]);
    expect(state.has(forged[1]!)).toBe(false);
    expect(state.members()).toEqual(['ada', 'p1']);
  });

  it('P33: is not joined by somebody who has not seen it, nor used for another space', async () => {
    const { town, ada } = await found({ stewards: ['ada'] });
    const before = town.now();
    const invite = await ada.invites({ uses: 5 });
    const early = await town.person('eve').seeing(before).forging().joins(invite);
    const state = await town.settled();
    expect(state.has(early) && state.stands(early)).toBe(false);
    expect(state.members()).toEqual(['ada']);
  });

  it('P33: used twice by one person’s key makes at most one member of it', async () => {
    const { town, ada } = await found({ stewards: ['ada'] });
    const invite = await ada.invites({ uses: 5 });
    const past = town.now();
    const eve = town.person('eve');
    await eve.seeing(past).joins(invite);
    await eve
      .forking(past)
      .forging({ prev: [town.genesis.id, invite.op.id] })
      .joins(invite);
    await ada.accuses(eve);
    const state = await town.settled();
    expect(state.members().length).toBeLessThanOrEqual(2);
  });

  it('P33: written by a device that forked is good only for those whom the proof had seen join', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'] });
    const fork = town.now();
    const invite = await ben.invites({ uses: 3 });
    await town.person('seen').joins(invite);
    const past = town.now();
    await ben.forking(fork).movesRelays('/twin');
    await ada.accuses(ben);
    await town.person('late').seeing(past).joins(invite);
    expect((await town.settled()).members()).toEqual(['ada', 'ben', 'seen']);
  });
});

describe('an invitation of somebody who was removed', () => {
  it('P16: withdrawn, dated back, by who was removed takes nobody along who came by it', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'] });
    const invite = await ben.invites({ uses: 2 });
    const past = town.now();
    await town.person('gill').joins(invite);
    await ada.revokes(ben);
    await ben.seeing(past).withdraws(invite);
    expect((await town.settled()).members()).toEqual(['ada', 'gill']);
  });

  it('P15: brings them back by no second join with the same key from before', async () => {
    const { town, ada } = await found({ stewards: ['ada'] });
    const invite = await ada.invites({ uses: 5 });
    const open = town.now();
    const eve = town.person('eve');
    await eve.joins(invite);
    await ada.movesRelays('/on');
    await ada.revokes(eve);
    for (const prev of [[town.genesis.id], [town.genesis.id, invite.op.id], [invite.op.id]]) {
      await eve.forking(open).forging({ prev }).joins(invite);
    }
    expect((await town.settled()).members()).toEqual(['ada']);
  });

  it('P15: and a second join with the same key takes no use from anybody else', async () => {
    const { town, ada } = await found({ stewards: ['ada'] });
    const invite = await ada.invites({ uses: 2 });
    const open = town.now();
    const eve = town.person('eve');
    await eve.joins(invite);
    await ada.revokes(eve);
    for (let i = 0; i < 4; i++) await ada.movesRelays(`/${i}`);
    await town.person('dan').joins(invite);
    await eve
      .forking(open)
      .forging({ prev: [town.genesis.id, invite.op.id] })
      .joins(invite);
    expect((await town.settled()).members()).toEqual(['ada', 'dan']);
  });

  it('P15: nor by a join with a new key when its uses are spent: theirs stays used', async () => {
    const { town, ada } = await found({ stewards: ['ada'] });
    const invite = await ada.invites({ uses: 1 });
    const open = town.now();
    await ada.movesRelays('/on');
    await town.person('eve').joins(invite);
    await ada.revokes('eve');
    for (const name of ['eve2', 'eve3', 'eve4']) await town.person(name).seeing(open).joins(invite);
    expect((await town.settled()).members()).toEqual(['ada']);
  });

  it('P15: nor by a copy of the proof with which they had knocked', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.now();
    const eve = town.person('eve');
    await ben.admits(eve);
    await ada.revokes(eve);
    await ben.seeing(old).forging().copiesAdmissionOf(eve);
    const state = await town.settled();
    // Ben may admit whom he likes, with a new key; what was done to this one stays done.
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
  });
});

describe('succession', () => {
  it('P44: a successor ranks below every steward there is, and cannot remove who was silent', async () => {
    const { town, ada, ben, cleo, dan } = await found({ stewards: ['ada'], voters: ['ben', 'cleo', 'dan'] });
    const proposal = await ben.proposes(ben.toGrant('steward', cleo));
    await dan.endorses(proposal);
    await ben.completes(proposal);
    await cleo.forging().revokes(ada);
    await cleo.forging().revokes(ada, { role: 'steward' });
    let state = await town.settled();
    expect(state.members()).toEqual(['ada', 'ben', 'cleo', 'dan']);
    expect(state.roles(cleo)).toEqual(['steward', 'voter']);
    await ada.revokes(cleo, { role: 'steward' });
    state = await town.settled();
    expect(state.roles(cleo)).toEqual(['voter']);
  });

  it('P22, P44: with its founder gone for ever a group lets in, rotates, votes and removes as before', async () => {
    const { town, ben, cleo, dan, finn } = await found({
      stewards: ['ada'],
      voters: ['ben', 'cleo', 'dan'],
      members: ['finn'],
    });
    const proposal = await ben.proposes(ben.toGrant('steward', cleo));
    await dan.endorses(proposal);
    await ben.completes(proposal);
    await cleo.revokes(finn);
    await town.person('gill').joins(await cleo.invites());
    const rotated = await ben.rotates();
    const state = await town.settled();
    expect(state.stands(rotated)).toBe(true);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo', 'dan', 'gill']);
    expect(state.roles(finn)).toEqual([]);
  });
});
