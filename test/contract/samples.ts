import { parse } from 'yaml';
import type { YamlStep } from '../emulators/agent/run-job';
import { readText } from './files';

/** What stands between two fences on a page. */
export interface Block {
  readonly page: string;
  /** The heading that it stands under. */
  readonly heading: string;
  /** What the fence calls it: `yaml`, `bash`. */
  readonly language: string;
  readonly text: string;
}

/** A piece of YAML on a page. */
export interface Sample extends Block {
  /** All of it: a list of steps, a pipeline, a template. */
  readonly document: unknown;
  /** The steps in it, wherever they are, in order. */
  readonly steps: readonly YamlStep[];
}

/** What makes an item of a list a step: https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/steps */
const STEPS = [
  ...['task', 'script', 'bash', 'pwsh', 'powershell', 'checkout', 'download', 'publish'],
  ...['template', 'getPackage', 'downloadBuild', 'reviewApp'],
];

/** The fenced blocks of a page, in order. */
export function readBlocks(page: string): readonly Block[] {
  const blocks: Block[] = [];
  let heading = '';
  const pattern = /^```(\w*)\n([^]*?)^```$|^#+ (.*)$/gm;
  for (const [, language = '', text, title] of readText(page).matchAll(pattern)) {
    heading = title ?? heading;
    if (text !== undefined) {
      blocks.push({ page, heading, language, text });
    }
  }
  return blocks;
}

/** The YAML of a page, in order. */
export function readSamples(page: string): readonly Sample[] {
  return readBlocks(page)
    .filter(({ language }) => language === 'yaml')
    .map((block) => {
      const document: unknown = parse(block.text);
      return { ...block, document, steps: findSteps(document) };
    });
}

/** Also those of a job in a stage, and those below an expression: `- ${{ if … }}:`. */
function findSteps(node: unknown): readonly YamlStep[] {
  if (Array.isArray(node)) {
    return node.flatMap((item) => (isStep(item) ? [item] : findSteps(item)));
  }
  return typeof node === 'object' && node !== null ? Object.values(node).flatMap(findSteps) : [];
}

function isStep(item: unknown): item is YamlStep {
  return (
    typeof item === 'object' &&
    item !== null &&
    STEPS.some((key) => typeof (item as Readonly<Record<string, unknown>>)[key] === 'string')
  );
}
