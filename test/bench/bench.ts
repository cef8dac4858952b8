// `npm run bench`: what the task costs, as ratios of runs that are taken in turn. Prints tables, and writes them to reports/bench.json;
// with `--check`, it fails on what the task is to keep to. `-- --only start-up` measures one part of it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, platform, release } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installAgentNodes } from '../../scripts/agent-nodes';
import { ROOT } from '../../scripts/build-task';
import { packageExtension } from '../../scripts/package-extension';
import { measureBodies } from './bodies';
import { measureLists } from './lists';
import { measurePackage } from './package-size';
import { measureRetries } from './retries';
import { describeSection, type Limit, type Section } from './section';
import { measureColdStart, measureStartUp } from './start-up';

const REPORTS = join(ROOT, 'reports');

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { check: { type: 'boolean', default: false }, only: { type: 'string' } },
  });
  if (!installAgentNodes()) {
    throw new Error('The Node.js releases of the agents cannot be installed here');
  }
  mkdirSync(REPORTS, { recursive: true });
  const { file } = await packageExtension(REPORTS);
  const parts: Readonly<Record<string, () => Promise<readonly Section[]>>> = {
    'start-up': () => measureStartUp(file),
    'cold-start': () => measureColdStart(file),
    lists: measureLists,
    bodies: measureBodies,
    retries: measureRetries,
    package: () => measurePackage(file),
  };
  const chosen = Object.entries(parts).filter(([name]) => [name, undefined].includes(values.only));
  const machine = `${platform()} ${release()}, ${cpus().length} × ${cpus()[0]?.model ?? ''}`;
  console.log(`${new Date().toISOString()}, ${machine}, Node.js ${process.version}\n`);
  const sections: Section[] = [];
  for (const [, measure] of chosen) {
    for (const section of await measure()) {
      sections.push(section);
      if (section.rows.length > 0) {
        console.log(describeSection(section));
      }
    }
  }
  const report = { at: new Date().toISOString(), machine, node: process.version, sections };
  writeFileSync(join(REPORTS, 'bench.json'), JSON.stringify(report, undefined, 2));
  return values.check ? check(sections.flatMap(({ limits }) => limits)) : 0;
}

function check(limits: readonly Limit[]): number {
  // What is not a number is not kept either.
  const broken = limits.filter(({ is, most }) => !(is <= most));
  for (const limit of limits) {
    const verdict = broken.includes(limit) ? 'TOO MUCH' : 'kept';
    console.log(`${verdict}: ${limit.what}: ${Number(limit.is.toFixed(3))} of ${limit.most}`);
  }
  return broken.length === 0 ? 0 : 1;
}

process.exitCode = await main();
