// Lint rules: the style of the house that a machine can check. Import directions are dependency-cruiser's.
import globals from 'globals';
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import house from './tests/rules/eslint-house.js';
import svelteConfig from './svelte.config.js';

const NO_ENUM = { selector: 'TSEnumDeclaration', message: 'Use a literal union or an `as const` object.' };
const NO_DEFAULT = { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' };

const outsideWorld = [
  'Date',
  'performance',
  'console',
  'setTimeout',
  'setInterval',
  'queueMicrotask',
  'fetch',
  'indexedDB',
  'localStorage',
  'navigator',
  'window',
  'document',
  'process',
  'Buffer',
].map((name) => ({ name, message: 'Core is pure: pass it in through src/core/ports.ts.' }));

export default ts.config(
  {
    ignores: [
      'node_modules/',
      'build/',
      '.svelte-kit/',
      '.paraglide/',
      'src/paraglide/',
      'stubs/',
      'test-results/',
      '.setup/',
    ],
  },
  ...svelte.configs['flat/recommended'],
  {
    files: ['**/*.{ts,js,mjs,svelte}'],
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    plugins: { '@typescript-eslint': ts.plugin, house },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-asserted-optional-chain': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/max-params': ['error', { max: 5 }],
      'max-lines': ['error', { max: 400 }],
      'no-restricted-syntax': ['error', NO_ENUM, NO_DEFAULT],
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-console': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: 'error',
      'house/file-name': 'error',
      'house/purpose-first': 'error',
    },
  },
  {
    files: ['**/*.{ts,mjs,js}'],
    languageOptions: { parser: ts.parser },
  },
  {
    files: ['**/*.svelte'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      // A prop may be bindable for some and not for others of one declaration.
      'prefer-const': 'off',
      'svelte/prefer-const': 'off',
      // It takes each word of the reason behind such a comment for a name; svelte-check reports what matters.
      'svelte/no-unused-svelte-ignore': 'off',
      'svelte/no-at-html-tags': 'error',
      'svelte/button-has-type': 'error',
      'svelte/require-each-key': 'error',
      'svelte/no-target-blank': 'error',
      'svelte/no-navigation-without-resolve': 'off',
      'no-restricted-syntax': ['error', NO_ENUM],
    },
  },
  {
    files: ['src/core/**/*.ts'],
    ignores: ['**/*.test.ts', '**/platform.d.ts'],
    rules: {
      'no-restricted-globals': ['error', ...outsideWorld],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Core is pure: use the Random port.' },
        { object: 'crypto', property: 'getRandomValues', message: 'Core is pure: use the Random port.' },
      ],
      'no-restricted-imports': [
        'error',
        {
          patterns: [{ regex: '^#(adapters|app|ui|relay)/', message: 'Core imports only core.' }, { regex: '^node:' }],
        },
      ],
    },
  },
  {
    files: ['relay-node/main.ts', 'tests/**', 'relay-node/**/console*.ts', '**/*.mjs'],
    rules: { 'no-console': 'off' },
  },
  {
    files: [
      '*.config.{js,ts}',
      '.size-limit.js',
      '**/*.config.ts',
      '.dependency-cruiser.cjs',
      'src/routes/**',
      'tests/rules/eslint-house.js',
      'tests/e2e/forget-screens.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', NO_ENUM] },
  },
);
