import { readFileSync } from 'node:fs';
import { join } from 'node:path';
// resvg draws the same pixels on every machine (no fonts, no browser), so that a test can compare them.
import { Resvg } from '@resvg/resvg-js';
import { ROOT, TASK_FOLDER } from './build-task';

interface Icon {
  readonly source: string;
  readonly target: string;
  /** Width and height in pixels. */
  readonly size: number;
}

const IMAGES = join(ROOT, 'images');

/** The icons that Azure DevOps shows: of the extension in the Marketplace, of the task in a pipeline. */
export const ICONS: readonly Icon[] = [
  {
    source: join(IMAGES, 'extension-icon.svg'),
    target: join(IMAGES, 'extension-icon.png'),
    size: 128,
  },
  { source: join(IMAGES, 'task-icon.svg'), target: join(TASK_FOLDER, 'icon.png'), size: 32 },
];

/** @returns a PNG */
export function drawIcon(icon: Icon): Buffer {
  const drawing = new Resvg(readFileSync(icon.source, 'utf8'), {
    fitTo: { mode: 'width', value: icon.size },
    font: { loadSystemFonts: false },
  });
  return drawing.render().asPng();
}
