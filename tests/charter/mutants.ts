// The mistakes that are planted in the rule, each with the test that must notice it.

import type { Mutant } from './mutant-run.ts';

export const MUTANTS: readonly Mutant[] = [];
