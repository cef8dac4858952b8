import tseslint from 'typescript-eslint';

const source = 'tasks/AzureDevOpsTokenV1/src';

/** What no file of the task may import, except the one that is there for it. */
const walls = {
  taskLibrary: {
    group: ['azure-pipelines-task-lib', 'azure-pipelines-task-lib/*'],
    message: 'Only agent.ts knows the task library.',
  },
  identityLibrary: {
    group: ['@azure/identity', '@azure/identity/*'],
    message: 'Only identity/credential.ts knows @azure/identity.',
  },
  inputs: {
    regex: '(?:^|/)inputs/(?!task-inputs$)',
    message: 'Of inputs/, others know the plain types only: task-inputs.ts.',
  },
  identity: {
    regex: '(?:^|/)identity/(?!identity$)',
    message: 'Of identity/, others know the plain types only: identity.ts.',
  },
  outputs: { group: ['**/outputs'], message: 'Only run.ts publishes.' },
  agent: { group: ['**/agent'], message: 'The agent is handed in, or not needed here.' },
};
const { taskLibrary, identityLibrary, inputs, identity, outputs, agent } = walls;

const forbid = (...patterns) => ({
  'no-restricted-imports': [
    'error',
    { patterns, paths: [{ name: 'node:process', message: 'Only environment.ts reads it.' }] },
  ],
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
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportExpression[source.value!=/^\\.\\u002F/]',
          message: 'What is loaded late is a file of ours.',
        },
      ],
      ...forbid(taskLibrary, identityLibrary, inputs, identity, outputs),
    },
  },
  { files: [`${source}/run.ts`], rules: forbid(taskLibrary, identityLibrary) },
  { files: [`${source}/agent.ts`], rules: forbid(identityLibrary, inputs, identity, outputs) },
  {
    files: [`${source}/inputs/**/*.ts`],
    rules: forbid(taskLibrary, identityLibrary, identity, outputs),
  },
  {
    files: [`${source}/identity/**/*.ts`],
    rules: forbid(taskLibrary, identityLibrary, inputs, outputs, agent),
  },
  {
    files: [`${source}/identity/credential.ts`],
    rules: forbid(taskLibrary, inputs, outputs, agent),
  },
  {
    files: [`${source}/errors/**/*.ts`],
    rules: forbid(taskLibrary, identityLibrary, inputs, identity, outputs, agent),
  },
  {
    files: [`${source}/environment.ts`],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: [`${source}/agent.ts`, `${source}/fail-early.ts`],
    rules: { 'no-console': 'off' },
  },
  {
    files: [`${source}/index.ts`],
    // It has to load the rest on any Node.js, however old.
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
