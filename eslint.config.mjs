import tseslint from 'typescript-eslint';

const source = 'tasks/AzureDevOpsTokenV1/src';

/** What no file of the task may do, except the one that is there for it. */
const walls = {
  taskLibrary: {
    group: ['azure-pipelines-task-lib', 'azure-pipelines-task-lib/*'],
    message: 'Only agent.ts knows the task library.',
  },
  identityLibrary: {
    group: ['@azure/identity', '@azure/identity/*'],
    message: 'Only identity/credential.ts knows @azure/identity.',
  },
  steps: {
    group: ['**/inputs/read-*', '**/inputs/parse-*', '**/identity/!(identity)', '**/outputs'],
    message: 'Steps know errors/, server-text.ts and plain types, never the inside of each other.',
  },
};

const forbid = (...patterns) => ({
  'no-restricted-imports': ['error', { patterns }],
});

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', 'coverage/', 'reports/', '.stryker-tmp/'] },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: 'error',
      'func-style': ['error', 'declaration', { allowArrowFunctions: true }],
      'max-params': ['error', 3],
      'no-console': 'error',
    },
  },
  {
    files: ['test/**/*.ts', 'scripts/**/*.ts'],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['tasks/**/*.ts'],
    rules: {
      'max-lines': ['error', 150],
      'max-lines-per-function': ['error', 40],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only environment.ts reads it.' },
      ],
      ...forbid(walls.taskLibrary, walls.identityLibrary),
    },
  },
  {
    files: [`${source}/agent.ts`],
    rules: { ...forbid(walls.identityLibrary, walls.steps), 'no-console': 'off' },
  },
  {
    files: [`${source}/environment.ts`],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: [`${source}/index.ts`],
    // It has to parse and to load the rest on any Node.js, however old.
    rules: { 'no-console': 'off', '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: [`${source}/inputs/**/*.ts`],
    rules: forbid(walls.taskLibrary, walls.identityLibrary, {
      group: ['**/identity/**', '**/outputs'],
      message: walls.steps.message,
    }),
  },
  {
    files: [`${source}/identity/**/*.ts`],
    rules: forbid(walls.taskLibrary, walls.identityLibrary, {
      group: ['**/inputs/!(task-inputs)', '**/outputs', '**/agent'],
      message: walls.steps.message,
    }),
  },
  {
    files: [`${source}/identity/credential.ts`],
    rules: forbid(walls.taskLibrary, {
      group: ['**/inputs/!(task-inputs)', '**/outputs', '**/agent'],
      message: walls.steps.message,
    }),
  },
  {
    files: [`${source}/errors/**/*.ts`],
    rules: forbid(walls.taskLibrary, walls.identityLibrary, {
      group: ['**/inputs/**', '**/identity/**', '**/outputs', '**/agent'],
      message: 'Errors are described from plain values.',
    }),
  },
);
