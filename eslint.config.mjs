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
    message: 'Only the credentials of identity/ know @azure/identity.',
  },
  inputs: {
    regex: '(?:^|/)inputs/(?!task-inputs$)',
    message: 'Of inputs/, others know the plain types only: task-inputs.ts.',
  },
  identity: {
    regex: '(?:^|/)identity/(?!identity$)',
    message: 'Of identity/, others know the plain types only: identity.ts.',
  },
  pipeline: {
    group: ['@azure/core-rest-pipeline', '@azure/core-rest-pipeline/*'],
    message: 'Only azure-devops/ and the doors to those who give out tokens know the pipeline.',
  },
  azureDevOps: {
    regex: '(?:^|/)azure-devops/(?!token-apis$)',
    message: 'Of azure-devops/, only those who ask it know more than token-apis.ts.',
  },
  organization: {
    regex: '(?:^|/)organization/(?!member$)',
    message: 'Of organization/, others know the plain types only: member.ts.',
  },
  rest: {
    regex: '(?:^|/)rest/(?!rest-result$)',
    message: 'Of rest/, others know the plain types only: rest-result.ts.',
  },
  jmesPath: {
    group: ['@jmespath-community/*'],
    message: 'Only expression.ts knows the library of JMESPath.',
  },
  outputs: { group: ['**/outputs'], message: 'Only run.ts publishes.' },
  agent: { group: ['**/agent'], message: 'The agent is handed in, or not needed here.' },
};

/** Raises all walls but those that are named. */
const openOnly = (...open) => ({
  'no-restricted-imports': [
    'error',
    {
      patterns: Object.entries(walls)
        .filter(([name]) => !open.includes(name))
        .map(([, wall]) => wall),
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
      ...openOnly('agent'),
    },
  },
  {
    files: [`${source}/run.ts`],
    rules: openOnly(
      'agent',
      'azureDevOps',
      'identity',
      'inputs',
      'organization',
      'outputs',
      'rest',
    ),
  },
  { files: [`${source}/agent.ts`], rules: openOnly('taskLibrary') },
  { files: [`${source}/inputs/**/*.ts`], rules: openOnly('agent', 'inputs') },
  { files: [`${source}/identity/**/*.ts`], rules: openOnly('identity') },
  {
    files: [`${source}/identity/local-http-client.ts`],
    rules: openOnly('identity', 'pipeline'),
  },
  {
    files: [`${source}/identity/federation-http-client.ts`],
    rules: openOnly('identity', 'pipeline', 'azureDevOps'),
  },
  {
    files: [`${source}/identity/*-credential.ts`],
    rules: openOnly('identity', 'identityLibrary'),
  },
  { files: [`${source}/azure-devops/**/*.ts`], rules: openOnly('azureDevOps', 'pipeline') },
  { files: [`${source}/organization/**/*.ts`], rules: openOnly('organization', 'azureDevOps') },
  { files: [`${source}/rest/**/*.ts`], rules: openOnly('rest', 'azureDevOps') },
  { files: [`${source}/expression.ts`], rules: openOnly('agent', 'jmesPath') },
  { files: [`${source}/errors/**/*.ts`], rules: openOnly() },
  {
    files: [`${source}/environment.ts`],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: [`${source}/fail-early.ts`], rules: { 'no-console': 'off' } },
  {
    files: [`${source}/index.ts`],
    // It has to load the rest on any Node.js, however old.
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
