// Attacks on the charter: saying two things, being made to look as if one had, and proofs by those who do not count
// (protocol §3, rule 5).
import { describe, expect, it } from 'vitest';
import { found } from './town.ts';

describe('equivocation', () => {
  it('threat 18: freezes the device that forked, in every app alike', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada', 'cleo'] });
    const past = town.now();
    await cleo.seeing(past).movesRelays('/one');
    await cleo.forking(past).movesRelays('/two');
    await ada.accuses(cleo);
    const state = await town.settled();
    expect(state.isFrozen(cleo)).toBe(true);
    expect(state.isLive(cleo)).toBe(false);
    expect(state.members()).toEqual(['ada', 'cleo']);
  });

  it('threat 18: frames nobody by a second signature over the same op', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada', 'cleo'] });
    const op = await cleo.movesRelays('/one');
    const accusation = await ada.forging().accusesBy(cleo, [op, op]);
    const state = await town.settled();
    expect(state.has(accusation) && state.stands(accusation)).toBe(false);
    expect(state.isLive(cleo)).toBe(true);
  });

  it('threat 18: frames nobody by two ops with different numbers, or of different devices', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben', 'cleo'] });
    const one = await cleo.movesRelays('/one');
    const two = await cleo.movesRelays('/two');
    const third = await ben.movesRelays('/three');
    const accusations = [
      await ada.forging().accusesBy(cleo, [one, two]),
      await ada.forging().accusesBy(cleo, [one, third]),
      await ada.forging().accusesBy(ben, [one, third]),
    ];
    const state = await town.settled();
    expect(accusations.filter((op) => state.stands(op))).toEqual([]);
    expect([ben, cleo].map((person) => state.isLive(person))).toEqual([true, true]);
  });

  it('threat 18: a forged twin under somebody else’s name is no proof, since it does not verify', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben', 'cleo'] });
    const past = town.now();
    const honest = await cleo.seeing(past).movesRelays('/one');
    const twin = await ben.seeing(past).imitating(cleo).movesRelays('/two');
    await ada.forging().accusesBy(cleo, [honest, twin]);
    const state = await town.settled();
    expect(state.has(twin)).toBe(false);
    expect(state.isLive(cleo)).toBe(true);
  });

  it('threat 18: a proof counts only with both statements in its past', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada', 'cleo'] });
    const past = town.now();
    const one = await cleo.seeing(past).movesRelays('/one');
    const two = await cleo.forking(past).movesRelays('/two');
    const early = await ada.seeing(town.until(one)).forging().accusesBy(cleo, [one, two]);
    const state = await town.settled();
    expect(state.stands(early)).toBe(false);
    expect(state.isFrozen(cleo)).toBe(false);
  });

  it('threat 18: a removed member’s back-dated proof of a true fork counts, and brings them nothing else', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben', 'cleo'] });
    const past = town.now();
    await cleo.seeing(past).movesRelays('/one');
    await cleo.forking(past).movesRelays('/two');
    const forks = town.now();
    await ada.revokes(ben);
    const late = await ben.seeing(forks).accuses(cleo);
    let state = await town.settled();
    // Proofs come first of all kinds, and a fork is one whoever tells of it; nothing else of Ben’s counts.
    expect([state.stands(late), state.isFrozen(cleo)]).toEqual([false, true]);
    await ada.grants('guide', cleo);
    state = await town.settled();
    expect(state.members()).toEqual(['ada', 'cleo']);
  });

  it('threat 18: of two proofs the more senior one says what the forker had done', async () => {
    const { town, ada, ben, cleo, dan } = await found({ stewards: ['ada', 'ben', 'cleo'], members: ['dan'] });
    const past = town.now();
    const one = await cleo.seeing(past).movesRelays('/one');
    await cleo.forking(past).movesRelays('/two');
    const forks = town.now();
    const granted = await cleo.forking(town.until(one)).grants('guide', dan);
    await ada.accuses(cleo);
    await ben.seeing(forks).accuses(cleo);
    const state = await town.settled();
    expect(state.stands(granted)).toBe(true);
    expect(state.roles(dan)).toEqual(['guide']);
  });

  it('threat 18: a person whose one device is frozen goes on with another', async () => {
    const { town, ada, cleo, dan } = await found({ stewards: ['ada', 'cleo'], members: ['dan'] });
    await cleo.addsDevice('laptop');
    const past = town.now();
    await cleo.seeing(past).movesRelays('/one');
    await cleo.forking(past).movesRelays('/two');
    await ada.accuses(cleo);
    await cleo.on('laptop').revokes(dan);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'cleo']);
    expect([state.isLive(cleo), state.isLive(cleo.on('laptop'))]).toEqual([false, true]);
  });

  it('threat 18: a device cannot bear witness against itself to choose its own cut', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada', 'cleo'] });
    const past = town.now();
    const one = await cleo.seeing(past).movesRelays('/one');
    const two = await cleo.forking(past).movesRelays('/two');
    const both = await ada.movesRelays('/joined');
    await cleo.seeing(town.until(both)).forging().accusesBy(cleo, [one, two]);
    const state = await town.settled();
    expect(state.isFrozen(cleo)).toBe(false);
  });

  it('threat 18: forking into many branches lets a steward neither vote twice nor remove twice the cut', async () => {
    const { town, ada, ben, cleo, dan } = await found({ voters: ['ada', 'ben', 'cleo', 'dan'] });
    const past = town.now();
    const proposal = await ada.seeing(past).proposes(ada.toRevoke(dan));
    const seen = town.until(proposal);
    const one = await cleo.seeing(seen).endorses(proposal);
    const two = await cleo.forking(seen).forging().endorses(proposal);
    await ben
      .seeing([...new Set([...town.until(one), ...town.until(two)])])
      .forging()
      .movesRelays('/x');
    await ada.forging().completes(proposal, { counting: [one.id, two.id] });
    expect((await town.settled()).members()).toEqual(['ada', 'ben', 'cleo', 'dan']);
  });
});
