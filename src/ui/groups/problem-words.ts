// What keeps a set of rules from working, in words.

import { m } from '#texts/messages.js';
import type { RulesProblem } from './edit-rules.ts';

export const RULES_PROBLEMS: Readonly<Record<RulesProblem, () => string>> = {
  'unnamed-role': m.rules_unnamed_role,
  'nobody-decides': m.rules_nobody_decides,
  unsound: m.rules_unsound,
};
