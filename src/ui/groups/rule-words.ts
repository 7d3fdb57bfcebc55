// A group's rules in plain words: what each right lets people do, what the numbers mean, and what has changed between
// two sets of rules.

import type { PlainRight, Right, RoleId, Rules, Threshold } from '#core/charter/rules.ts';
import { m } from '#texts/messages.js';
import { daysInWords } from './days-in-words.ts';
import { labelOf, listOf } from './names.ts';
import { apart } from '#ui/shared/apart.ts';

export const RIGHT_WORDS: Readonly<Record<PlainRight, () => string>> = {
  post: m.right_post,
  channels: m.right_channels,
  documents: m.right_documents,
  tasks: m.right_tasks,
  decisions: m.right_decisions,
  reshare: m.right_reshare,
  invite: m.right_invite,
  admit: m.right_admit,
  card: m.right_card,
  revoke: m.right_revoke,
  propose: m.right_propose,
  vote: m.right_vote,
  charter: m.right_charter,
  relays: m.right_relays,
};

/** Rights in the order in which people ask for them: talking, people, deciding. */
export const RIGHT_GROUPS: readonly { readonly name: () => string; readonly rights: readonly PlainRight[] }[] = [
  { name: m.rights_talk, rights: ['post', 'channels', 'documents', 'tasks', 'decisions'] },
  { name: m.rights_people, rights: ['invite', 'card', 'admit', 'revoke'] },
  { name: m.rights_rules, rights: ['propose', 'vote', 'charter'] },
];

/** Those this app can do something for; no screen speaks of more. */
export function shownRights(rights: readonly Right[]): readonly Right[] {
  const plain = RIGHT_GROUPS.flatMap((group) => group.rights as readonly Right[]);
  const granting = rights.filter((right) => right.startsWith('grant:'));
  return [...plain.filter((right) => rights.includes(right)), ...granting];
}

export function rightWords(right: Right, rules: Rules): string {
  if (right.startsWith('grant:')) return m.right_grant({ role: labelOf(right.slice(6) as RoleId, rules) });
  return RIGHT_WORDS[right as PlainRight]();
}

/** Roles that have a right beyond what all members have, joined by "or". */
function holders(right: PlainRight, rules: Rules): string | undefined {
  const roles = rules.roles.filter(({ can }) => can.includes(right)).map(({ id }) => labelOf(id, rules));
  return roles.length === 0 ? undefined : listOf(roles, 'disjunction');
}

/** Whoever votes on it may do it alone as well: nobody needs to hear of the vote. */
function canAllAlone(right: PlainRight, { roles }: Rules): boolean {
  return roles.every(({ can }) => !can.includes('vote') || can.includes(right));
}

function together(threshold: Threshold, voters: string, half: Sentence, some: CountedSentence): string {
  return threshold === 'majority' ? half({ roles: voters }) : some({ count: threshold, roles: voters });
}

type Sentence = (inputs: { roles: string }) => string;
type CountedSentence = (inputs: { count: number; roles: string }) => string;

export interface Meaning {
  readonly about: string;
  readonly sentences: readonly string[];
}

/** What a set of rules means for those who live under it. */
export function meanings(rules: Rules): readonly Meaning[] {
  const voters = holders('vote', rules);
  const inviters = holders('invite', rules);
  const [removers, lawgivers, openers] = [holders('revoke', rules), holders('charter', rules), holders('admit', rules)];
  const isAnybodyInviting = rules.members.includes('invite');
  const removing = [
    ...(removers === undefined ? [] : [m.meaning_remove_alone({ roles: removers })]),
    ...(voters === undefined
      ? []
      : [together(rules.quorum.revoke, voters, m.meaning_remove_half, m.meaning_remove_some)]),
  ];
  const changing = [
    ...(lawgivers === undefined ? [] : [m.meaning_rules_alone({ roles: lawgivers })]),
    ...(voters === undefined ? [] : [m.meaning_rules_half({ roles: voters })]),
  ];
  return [
    {
      about: m.meaning_invite(),
      sentences: [
        isAnybodyInviting
          ? m.meaning_invite_all()
          : inviters === undefined
            ? m.meaning_invite_none()
            : m.meaning_invite_roles({ roles: inviters }),
        ...(rules.knock.length > 0 && openers !== undefined ? [m.meaning_admit_alone({ roles: openers })] : []),
        ...(rules.knock.length > 0 && voters !== undefined && !canAllAlone('admit', rules)
          ? [together(rules.quorum.admit, voters, m.meaning_admit_half, m.meaning_admit_some)]
          : []),
      ],
    },
    { about: m.meaning_remove(), sentences: removing.length > 0 ? removing : [m.meaning_remove_none()] },
    { about: m.meaning_rules(), sentences: changing.length > 0 ? changing : [m.meaning_rules_none()] },
    {
      about: m.meaning_vanish(),
      sentences: [
        voters === undefined ? m.meaning_vanish_alone() : m.meaning_vanish_voters({ roles: voters }),
        ...(rules.successionDays > 0 ? [m.meaning_vanish_days({ count: rules.successionDays })] : []),
      ],
    },
  ];
}

export interface RuleLine {
  /** Two sets of rules say the same where key and text are equal. */
  readonly key: string;
  readonly text: string;
}

export function thresholdWords(threshold: Threshold): string {
  return threshold === 'majority' ? m.threshold_half() : m.threshold_some({ count: threshold });
}

/** Everything about the numbers of a set of rules, a sentence each. */
export function numberLines(rules: Rules): readonly RuleLine[] {
  const { quorum, history } = rules;
  const docs = { none: m.rule_docs_none, checkpoint: m.rule_docs_checkpoint, full: m.rule_docs_full }[history.docs];
  return [
    { key: 'revoke', text: m.rule_revoke({ threshold: thresholdWords(quorum.revoke) }) },
    { key: 'addresses', text: rules.addresses === 'direct' ? m.rule_direct() : m.rule_hidden() },
    { key: 'knock', text: rules.knock.length === 0 ? m.rule_knock_none() : m.rule_knock() },
    ...(rules.knock.length === 0
      ? []
      : [{ key: 'admit', text: m.rule_admit({ threshold: thresholdWords(quorum.admit) }) }]),
    ...[...new Set(rules.knock)].map((question) => ({
      key: `asks ${question}`,
      text: m.rule_asks({ question: apart(question) }),
    })),
    {
      key: 'succession',
      text: rules.successionDays === 0 ? m.rule_succession_none() : m.rule_succession({ count: rules.successionDays }),
    },
    {
      key: 'retain',
      text: history.retainDays === 0 ? m.rule_retain_none() : m.rule_retain({ span: daysInWords(history.retainDays) }),
    },
    ...(history.chat === 'none' ? [{ key: 'old chat', text: m.rule_chat_none() }] : []),
    { key: 'docs', text: docs() },
    { key: 'rotate', text: m.rule_rotate({ count: rules.rotateDays }) },
    { key: 'devices', text: m.rule_devices({ count: rules.deviceCap }) },
  ];
}

function rightLines(rules: Rules, to: Rules): readonly RuleLine[] {
  return [
    ...rules.members.map((right) => ({
      key: `members ${right}`,
      text: m.rule_members_may({ right: rightWords(right, rules) }),
    })),
    ...rules.roles.flatMap((role) => [
      { key: `role ${role.id}`, text: m.rule_has_role({ role: apart(role.label) }) },
      ...role.can.map((right) => ({
        key: `${role.id} ${right}`,
        // A role that only changed its name has not changed what it may do.
        text: m.rule_role_may({ role: labelOf(role.id, to), right: rightWords(right, to) }),
      })),
    ]),
  ];
}

export interface RuleChange {
  readonly is: 'new' | 'gone';
  readonly text: string;
}

/** What is different, in words; nothing when both mean the same. */
export function rulesDiff(from: Rules, to: Rules): readonly RuleChange[] {
  const before = [...rightLines(from, to), ...numberLines(from)];
  const now = [...rightLines(to, to), ...numberLines(to)];
  const [was, is] = [textsOf(before), textsOf(now)];
  return [
    ...now.filter(({ key, text }) => was.get(key) !== text).map(({ text }) => ({ is: 'new' as const, text })),
    ...before.filter(({ key, text }) => is.get(key) !== text).map(({ text }) => ({ is: 'gone' as const, text })),
  ];
}

function textsOf(lines: readonly RuleLine[]): ReadonlyMap<string, string> {
  return new Map(lines.map(({ key, text }) => [key, text]));
}
