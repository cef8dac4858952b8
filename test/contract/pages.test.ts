import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listFiles, listPages, readJson, readTables, readText, task } from './files';
import { ROOT } from '../../scripts/build-task';
import { readSamples } from './samples';

const overview = readText('overview.md');
const code = (cell: string | undefined) => /^`([^`]+)`$/.exec(cell ?? '')?.[1];

/** The table of a page whose first column names these. */
function tableOf(names: readonly string[]): readonly (readonly string[])[] {
  return (
    readTables(overview).find((table) => code(table[0]?.[0]) === names[0]) ??
    assert.fail(`no table of ${names.join()}`)
  );
}

describe('overview.md', () => {
  it('has the inputs of the task, with their defaults', () => {
    const table = tableOf(task.inputs.map(({ name }) => name));
    assert.deepEqual(
      table.map(([name, value]) => [code(name), code(value) ?? '']),
      task.inputs.map(({ name, defaultValue }) => [name, defaultValue ?? '']),
    );
  });

  it('has the outputs of the task', () => {
    const table = readTables(overview).find(([first]) => code(first?.[0]) === 'token') ?? [];
    assert.deepEqual(
      table.map(([name]) => code(name)),
      task.outputVariables.map(({ name }) => name),
    );
  });

  it('names the agent that the task asks for', () => {
    const { minimumAgentVersion } = readJson('tasks/AzureDevOpsTokenV1/task.json');
    assert.ok(overview.includes(`version ${String(minimumAgentVersion)} or newer`));
  });

  it('shows no picture that the Marketplace would refuse', () => {
    for (const [, target = ''] of overview.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)) {
      assert.match(target, /^images\/[\w-]+\.png$/);
    }
    assert.ok(!/<img|\.svg/i.test(overview));
  });
});

const samples = listPages().flatMap(readSamples);

describe('the YAML of the pages', () => {
  it('is there', () => {
    assert.ok(samples.some(({ page }) => page === 'overview.md'));
  });

  for (const [index, { page, steps }] of samples.entries()) {
    describe(`(${page}, sample ${index + 1})`, () => {
      it('is a list of steps', () => {
        assert.ok(Array.isArray(steps) && steps.length > 0);
      });

      it('names inputs that there are', () => {
        const names = task.inputs.map(({ name }) => name);
        const ours = steps.filter((step) => step.task === 'AzureDevOpsToken@1');
        assert.ok(ours.length > 0);
        for (const step of ours) {
          assert.ok(Object.keys(step.inputs ?? {}).every((name) => names.includes(name)));
        }
      });

      it('hands outputs on through env: only, and such as there are', () => {
        const outputs = task.outputVariables.map(({ name }) => name);
        const names = steps.map((step) => step.name).filter((name) => typeof name === 'string');
        const read = steps.flatMap(({ env, ...rest }) => {
          // Not inside a script, not in an input, not in a name.
          for (const name of names) {
            assert.ok(!JSON.stringify(rest).includes(`$(${name}.`), JSON.stringify(rest));
          }
          return [...JSON.stringify(env ?? {}).matchAll(/\$\((\w+)\.(\w+)\)/g)];
        });
        for (const [macro, step = '', output = ''] of read) {
          assert.ok(names.includes(step) && outputs.includes(output), macro);
        }
        assert.ok(read.length > 0);
      });

      it('puts no token on a command line or into a URL', () => {
        for (const step of steps) {
          const script = [step.bash, step.script, step.pwsh].join('\n');
          // printf is a part of the shell, and starts no process.
          const commands = script.split(/[|\n]/).filter((command) => !/^\s*printf /.test(command));
          assert.ok(!commands.some((command) => /\$\{?TOKEN/.test(command)), script);
          // A user name alone is no secret; a password or a variable would be.
          assert.ok(!/:\/\/[^/\s]*[:$][^/\s]*@/.test(JSON.stringify(step)));
        }
      });
    });
  }
});

describe('the pages', () => {
  for (const page of listPages()) {
    it(`${page}: every link leads somewhere`, () => {
      for (const [, target = ''] of readText(page).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (!target.startsWith('https://learn.microsoft.com/')) {
          assert.ok(existsSync(join(ROOT, dirname(page), target.replace(/#.*/, ''))), target);
        }
      }
    });
  }

  it('SECURITY.md names tests that there are, one for each threat', () => {
    const [, threats = []] = readTables(readText('SECURITY.md'));
    const rows = threats.filter(([, defence]) => defence !== '');
    assert.ok(rows.length > 15);
    for (const row of rows) {
      const tests = [...(row[2] ?? '').matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
      assert.ok(tests.length > 0, row.join());
      tests.forEach((path) => {
        assert.ok(existsSync(join(ROOT, path)), path);
      });
    }
  });

  it('README.md names files and scripts that there are', () => {
    const readme = readText('README.md');
    for (const [, path = ''] of readme.matchAll(/`((?:tasks|test|docs|images)\/[^`…]*)`/g)) {
      assert.ok(existsSync(join(ROOT, path)), path);
    }
    const { scripts } = readJson('package.json');
    for (const [, script = ''] of readme.matchAll(/npm run (\w+)/g)) {
      assert.ok(script in (scripts as object), script);
    }
  });

  it('say nothing of a file that is built', () => {
    assert.deepEqual(
      listFiles().filter((path) => /(?:^|\/)(?:dist|node_modules|coverage)\//.test(path)),
      [],
    );
  });
});
