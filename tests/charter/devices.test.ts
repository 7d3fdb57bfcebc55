// Attacks on the charter: stolen devices, false leaves, recovery keys, device keys bound twice (protocol §3, rules 5, 6).
import { describe, expect, it } from 'vitest';
import { found } from './town.ts';

describe('device binding', () => {
  it('P33: a key counts only for the member it was bound to', async () => {
    const { town, ada, cleo, dan } = await found({ stewards: ['ada'], members: ['cleo', 'dan'] });
    const ownPlace = town.authOf(dan);
    const stolen = await cleo.forging({ auth: ownPlace }).movesRelays('/as dan');
    await ada.movesRelays('/ada');
    const state = await town.settled();
    expect(state.has(stolen)).toBe(false);
    expect(state.view.relays).toEqual(['/ada']);
  });

  it('threat 12: nobody binds a key they do not hold', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada'], members: ['cleo'] });
    const act = await cleo.forging().bindsKeyOf(ada);
    const state = await town.settled();
    expect(state.has(act)).toBe(false);
    expect(state.isLive(ada)).toBe(true);
  });

  it('P33: devices of one person cannot end each other, so a thief cannot lock them out', async () => {
    const { town, cleo } = await found({ stewards: ['ada'], members: ['cleo'] });
    await cleo.addsDevice('laptop');
    await cleo.on('laptop').forging().ends(cleo);
    await cleo.forging().ends(cleo.on('laptop'));
    const state = await town.settled();
    expect([state.isLive(cleo), state.isLive(cleo.on('laptop'))]).toEqual([true, true]);
  });

  it('P33: adding and ending devices without end moves nobody else, and ends with the limit', async () => {
    const { town, ada, cleo, dan } = await found({ stewards: ['ada'], members: ['cleo', 'dan'] });
    const cap = town.deviceCap();
    for (let i = 0; i < cap + 3; i++) await cleo.forging().addsDevice(`d${i}`);
    await ada.revokes(dan);
    const state = await town.settled();
    expect(state.devices(cleo).filter(({ isLive }) => isLive).length).toBe(cap);
    expect(state.members()).toEqual(['ada', 'cleo']);
  });

  it('P33: toggling a device makes its person neither senior nor a new one', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    for (let i = 0; i < 3; i++) {
      await ben.addsDevice(`d${i}`);
      await ben.on(`d${i}`).ends(ben.on(`d${i}`));
    }
    await ben.forging().revokes(ada);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
    expect(state.roles(ben)).toEqual(['steward']);
  });
});

describe('a recovery key against a stolen device', () => {
  it('P33: ends it with all it did that nobody else had seen', async () => {
    const { town, ben, cleo, dan } = await found({ stewards: ['ada', 'ben'], members: ['cleo', 'dan'] });
    const stolen = town.now();
    const granted = await ben.grants('steward', cleo);
    const removal = await ben.revokes(dan);
    const thief = await ben.addsDevice('thief');
    await ben.withRecovery().seeing(stolen).ends(ben);
    const state = await town.settled();
    expect([granted, removal, thief].map((op) => state.stands(op))).toEqual([false, false, false]);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo', 'dan']);
    expect(state.isLive(ben)).toBe(false);
    expect(state.isLive(ben.on('thief'))).toBe(false);
  });

  it('P33: spares what honest others had built on, so that nobody erases whom they ever let in', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const before = town.now();
    const granted = await ben.grants('guide', cleo);
    const built = await cleo.invites();
    await town.person('dan').joins(built);
    await ben.withRecovery().seeing(before).ends(ben);
    const state = await town.settled();
    expect([granted, built.op].map((op) => state.stands(op))).toEqual([true, true]);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo', 'dan']);
    expect(state.isLive(ada)).toBe(true);
  });

  it('P33: is not answered by the thief with the person’s own leaving: that is undone', async () => {
    const { town, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const leave = await ben.leaves();
    await ben.withRecovery().undoes(leave);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
    expect(state.roles(ben)).toEqual(['steward']);
    expect(state.isLive(cleo)).toBe(true);
  });

  it('P33: a thief cannot undo a leave, nor can anybody else’s recovery key', async () => {
    const { town, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const leave = await cleo.leaves();
    await cleo.forging().undoes(leave);
    await ben.withRecovery().forging().undoes(leave);
    expect((await town.settled()).members()).toEqual(['ada', 'ben']);
  });

  it('P33: never undoes a removal by others', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.now();
    const removal = await ada.revokes(ben);
    const undone = await ben.withRecovery().forging().undoes(removal);
    const fresh = await ben.withRecovery().seeing(old).addsDevice('fresh');
    const state = await town.settled();
    expect([undone, fresh].map((op) => state.stands(op))).toEqual([false, false]);
    expect(state.members()).toEqual(['ada', 'cleo']);
  });

  it('P33: manages devices and nothing else: it never grants, removes, invites, votes or writes rules', async () => {
    const { town, ada, ben, cleo } = await found({
      stewards: ['ada', 'ben'],
      voters: ['ada', 'ben', 'dan'],
      members: ['cleo'],
    });
    const proposal = await ada.proposes(ada.toRevoke('dan'));
    const paper = ben.withRecovery().forging();
    const acts = [
      await paper.grants('steward', cleo),
      await paper.revokes(cleo),
      (await paper.invites()).op,
      await paper.endorses(proposal),
      await paper.changesRules({ with: { guide: ['revoke'] } }),
      await paper.movesRelays('/paper'),
    ];
    await ada.forging().completes(proposal);
    const state = await town.settled();
    expect(acts.filter((op) => state.stands(op))).toEqual([]);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo', 'dan']);
  });

  it('P33: a removed person’s false leave, undone, does not bring them back', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.now();
    const leave = await ben.leaves();
    await ada.seeing(old).revokes(ben);
    await ben.withRecovery().undoes(leave);
    expect((await town.settled()).members()).toEqual(['ada', 'cleo']);
  });
});

describe('ends one inflicts on oneself', () => {
  it('P33: whoever leaves with a past from before they let somebody in does not throw them out', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'] });
    const before = town.now();
    const invite = await ben.invites();
    await town.person('dan').joins(invite);
    await ada.movesRelays('/seen');
    await ben.forking(before).leaves();
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'dan']);
  });

  it('P33: leaving does not void what a majority had counted one’s vote for', async () => {
    const { town, ada, ben, cleo } = await found({ voters: ['ada', 'ben', 'cleo'], members: ['dan'] });
    const proposal = await ada.proposes(ada.toRevoke('dan'));
    const past = town.now();
    await ben.endorses(proposal);
    await cleo.completes(proposal);
    await ben.forking(past).leaves();
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'cleo']);
  });

  it('P33: leaving does not undo a vote under which others have acted already', async () => {
    const { town, ada, ben, cleo } = await found({ voters: ['ada', 'ben', 'cleo'], members: ['dan'] });
    await cleo.addsDevice('spare');
    const before = town.now();
    const proposal = await ada.proposes(ada.toChange({ with: { voter: ['relays'] } }));
    await ben.endorses(proposal);
    const done = await cleo.completes(proposal);
    const built = await ben.movesRelays('/built');
    await cleo.on('spare').seeing(before).leaves();
    const state = await town.settled();
    expect([done, built].map((op) => state.stands(op))).toEqual([true, true]);
    expect(state.members()).toEqual(['ada', 'ben', 'dan']);
    expect(state.view.relays).toEqual(['/built']);
  });

  it('P33: sparing needs somebody else: one’s own other device bears no witness', async () => {
    const { town, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const before = town.now();
    await ben.addsDevice('laptop');
    const granted = await ben.grants('guide', cleo);
    await ben.on('laptop').movesRelays('/mine');
    await ben.withRecovery().seeing(before).ends(ben);
    expect((await town.settled()).stands(granted)).toBe(false);
  });

  it('P33: a sock puppet that the stolen device let in is not spared by bearing witness for itself', async () => {
    const { town, ben } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const before = town.now();
    const invite = await ben.invites();
    const puppet = town.person('puppet');
    await puppet.seeing(town.until(invite.op)).joins(invite);
    await ben.withRecovery().seeing(before).ends(ben);
    const state = await town.settled();
    // An open question of the rule: see the SPEC. What must hold is that all agree and Ben can go on.
    expect(state.members().filter((name) => name !== 'puppet')).toEqual(['ada', 'ben', 'cleo']);
    expect(state.isLive(ben)).toBe(false);
  });
});
