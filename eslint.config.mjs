import tseslint from 'typescript-eslint';

const source = 'tasks/AzureDevOpsTokenV1/src';

/** What no file of the task may import, except the files that are named for it below. */
const boundaries = {
  taskLibrary: {
    group: ['azure-pipelines-task-lib', 'azure-pipelines-task-lib/*'],
    message: 'Only agent.ts imports the task library.',
  },
  identityLibrary: {
    group: ['@azure/identity', '@azure/identity/*'],
    message: 'Only the credentials of identity/ import @azure/identity.',
  },
  pipeline: {
    group: ['@azure/core-rest-pipeline', '@azure/core-rest-pipeline/*'],
    message: 'Only http/ and the HTTP clients of identity/ import the HTTP pipeline.',
  },
  jmesPath: {
    group: ['@jmespath-community/*'],
    message: 'Only jmespath.ts imports the JMESPath library.',
  },
  inputs: {
    regex: '(?:^|/)inputs/(?!task-inputs$)',
    message: 'Outside inputs/, import the plain types of task-inputs.ts only.',
  },
  identity: {
    regex: '(?:^|/)identity/(?!identity$)',
    message: 'Outside identity/, import the plain types of identity.ts only.',
  },
  azureDevOps: {
    regex: '(?:^|/)azure-devops/(?!token-apis$)',
    message: 'Only run.ts and rest/ import more of azure-devops/ than token-apis.ts.',
  },
  rest: {
    regex: '(?:^|/)rest/(?!rest-result$)',
    message: 'Outside rest/, import the plain types of rest-result.ts only.',
  },
  git: { regex: '(?:^|/)git/', message: 'Only run.ts prepares git.' },
  outputs: { group: ['**/outputs'], message: 'Only run.ts publishes.' },
  agent: { group: ['**/agent'], message: 'Only run.ts, task.ts and inputs/ use the agent.' },
};

/** Forbids all imports of `boundaries` except those that are named. */
const allow = (...names) => ({
  'no-restricted-imports': [
    'error',
    {
      patterns: Object.entries(boundaries)
        .filter(([name]) => !names.includes(name))
        .map(([, boundary]) => boundary),
      paths: [{ name: 'node:process', message: 'Only environment.ts reads it.' }],
    },
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
      // `erasableSyntaxOnly` in tsconfig.json forbids enums, and the rule takes a quarter of the time of all.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
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
      'max-lines': ['error', 200],
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
      ...allow('agent'),
    },
  },
  {
    files: [`${source}/run.ts`],
    rules: allow('agent', 'azureDevOps', 'git', 'identity', 'inputs', 'outputs', 'rest'),
  },
  { files: [`${source}/agent.ts`], rules: allow('taskLibrary') },
  { files: [`${source}/jmespath.ts`], rules: allow('jmesPath') },
  { files: [`${source}/http/**/*.ts`], rules: allow('pipeline') },
  { files: [`${source}/inputs/**/*.ts`], rules: allow('agent', 'inputs') },
  { files: [`${source}/identity/**/*.ts`], rules: allow('identity') },
  {
    files: [`${source}/identity/endpoint-client.ts`, `${source}/identity/entra-client.ts`],
    rules: allow('identity', 'pipeline'),
  },
  {
    files: [`${source}/identity/*-credential.ts`],
    rules: allow('identity', 'identityLibrary'),
  },
  { files: [`${source}/azure-devops/**/*.ts`], rules: allow('azureDevOps') },
  { files: [`${source}/rest/**/*.ts`], rules: allow('rest', 'azureDevOps') },
  { files: [`${source}/git/**/*.ts`], rules: allow('git') },
  {
    files: [`${source}/errors/**/*.ts`],
    // The table of a family stays in one file.
    rules: { ...allow(), 'max-lines': ['error', 300] },
  },
  {
    files: [`${source}/environment.ts`],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: [`${source}/fail-early.ts`], rules: { 'no-console': 'off' } },
  {
    files: [`${source}/index.ts`, `${source}/git-credential.ts`],
    // It has to load the rest on any Node.js, however old.
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
