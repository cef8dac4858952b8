// Gives the package, the extension and the task a new version, and its section of the changes a head.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CHANGES = 'CHANGELOG.md';
const TASK = 'tasks/AzureDevOpsTokenV1/task.json';
const HEAD: Place = [CHANGES, /^## Unreleased$/m];
const UNRELEASED = /^## Unreleased\n+(?!## |$)/m;

/** Takes the version out of a text; what stands around it stays as it is. */
type Place = readonly [file: string, pattern: RegExp];

/** Where the version stands, besides the task, which has it in three numbers. */
const PLACES: readonly Place[] = [
  ['package.json', /(?<=^\{[^}]*?"version": ")[^"]+/],
  ['package-lock.json', /(?<=^\{[^}]*?"version": ")[^"]+/],
  ['package-lock.json', /(?<="packages": \{\n {4}"": \{[^}]*?"version": ")[^"]+/],
  ['vss-extension.json', /(?<=^\{[^}]*?"version": ")[^"]+/],
];

/**
 * Changes the files below a folder, or none of them.
 * @param today `2026-12-31`
 * @throws {Error} where the version cannot be the next one
 */
export function bumpVersion(root: string, version: string, today: string): void {
  const files = new Map(
    [...new Set([...PLACES.map(([file]) => file), TASK, CHANGES])].map((file) => [
      file,
      readFileSync(join(root, file), 'utf8'),
    ]),
  );
  const changes = files.get(CHANGES) ?? '';
  refuse(version, readVersion(files.get('package.json') ?? ''), changes);
  for (const place of PLACES) {
    files.set(place[0], replace(files.get(place[0]) ?? '', place, version));
  }
  files.set(TASK, setNumbers(files.get(TASK) ?? '', version));
  files.set(CHANGES, replace(changes, HEAD, `## ${version}, ${today}`));
  for (const [file, text] of files) {
    writeFileSync(join(root, file), text);
  }
}

function refuse(version: string, current: string, changes: string): void {
  const [major] = numbersOf(version);
  if (!/^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}$/.test(version)) {
    throw new Error(
      `"${version}" is no version of three numbers, such as 1.2.3: a task can have no other.`,
    );
  }
  // A version that was never released is free: the first one stands in the files before its release.
  const isFree = version === current && !changes.includes(`## ${version},`);
  if (!isFree && !isHigher(version, current)) {
    throw new Error(
      `${version} is not higher than ${current}: agents and the Marketplace keep what they have of a version.`,
    );
  }
  if (major !== numbersOf(current)[0]) {
    throw new Error(
      `${version} is another major version than ${current}: that is a task in a folder of its own, beside this one.`,
    );
  }
  if (!UNRELEASED.test(changes)) {
    throw new Error(`${CHANGES} has nothing under "## Unreleased".`);
  }
}

const numbersOf = (version: string) => version.split('.').map(Number);

function isHigher(version: string, other: string): boolean {
  const differences = numbersOf(version).map((number, i) => number - (numbersOf(other)[i] ?? 0));
  return (differences.find((difference) => difference !== 0) ?? 0) > 0;
}

const readVersion = (project: string) => (JSON.parse(project) as { version: string }).version;

function setNumbers(task: string, version: string): string {
  const names = ['Major', 'Minor', 'Patch'];
  return numbersOf(version).reduce((text, number, index) => {
    const pattern = new RegExp(`(?<="version": \\{[^}]*?"${names[index] ?? ''}": )\\d+`);
    return replace(text, [TASK, pattern], String(number));
  }, task);
}

function replace(text: string, [file, pattern]: Place, by: string): string {
  if (!pattern.test(text)) {
    throw new Error(`${file} has no version where it should have one.`);
  }
  return text.replace(pattern, by);
}
