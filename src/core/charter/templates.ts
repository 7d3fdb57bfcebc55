// Five ways to begin a group. Each is an ordinary charter: what it says can be changed by what it says. The plain words
// for them, and for their roles, are the app's; a label here only stands in until a group names its own.

import type { MemberRight, Right, Role, RoleId, Rules } from './rules.ts';

export const TEMPLATE_IDS = ['affinity-cell', 'assembly', 'council', 'open-project', 'founder-led'] as const;
export type TemplateId = (typeof TEMPLATE_IDS)[number];

export interface Template {
  readonly id: TemplateId;
  readonly rules: Rules;
  /** What whoever founds the group begins with. */
  readonly founderRoles: readonly RoleId[];
}

/** What most people come to a group for. */
const CONTENT = ['post', 'documents', 'tasks', 'decisions'] as const satisfies readonly MemberRight[];
/** Keeping the group going, without power over anybody. */
const UPKEEP = ['invite', 'channels', 'relays', 'card', 'reshare'] as const satisfies readonly Right[];

const COMMON = {
  history: { chat: 'none', docs: 'checkpoint', retainDays: 0 },
  rotateDays: 7,
  deviceCap: 16,
  addresses: 'hidden',
  knock: [],
  successionDays: 30,
} as const satisfies Partial<Rules>;

/** All are equal. Any two may end a membership or let somebody in who knocks; power is shared by a majority only. */
const affinityCell: Template = template('affinity-cell', ['equal'], {
  ...COMMON,
  roles: [role('equal', 1, [...UPKEEP, 'propose', 'vote', 'grant:equal'])],
  members: [...CONTENT, 'propose'],
  quorum: { admit: 2, revoke: 2 },
  successionDays: 0,
});

/** Decisions by vote: nobody may do alone what concerns others. */
const assembly: Template = template('assembly', ['voter'], {
  ...COMMON,
  roles: [
    role('voter', 1, [...UPKEEP, 'propose', 'vote', 'grant:voter', 'grant:facilitator']),
    role('facilitator', 0, ['invite', 'channels', 'decisions', 'reshare']),
  ],
  members: [...CONTENT, 'propose', 'invite'],
  quorum: { admit: 'majority', revoke: 'majority' },
  successionDays: 0,
});

/** A few decide together, and give out tasks to others. */
const council: Template = template('council', ['councillor'], {
  ...COMMON,
  roles: [
    role('councillor', 2, [...UPKEEP, 'admit', 'propose', 'vote', 'grant:councillor', 'grant:organiser']),
    role('organiser', 1, ['invite', 'channels', 'documents', 'tasks', 'reshare']),
  ],
  members: [...CONTENT, 'propose'],
  quorum: { admit: 2, revoke: 'majority' },
});

/** Maintainers look after it; anybody may come, contributors do the work. */
const openProject: Template = template('open-project', ['maintainer'], {
  ...COMMON,
  roles: [
    role('maintainer', 2, [
      ...UPKEEP,
      'admit',
      'revoke',
      'propose',
      'vote',
      'grant:maintainer',
      'grant:contributor',
      'documents',
      'tasks',
    ]),
    role('contributor', 1, ['invite', 'channels', 'documents', 'tasks']),
  ],
  members: ['post', 'tasks', 'decisions', 'propose', 'invite'],
  history: { chat: 'reshare', docs: 'full', retainDays: 0 },
  quorum: { admit: 2, revoke: 'majority' },
});

/** One person leads, deputies stand in; when nobody leads any more, they vote who does. */
const founderLed: Template = template('founder-led', ['lead'], {
  ...COMMON,
  roles: [
    role('lead', 3, [
      ...UPKEEP,
      'admit',
      'revoke',
      'charter',
      'propose',
      'vote',
      'grant:lead',
      'grant:deputy',
      'grant:helper',
    ]),
    role('deputy', 2, [...UPKEEP, 'admit', 'revoke', 'propose', 'vote', 'grant:helper']),
    role('helper', 1, ['invite', 'channels', 'tasks', 'documents']),
  ],
  members: [...CONTENT],
  quorum: { admit: 'majority', revoke: 'majority' },
});

export const TEMPLATES: Readonly<Record<TemplateId, Template>> = {
  'affinity-cell': affinityCell,
  assembly,
  council,
  'open-project': openProject,
  'founder-led': founderLed,
};

function template(id: TemplateId, founderRoles: readonly string[], rules: Rules): Template {
  return { id, rules, founderRoles: founderRoles as readonly RoleId[] };
}

function role(id: string, level: number, can: readonly Right[]): Role {
  return { id: id as RoleId, label: id, can, level };
}
