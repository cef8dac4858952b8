import { parse } from 'yaml';
import type { YamlStep } from '../emulators/agent/run-job';
import { readText } from './files';

/** A piece of YAML on a page. */
export interface Sample {
  readonly page: string;
  /** The heading that it stands under. */
  readonly heading: string;
  readonly steps: readonly YamlStep[];
}

/** The YAML of a page, in order. */
export function readSamples(page: string): readonly Sample[] {
  const samples: Sample[] = [];
  let heading = '';
  for (const [, title, yaml] of readText(page).matchAll(/^#+ (.*)$|^```yaml\n([^]*?)^```$/gm)) {
    heading = title ?? heading;
    if (yaml !== undefined) {
      samples.push({ page, heading, steps: parse(yaml) as Sample['steps'] });
    }
  }
  return samples;
}
