// Loaded by mocha before the tests: builds the task if its source has changed, and installs the Node.js releases of the agents, unless only
// unit tests run. So one file can be run alone, on a fresh clone too.

/** The files directly in test/ are those of .mocharc.json: mocha starts itself again, with these as arguments. */
const NEEDS_TASK = /\btest[\\/](?!unit\b|[\w-]+\.(?:cjs|ts)$)/;
const needsTask = process.argv.some((argument) => NEEDS_TASK.test(argument));
/** The processes of `--parallel` find what the first one has prepared. */
const isWorker = process.env['MOCHA_WORKER_ID'] !== undefined;

if (needsTask && !isWorker) {
  // Only here, because loading the bundler takes longer than a file of unit tests.
  const { installAgentNodes } = await import('../scripts/agent-nodes');
  const { buildTaskIfChanged } = await import('../scripts/build-task');
  await buildTaskIfChanged();
  if (!installAgentNodes()) {
    console.log('The Node.js releases of the agents are missing: tests that need one are skipped.');
  }
}

export {};
