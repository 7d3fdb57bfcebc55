// A group's rules and acts in words: nothing left out, nothing said that is not so, and names apart from the sentence.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Act, ActId, GroupState, PersonId } from '#app/groups/group-api.ts';
import { PLAIN_RIGHTS, type RoleId, type Rules } from '#core/charter/rules.ts';
import { TEMPLATE_IDS } from '#core/charter/templates.ts';
import { language } from '#ui/language/language.svelte.ts';
import { KITCHEN } from '#ui/testing/memory-group-seeds.ts';
import { actWords, fateWords, whyWords } from './act-words.ts';
import { addRole, problemOf, removeRole, tidied } from './edit-rules.ts';
import { meanings, numberLines, rightWords, rulesDiff, shownRights } from './rule-words.ts';
import { templateRules } from './template-words.ts';

const plain = (text: string): string => text.replaceAll(/[\u2068\u2069]/gu, '');
const council = templateRules('council');
const state = KITCHEN.state as unknown as GroupState;
const meaning = (rules: Rules): string =>
  plain(
    meanings(rules)
      .flatMap(({ sentences }) => sentences)
      .join(' '),
  );
const diff = (from: Rules, to: Rules): string[] => rulesDiff(from, to).map(({ is, text }) => `${is}: ${plain(text)}`);

beforeEach(() => language.choose('en'));

describe('what rules mean', () => {
  it('says for each beginning who invites, removes, changes the rules, and what happens when somebody vanishes', () => {
    for (const id of TEMPLATE_IDS) {
      for (const { about, sentences } of meanings(templateRules(id))) {
        expect(sentences.length, `${id} ${about}`).toBeGreaterThan(0);
      }
    }
  });

  it('tells two who act together from half of all, and from one alone', () => {
    expect(meaning(templateRules('affinity-cell'))).toContain('Any 2 people with the role Equal can remove somebody');
    expect(meaning(council)).toContain('More than half of those with the role Councillor can remove somebody');
    expect(meaning(templateRules('founder-led'))).toContain('Whoever has the role Lead can change the rules alone.');
  });

  it('speaks of knocking only where strangers are asked something', () => {
    expect(meaning(council)).not.toContain('knock');
    expect(meaning({ ...council, knock: ['Why?'] })).toContain('Strangers may knock');
  });

  it('says that some together let strangers in only where not each of them may alone', () => {
    const knock = ['Why?'];
    expect(meaning({ ...council, knock })).not.toContain('any 2 people');
    expect(meaning({ ...templateRules('affinity-cell'), knock })).toContain(
      'any 2 people with the role Equal can let them in',
    );
  });

  it('lists a question that is asked twice once', () => {
    const keys = numberLines({ ...council, knock: ['Why?', 'Why?'] }).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has words for every right, and tells them in the order in which people ask', () => {
    for (const right of PLAIN_RIGHTS) expect(rightWords(right, council)).not.toBe('');
    expect(shownRights(['admit', 'post', 'grant:organiser'])).toEqual(['post', 'admit', 'grant:organiser']);
  });
});

describe('what a change of rules changes', () => {
  it('is nothing when nothing is different', () => {
    expect(diff(council, structuredClone(council))).toEqual([]);
  });

  it('says what is new and what is gone', () => {
    expect(diff(council, { ...council, members: ['post', 'invite'] })).toEqual([
      'new: Every member: invite people',
      'gone: Every member: write documents',
      'gone: Every member: make and change tasks',
      'gone: Every member: ask for opinions',
      'gone: Every member: propose decisions',
    ]);
    expect(diff(council, { ...council, addresses: 'direct' })).toEqual([
      'new: Members may see each other’s internet address.',
      'gone: Members do not see each other’s internet address.',
    ]);
  });

  it('says of a new name only that', () => {
    const renamed = council.roles.map((role) => ({ ...role, label: role.label.replace('Organiser', 'Runner') }));
    expect(diff(council, { ...council, roles: renamed })).toEqual(['new: The role Runner', 'gone: The role Organiser']);
  });
});

describe('editing rules', () => {
  it('keeps them sound when a role goes that others could give', () => {
    const without = removeRole(council, 'organiser' as RoleId);
    expect(problemOf(without)).toBeUndefined();
    expect(without.roles.flatMap(({ can }) => can)).not.toContain('grant:organiser');
  });

  it('gives each new role an id of its own', () => {
    const twice = addRole(addRole(council, 'A'), 'B');
    expect(new Set(twice.roles.map(({ id }) => id)).size).toBe(twice.roles.length);
    expect(problemOf(twice)).toBeUndefined();
  });

  it('warns when nobody could decide any more, and when a role has no name', () => {
    expect(problemOf(removeRole(council, 'councillor' as RoleId))).toBe('nobody-decides');
    expect(problemOf(tidied(addRole(council, '  ')))).toBe('unnamed-role');
  });

  it('drops questions without words', () => {
    expect(tidied({ ...council, knock: [' Why? ', '  '] }).knock).toEqual(['Why?']);
  });
});

describe('acts in words', () => {
  const act = (index: number): Act => KITCHEN.history[index]!;

  it('P44 says why an act that crossed with another had no effect', () => {
    expect(plain(fateWords(act(10), state, KITCHEN.history)!)).toBe(
      'Had no effect, because it crossed with this: Bo removed Bо (look at this name twice). That counts, since it came from somebody who has ' +
        'their role for longer.',
    );
  });

  it('P33 says of an illegal act that the rules did not allow it', () => {
    expect(plain(fateWords(act(8), state, KITCHEN.history)!)).toContain('did not allow Chidi Okonkwo');
    expect(fateWords(act(0), state, KITCHEN.history)).toBeUndefined();
  });

  it('keeps a name of another direction apart, and somebody unknown without a name', () => {
    const by = 'person nobody knows' as PersonId;
    const gone: Act = { id: 'x' as ActId, by, what: { is: 'left' }, fate: 'stands', at: undefined, dated: 'seen' };
    expect(actWords(gone, state)).toBe('\u2068Somebody\u2069 left.');
  });

  it('tells the chain of those who gave a role, back to the founding', () => {
    const chidi = state.people.find(({ name }) => name.startsWith('Chidi'))!;
    expect(whyWords(chidi, chidi.roles[0]!, state).map(plain)).toEqual([
      'Bo gave Chidi Okonkwo the role Organiser.',
      'Bo founded the group.',
    ]);
    const mara = state.people.find(({ isMe }) => isMe)!;
    expect(whyWords(mara, mara.roles[0]!, state).map(plain)).toEqual([
      'Mara got the role Councillor by a vote of Ana and Bo.',
    ]);
  });

  it('says everything in Arabic too', () => {
    language.choose('ar');
    for (const one of KITCHEN.history) expect(actWords(one, state)).toMatch(/\p{Script=Arabic}/u);
  });
});
