// Attacks on the charter: acts written after a removal with a past from before it, and what is built on them
// (protocol §3, rules 5 and 6).
import { describe, expect, it } from 'vitest';
import { found } from './town.ts';

describe('back-dating', () => {
  it('P15, threat 13: whom a removed steward lets in with an old past, nobody lets in', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.now();
    await ada.revokes(ben);
    const invite = await ben.seeing(old).invites();
    await town.person('eve').seeing(town.until(invite.op)).joins(invite);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'cleo']);
  });

  it('P33: what a removed steward grants with an old past gives nothing, and nothing that rests on it either', async () => {
    const { town, ada, ben, cleo, dan } = await found({ stewards: ['ada', 'ben'], members: ['cleo', 'dan'] });
    const old = town.now();
    await ada.revokes(ben);
    const granted = await ben.seeing(old).grants('steward', cleo);
    const built = await cleo.seeing(town.until(granted)).revokes(dan);
    const state = await town.settled();
    expect([granted, built].map((op) => state.stands(op))).toEqual([false, false]);
    expect(state.members()).toEqual(['ada', 'cleo', 'dan']);
    expect(state.roles(cleo)).toEqual([]);
  });

  it('P28: what the remover had seen of the removed stays, and all they had not seen is void', async () => {
    const { town, ada, ben, cleo, dan } = await found({ stewards: ['ada', 'ben'], members: ['cleo', 'dan'] });
    const seen = await ben.grants('guide', cleo);
    const upToHere = town.now();
    const unseen = await ben.grants('guide', dan);
    await ada.seeing(upToHere).revokes(ben);
    const state = await town.settled();
    expect([seen, unseen].map((op) => state.stands(op))).toEqual([true, false]);
    expect([cleo, dan].map((person) => state.roles(person))).toEqual([['guide'], []]);
  });

  it('P33: a removed steward cannot remove others by claiming to have done so first', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo', 'dan'] });
    const old = town.now();
    await ada.revokes(ben);
    const act = await ben.seeing(old).revokes(cleo);
    const state = await town.settled();
    expect(state.stands(act)).toBe(false);
    expect(state.members()).toEqual(['ada', 'cleo', 'dan']);
  });

  it('P33: a removed steward cannot lower the depth of an act by citing the genesis alone', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    for (let i = 0; i < 5; i++) await ada.movesRelays(`/${i}`);
    await ada.revokes(ben);
    const grant = await ben.seeing(town.genesisOnly()).movesRelays('/ben');
    const state = await town.settled();
    expect(state.stands(grant)).toBe(false);
    expect(state.view.relays).toEqual(['/4']);
    expect(state.members()).toEqual(['ada', 'cleo']);
    expect(state.roles(cleo)).toEqual([]);
  });

  it('P33: a removed member’s new device is never live, whatever past it claims', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada'], members: ['cleo'] });
    const old = town.now();
    await ada.revokes(cleo);
    const added = await cleo.seeing(old).addsDevice('laptop');
    const spoken = await cleo.on('laptop').seeing(town.until(added)).leaves();
    const state = await town.settled();
    expect([added, spoken].map((op) => state.stands(op))).toEqual([false, false]);
    expect(state.isLive(cleo.on('laptop'))).toBe(false);
  });

  it('threat 18: a member who saw their removal and back-dates must fork, which freezes them besides', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.now();
    await ben.movesRelays('/one');
    const removal = await ada.revokes(ben);
    const forked = await ben.forking(old).grants('steward', cleo);
    await cleo.accuses(ben);
    const state = await town.settled();
    expect(state.stands(removal)).toBe(true);
    expect(state.stands(forked)).toBe(false);
    expect(state.isFrozen(ben)).toBe(true);
    expect(state.view.relays).toEqual(['/one']);
    expect(state.roles(cleo)).toEqual([]);
  });

  it('P33: the removal itself is in no act of the removed that counts: writing with it in one’s past is void too', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    await ada.revokes(ben);
    const act = await ben.forging().grants('guide', cleo);
    const state = await town.settled();
    expect(state.stands(act)).toBe(false);
    expect(state.roles(cleo)).toEqual([]);
  });
});

describe('ops that build on void ops', () => {
  it('P33: an honest op that has a void one in its past stands all the same', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    await ada.addsDevice('laptop');
    const old = town.now();
    const bad = await ben.grants('steward', cleo);
    const honest = await ada.seeing(town.until(bad)).invites();
    // The removal is by a device of Ada that had seen neither.
    await ada.on('laptop').seeing(old).revokes(ben);
    const state = await town.settled();
    expect([bad, honest.op].map((op) => state.stands(op))).toEqual([false, true]);
  });

  it('P33: an illegal op holds nobody up who has it in their past', async () => {
    const { town, ada, cleo, dan } = await found({ stewards: ['ada'], members: ['cleo', 'dan'] });
    const illegal = await cleo.forging().revokes(dan);
    const after = await ada.movesRelays('/on');
    const left = await dan.leaves();
    const state = await town.settled();
    expect([illegal, after, left].map((op) => state.stands(op))).toEqual([false, true, true]);
    expect(state.members()).toEqual(['ada', 'cleo']);
  });

  it('P17: a structurally bad op takes along only what was written on top of it', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    await cleo.addsDevice('laptop');
    const bad = await cleo.forging({ seq: 77 }).movesRelays('/bad');
    const onTop = await cleo.forging({ prev: [bad.id] }).movesRelays('/worse');
    await ada.movesRelays('/a');
    await ben.movesRelays('/b');
    const state = await town.settled();
    expect([bad, onTop].map((op) => state.has(op))).toEqual([false, false]);
    expect(state.view.relays).toEqual(['/b']);
  });

  it('P33: a chain of grants falls as a whole when its first link was void, however deep it goes', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada', 'ben'] });
    const old = town.now();
    await ada.revokes(ben);
    let invite = await ben.seeing(old).invites();
    let last = invite.op;
    for (const name of ['p1', 'p2', 'p3', 'p4']) {
      const puppet = town.person(name);
      const join = await puppet.seeing(town.until(last)).joins(invite);
      const role = await (name === 'p1' ? ben : town.person(`p${Number(name[1]) - 1}`))
        .seeing(town.until(join))
        .grants('steward', puppet);
      invite = await puppet.seeing(town.until(role)).invites();
      last = invite.op;
    }
    const state = await town.settled();
    expect(state.members()).toEqual(['ada']);
  });
});
