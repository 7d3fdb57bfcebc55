// Attacks on the charter: floods, endless forks, acts of those without a role, and bodies that mean nothing.
import { describe, expect, it } from 'vitest';
import type { OpId } from '#core/charter/ids.ts';
import { citedHeads } from '#core/charter/write-op.ts';
import { found } from './town.ts';

describe('flooding', () => {
  it('threat 13: a thousand ops of a plain member change nothing, and cost their order nothing', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada'], members: ['cleo'] });
    const before = (await town.settled()).members();
    for (let i = 0; i < 300; i++) await cleo.forging().movesRelays(`/${i}`);
    await ada.movesRelays('/ada');
    const state = await town.settled({ orders: 1 });
    expect(state.members()).toEqual(before);
    expect(state.view.relays).toEqual(['/ada']);
  });

  it('threat 18: a device that forks at every step gets into nobody’s past more than a few times', async () => {
    const { town, ada, cleo, dan } = await found({ stewards: ['ada', 'cleo'], members: ['dan'] });
    const past = town.now();
    for (let i = 0; i < 40; i++) await cleo.forking(past).movesRelays(`/${i}`);
    await ada.accuses(cleo);
    await ada.revokes(dan);
    const state = await town.settled({ orders: 2 });
    expect(state.isFrozen(cleo)).toBe(true);
    expect(state.members()).toEqual(['ada', 'cleo']);
  });

  it('threat 13: ops whose parents never come wait in bounded number and hold nobody up', async () => {
    const { town, ada, cleo, dan } = await found({ stewards: ['ada'], members: ['cleo', 'dan'] });
    for (let i = 0; i < 50; i++) {
      await cleo.forging({ prev: [`${i.toString(16).padStart(2, '0')}`.repeat(32) as OpId] }).movesRelays('/never');
    }
    await ada.revokes(dan);
    const state = await town.settled();
    expect(state.members()).toEqual(['ada', 'cleo']);
  });

  it('threat 13: many void ops beside each other crowd nothing out that an op must have seen', async () => {
    const voters = ['v1', 'v2', 'v3', 'v4', 'v5'] as const;
    const { town, ada, ...others } = await found({ stewards: ['ada'], voters });
    const invite = await ada.invites({ uses: 20 });
    const open = town.now();
    await ada.withdraws(invite);
    for (let i = 0; i < 12; i++) await town.person(`puppet ${i}`).seeing(open).joins(invite);
    const acts = voters.map((name) => others[name].seeing(open).proposes({ type: 'relays', relays: [`/${name}`] }));
    const standing = await Promise.all(acts);
    const cited = new Set(citedHeads(town.charter, town.knownPerson(ada).devices.get('phone')!.author.device));
    expect(standing.map(({ id }) => cited.has(id))).toEqual(voters.map(() => true));
  });

  it('threat 13: a hundred removals of one person are as good as one', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada'], members: ['cleo'] });
    for (let i = 0; i < 60; i++) await ada.forging().revokes(cleo);
    const state = await town.settled({ orders: 2 });
    expect(state.members()).toEqual(['ada']);
  });
});

describe('acts by those without the right', () => {
  it('P36: a plain member does not move the relays', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada'], members: ['cleo'] });
    await ada.movesRelays('/home');
    const act = await cleo.forging().movesRelays('/elsewhere');
    const state = await town.settled();
    expect(state.stands(act)).toBe(false);
    expect(state.view.relays).toEqual(['/home']);
  });

  it('P40: a plain member signs no card for the group, and a removed one none that counts', async () => {
    const { town, ada, ben, cleo } = await found({ stewards: ['ada', 'ben'], members: ['cleo'] });
    const old = town.now();
    const illegal = await cleo.forging().publishesCard(1);
    const honest = await ada.publishesCard(2);
    await ada.revokes(ben);
    const late = await ben.seeing(old).publishesCard(3);
    const state = await town.settled();
    expect([illegal, honest, late].map((op) => state.stands(op))).toEqual([false, true, false]);
  });

  it('P33: a completing frontier by somebody who does not hold the scope changes nothing', async () => {
    const { town, ada, ben, cleo, dan } = await found({ stewards: ['ada'], guides: ['ben', 'dan'], members: ['cleo'] });
    const removal = await ada.revokes(dan);
    const wrong = await cleo.forging().completesFrontier(removal, 'guide');
    const right = await ben.completesFrontier(removal, 'guide');
    const state = await town.settled();
    expect([wrong, right].map((op) => state.stands(op))).toEqual([false, true]);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
  });

  it('P31: a role’s key is rotated by its holders only', async () => {
    const { town, ben, cleo } = await found({ stewards: ['ada'], guides: ['ben'], members: ['cleo'] });
    const wrong = await cleo.forging().rotates({ scope: 'guide' });
    const right = await ben.rotates({ scope: 'guide' });
    const state = await town.settled();
    expect([wrong, right].map((op) => state.stands(op))).toEqual([false, true]);
  });

  it('P22: everybody’s key is rotated by anybody, so that no founder is needed for it', async () => {
    const { town, cleo } = await found({ stewards: ['ada'], members: ['cleo'] });
    const rotated = await cleo.rotates();
    expect((await town.settled()).stands(rotated)).toBe(true);
  });

  it('P17: an op of a kind nobody knows makes the group read-only, alike for all, and moves nobody', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada'], members: ['cleo'] });
    await cleo.writesUnknown('later-kind');
    await ada.movesRelays('/on');
    const state = await town.settled();
    expect(state.view.needsNewerVersion).toBe(true);
    expect(state.members()).toEqual(['ada', 'cleo']);
  });

  it('P17: nothing breaks over what rests on an op nobody knows: votes, grants, rules and joins', async () => {
    const { town, ada, ben } = await found({ stewards: ['ada'], voters: ['ada', 'ben'], members: ['cleo'] });
    const later = await ada.writesUnknown('later-rules');
    const resting = { under: later.id };
    const proposal = await ben.forging(resting).proposes(ben.toRevoke('cleo'));
    const endorsed = await ada.forging(resting).endorses(proposal);
    await ben.forging(resting).completes(proposal, { counting: [endorsed.id] });
    await ben.forging().completes(proposal, { counting: [endorsed.id] });
    await ada.forging().completes(proposal, { counting: [] });
    await ada.forging(resting).revokes('cleo');
    await ada.forging(resting).changesRules({ with: { guide: ['relays'] } });
    await ada.forging(resting).withRecovery().addsDevice('laptop');
    const invite = await ada.forging(resting).invites();
    await town.person('eve').forging().joins(invite);
    const state = await town.settled();
    expect(state.view.group?.invitations).toEqual([]);
    expect(state.members()).toEqual(['ada', 'ben', 'cleo']);
    expect(state.view.needsNewerVersion).toBe(true);
  });

  it('P33: an op of an unknown kind by somebody removed, back-dated, blocks nobody', async () => {
    const { town, ada, cleo } = await found({ stewards: ['ada'], members: ['cleo'] });
    const old = town.now();
    await ada.revokes(cleo);
    await cleo.seeing(old).writesUnknown('later-kind');
    const state = await town.settled();
    expect(state.view.needsNewerVersion).toBe(false);
    expect(state.members()).toEqual(['ada']);
  });
});
