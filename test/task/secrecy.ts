import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../emulators/agent/run-job';
import type { Step } from '../emulators/agent/run-step';

/** The forms in which a token could be found again: itself, its parts, URL-encoded, base64 at each of the three offsets. */
export function formsOf(token: string): readonly string[] {
  const base64 = [0, 1, 2].map((offset) => {
    const text = Buffer.from('\0'.repeat(offset) + token).toString('base64');
    // The first characters depend on what stands before, the last on what follows.
    return text.slice(offset === 0 ? 0 : 4, -4);
  });
  return [token, encodeURIComponent(token), ...token.split('.'), ...base64];
}

const CARRIERS =
  /^##vso\[task\.(?:setsecret\]|setvariable variable=token;isOutput=true;issecret=true;\])/;

/** Checks that a token stands in the commands that carry it and nowhere else: not in the log, the streams, a file. */
export function assertSecret(step: Step, token: string): void {
  const otherLines = step.stdout.split('\n').filter((line) => !CARRIERS.test(line));
  assertNotIn(token, [
    ['standard output', otherLines.join('\n')],
    ['standard error', step.stderr],
    ['the log', step.log.join('\n')],
    ['the issues', step.issues.map(({ message }) => message).join('\n')],
    ...filesBelow(step.folders.root).map((file) => [file, readFileSync(file, 'latin1')] as const),
  ]);
}

/** Checks that no form of a token stands in these texts, each with the name of its place. */
export function assertNotIn(
  token: string,
  texts: readonly (readonly [place: string, text: string])[],
): void {
  const forms = formsOf(token);
  for (const [place, text] of texts) {
    for (const form of forms) {
      assert.ok(!text.includes(form), `a form of the token stands in ${place}`);
    }
  }
}

/** Checks that no form of the tokens of a job stands in its log, in a file that it leaves, or in these texts. */
export function assertKept(
  tokens: readonly string[],
  { steps, folders }: Job,
  texts: readonly (readonly [place: string, text: string])[] = [],
): void {
  assert.ok(tokens.length > 0, 'there is no token');
  const places = [
    ...texts,
    ['the log', steps.flatMap(({ log }) => log).join('\n')] as const,
    ...filesBelow(folders.root).map((file) => [file, readFileSync(file, 'latin1')] as const),
  ];
  tokens.forEach((token) => {
    assertNotIn(token, places);
  });
}

/** The paths of all files below a folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
