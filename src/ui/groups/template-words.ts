// The five ways to begin a group, in the words and with the role names of the founder's language.

import { TEMPLATES, type TemplateId } from '#core/charter/templates.ts';
import type { Rules } from '#core/charter/rules.ts';
import { m } from '#texts/messages.js';

export const TEMPLATE_WORDS: Readonly<
  Record<TemplateId, { readonly name: () => string; readonly about: () => string }>
> = {
  'affinity-cell': { name: m.template_cell, about: m.template_cell_about },
  assembly: { name: m.template_assembly, about: m.template_assembly_about },
  council: { name: m.template_council, about: m.template_council_about },
  'open-project': { name: m.template_project, about: m.template_project_about },
  'founder-led': { name: m.template_led, about: m.template_led_about },
};

const ROLE_NAMES: Readonly<Record<string, () => string>> = {
  equal: m.role_equal,
  voter: m.role_voter,
  facilitator: m.role_facilitator,
  councillor: m.role_councillor,
  organiser: m.role_organiser,
  maintainer: m.role_maintainer,
  contributor: m.role_contributor,
  lead: m.role_lead,
  deputy: m.role_deputy,
  helper: m.role_helper,
};

export function templateRules(id: TemplateId): Rules {
  const { rules } = TEMPLATES[id];
  return { ...rules, roles: rules.roles.map((role) => ({ ...role, label: ROLE_NAMES[role.id]?.() ?? role.label })) };
}
