// The groups that a session in memory begins with: a busy council, a group one has little say in, one that removed us
// and one that nothing was heard of yet.

import type {
  Act,
  ActId,
  ActWords,
  ChannelId,
  GroupId,
  HeldRole,
  Person,
  PersonId,
  Proposal,
} from '#app/groups/group-api.ts';
import type { ProposalId } from '#app/groups/group-api.ts';
import { TEMPLATES } from '#core/charter/templates.ts';
import type { RoleId, Rules } from '#core/charter/rules.ts';
import type { Millis } from '#core/ports.ts';
import { dayNumber } from '#ui/language/in-words.ts';
import type { Said } from './memory-channel.ts';
import type { Seed } from './memory-group.ts';
import { seedQuestion, type SeedVoice } from './memory-questions.ts';

const HOUR = 3_600_000;
const ago = (hours: number): Millis => (Date.now() - hours * HOUR) as Millis;

const [ANA, BO, CHIDI, LAYLA, MARA, ODD] = ['Ana', 'Bo', 'Chidi', 'ليلى', 'Mara', 'Bо'].map(
  (name, index) => `person ${name} ${index}` as PersonId,
) as [PersonId, PersonId, PersonId, PersonId, PersonId, PersonId];
const [COUNCILLOR, ORGANISER] = ['councillor', 'organiser'] as [RoleId, RoleId];

function person(id: PersonId, name: string, about: Partial<Person> = {}): Person {
  return {
    id,
    name,
    nameWarning: undefined,
    isMe: false,
    isIn: true,
    roles: [],
    came: { by: 'invitation', from: ANA },
    presence: 'away',
    devices: 1,
    lastHeard: ago(5),
    ...about,
  };
}

const founded: HeldRole = { role: COUNCILLOR, why: [{ is: 'founding' }] };
const given = (role: RoleId, by: PersonId): HeldRole => ({
  role,
  why: [{ is: 'given', by, as: COUNCILLOR }, { is: 'founding' }],
});
const voted = (role: RoleId, ...signers: readonly PersonId[]): HeldRole => ({ role, why: [{ is: 'vote', signers }] });

const kitchenRules: Rules = {
  ...TEMPLATES.council.rules,
  roles: TEMPLATES.council.rules.roles.map((role) => ({
    ...role,
    label: role.id === COUNCILLOR ? 'Councillor' : 'Organiser',
  })),
  knock: ['Who do you know here?', 'What would you like to do with us?'],
  history: { ...TEMPLATES.council.rules.history, retainDays: 28 },
};

const kitchenPeople: readonly Person[] = [
  person(ANA, 'Ana', { came: { by: 'founding' }, roles: [founded], devices: 2, lastHeard: ago(31 * 24) }),
  person(MARA, 'Mara', { isMe: true, roles: [voted(COUNCILLOR, ANA, BO)], presence: 'direct', devices: 2 }),
  person(BO, 'Bo', { roles: [given(COUNCILLOR, ANA), given(ORGANISER, ANA)], presence: 'relayed', devices: 3 }),
  person(CHIDI, 'Chidi Okonkwo', { roles: [given(ORGANISER, BO)], presence: 'direct', came: came(BO) }),
  person(LAYLA, 'ليلى منصور', { came: { by: 'vote', signers: [ANA, BO] } }),
  person(ODD, 'Bо', { nameWarning: 'mixed-scripts', isIn: false, came: came(CHIDI) }),
];

function came(from: PersonId): Person['came'] {
  return { by: 'invitation', from };
}

const riceTalk: readonly Said[] = [
  { by: LAYLA, text: 'ستة عشر كيلو.', after: 2 },
  { by: CHIDI, text: '@Mara, there are five in the van.', after: 6 },
];

const kitchenTalk: readonly Said[] = [
  { by: ANA, text: 'The hall is ours on Saturday. Two hundred meals.', pinned: true },
  { by: ANA, text: 'Who brings the big pots?', after: 1 },
  { by: BO, text: 'I have two. @Chidi Okonkwo, do you still have the van?', after: 14, reply: 1 },
  { by: CHIDI, text: 'Yes, from noon. Route: https://example.org/route?from=mill', after: 3 },
  { by: undefined, text: 'I cook from eight. @Bo can you write the list?', after: 30 },
  { by: LAYLA, text: 'أستطيع إحضار العدس والأرز.', after: 12 },
  { by: BO, text: 'List is in the making. @Mara, how much rice for 200?', after: 55, answers: riceTalk },
  { by: CHIDI, text: 'Van is booked.', after: 9 },
];

function history(...acts: readonly (readonly [PersonId, ActWords, Partial<Act>?])[]): readonly Act[] {
  return acts.map(([by, what, about], index) => ({
    id: `seed act ${index}` as ActId,
    by,
    what,
    fate: 'stands',
    at: ago((acts.length - index) * 9),
    dated: 'seen',
    ...about,
  }));
}

const kitchenQuestions: readonly SeedVoice[] = [
  {
    by: ANA,
    act: {
      ...{ act: 'ask', at: ago(30), method: 'poll', question: 'Which soup on Saturday?', picks: 1, turnout: 0 },
      ...{ options: ['Lentils', 'Leeks', 'شوربة العدس'], untilDay: dayNumber(ago(24)) },
    },
  },
  {
    by: BO,
    act: { act: 'voice', at: ago(29), decision: seedQuestion(0), voice: { is: 'picks', options: [0] }, note: '' },
  },
  {
    by: CHIDI,
    act: {
      ...{ act: 'ask', at: ago(50), method: 'consensus', question: 'We meet on Thursdays from now on.', options: [] },
      ...{ picks: 0, turnout: 2, untilDay: undefined },
    },
  },
  {
    by: CHIDI,
    act: {
      ...{ act: 'voice', at: ago(49), decision: seedQuestion(2), voice: { is: 'stance', stance: 'agree' }, note: '' },
    },
  },
  {
    by: BO,
    act: {
      ...{ act: 'voice', at: ago(48), decision: seedQuestion(2), voice: { is: 'stance', stance: 'stand-aside' } },
      note: 'I work late, but go ahead.',
    },
  },
  {
    by: CHIDI,
    act: { act: 'end', at: ago(40), decision: seedQuestion(2), counted: [seedQuestion(3), seedQuestion(4)] },
  },
];

const kitchenHistory = history(
  [ANA, { is: 'founded' }],
  [ANA, { is: 'invited', role: undefined, uses: 5 }],
  [BO, { is: 'joined', person: BO }],
  [ANA, { is: 'gave-role', person: BO, role: 'Councillor' }],
  [MARA, { is: 'joined', person: MARA }],
  [BO, { is: 'invited', role: 'Organiser', uses: 1 }],
  [CHIDI, { is: 'joined', person: CHIDI }],
  [
    ANA,
    {
      is: 'changed-rules',
      from: TEMPLATES.council.rules,
      to: { ...kitchenRules, roles: TEMPLATES.council.rules.roles },
    },
  ],
  [CHIDI, { is: 'removed', person: LAYLA }, { fate: 'illegal' }],
  [BO, { is: 'removed', person: ODD }],
  [ODD, { is: 'removed', person: BO }, { fate: 'void' }],
  [CHIDI, { is: 'not-understood' }, { fate: 'not-understood' }],
  [BO, { is: 'proposed', act: { do: 'give-role', person: LAYLA, role: COUNCILLOR } }],
);

const kitchenProposals: readonly Proposal[] = [
  {
    id: 'proposal of Bo' as ProposalId,
    by: BO,
    act: { do: 'give-role', person: LAYLA, role: COUNCILLOR },
    signers: [BO],
    missing: 1,
    state: 'open',
    mayEndorse: true,
  },
  {
    id: 'proposal about rules' as ProposalId,
    by: CHIDI,
    act: { do: 'change-rules', rules: { ...kitchenRules, members: [...kitchenRules.members, 'invite'] } },
    signers: [ANA],
    missing: 1,
    state: 'open',
    mayEndorse: true,
  },
  {
    id: 'proposal of old' as ProposalId,
    by: ANA,
    act: { do: 'give-role', person: MARA, role: COUNCILLOR },
    signers: [ANA, BO],
    missing: 0,
    state: 'decided',
    mayEndorse: false,
  },
];

const channel = (name: string, unread = 0, mentions = 0, readers: RoleId | 'everyone' = 'everyone') => ({
  id: `channel ${name}` as ChannelId,
  name,
  readers,
  unread,
  mentions,
  mayPost: true,
});

export const KITCHEN: Seed = {
  id: 'group kitchen' as GroupId,
  hasNeighbours: true,
  state: {
    name: 'Harbour Kitchen',
    standing: 'in',
    rules: kitchenRules,
    people: kitchenPeople,
    successionOffer: { silent: [ANA], days: 31 },
    disputes: [{ stood: 'seed act 9' as ActId, fell: 'seed act 10' as ActId, why: 'more-senior' }],
  },
  channels: [
    { channel: channel('General', 2, 1), said: kitchenTalk },
    { channel: channel('Van and pots'), said: [{ by: CHIDI, text: 'The van has a new tyre.' }], quiet: 300 },
    { channel: channel('Council', 0, 0, COUNCILLOR), said: [] },
    // Whoever named it was out of the group by then.
    { channel: channel(''), said: [{ by: CHIDI, text: 'Is anybody else here?' }], quiet: 600 },
  ],
  invitations: [
    {
      id: 'invitation of mine' as never,
      code: `dXMg${'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(5)}seed`,
      by: MARA,
      role: ORGANISER,
      uses: 3,
      joined: [CHIDI],
      state: 'open',
    },
    {
      id: 'invitation of Ana' as never,
      code: undefined,
      by: ANA,
      role: undefined,
      uses: 5,
      joined: [BO, MARA],
      state: 'open',
    },
    {
      id: 'invitation used' as never,
      code: undefined,
      by: BO,
      role: ORGANISER,
      uses: 1,
      joined: [CHIDI],
      state: 'used-up',
    },
  ],
  proposals: kitchenProposals,
  questions: kitchenQuestions,
  knocks: [
    {
      id: 'knock of Noor',
      name: 'Noor',
      answers: [
        { question: 'Who do you know here?', answer: 'Chidi, from the allotments.' },
        { question: 'What would you like to do with us?', answer: 'Wash up, mostly. I have Saturdays.' },
      ],
      vouchers: [BO],
      missing: 1,
      mayVouch: true,
      mayTurnAway: true,
    },
  ],
  history: kitchenHistory,
};

const shiftPeople: readonly Person[] = [
  person(BO, 'Bo', { came: { by: 'founding' }, roles: [{ role: 'lead' as RoleId, why: [{ is: 'founding' }] }] }),
  person(MARA, 'Mara', { isMe: true, came: came(BO) }),
];

export const SHIFT: Seed = {
  id: 'group shift' as GroupId,
  state: {
    name: 'Night Shift',
    standing: 'in',
    rules: TEMPLATES['founder-led'].rules,
    people: shiftPeople,
    successionOffer: undefined,
    disputes: [],
  },
  channels: [{ channel: channel('General'), said: [{ by: BO, text: 'Welcome.' }], quiet: 2_000 }],
  history: history([BO, { is: 'founded' }], [MARA, { is: 'joined', person: MARA }]),
};

export const REMOVED: Seed = {
  ...SHIFT,
  id: 'group mill' as GroupId,
  state: { ...SHIFT.state, name: 'Old Mill', standing: 'removed' },
  channels: [{ channel: channel('General'), said: [{ by: BO, text: 'Welcome.' }], quiet: 2_500 }],
  history: history([BO, { is: 'founded' }], [BO, { is: 'removed', person: MARA }]),
};

export const WAITING: Seed = {
  id: 'group seeds' as GroupId,
  state: { ...SHIFT.state, name: 'Seed Swap', standing: 'waiting', people: [] },
  channels: [],
  history: [],
};
