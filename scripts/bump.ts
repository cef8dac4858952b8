// Gives everything the next version, before a release: `npm run bump -- 1.2.3`.
import { ROOT } from './build-task';
import { bumpVersion } from './bump-version';

const [version = '', ...others] = process.argv.slice(2);
try {
  if (version === '' || others.length > 0) {
    throw new Error('npm run bump -- 1.2.3');
  }
  bumpVersion(ROOT, version, new Date().toISOString().slice(0, 10));
  console.log(`Everything is ${version}. Look at CHANGELOG.md, and commit.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
