import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
// resvg draws the same pixels on every machine (no fonts but those it is given, no browser), so that a test can compare them.
import { Resvg } from '@resvg/resvg-js';
import { ROOT, TASK_FOLDER } from './build-task';

interface Drawing {
  readonly source: string;
  readonly target: string;
  /** Width in pixels. */
  readonly size: number;
  /** A style sheet with other colors for the classes of the source. */
  readonly style?: string;
}

const IMAGES = join(ROOT, 'images');
const { resolve } = createRequire(import.meta.url);

/** What the text of a picture is written in. */
const FONT_FILES = [
  resolve('@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf'),
  resolve('@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf'),
  resolve('@expo-google-fonts/inter/700Bold/Inter_700Bold.ttf'),
  resolve('@expo-google-fonts/jetbrains-mono/400Regular/JetBrainsMono_400Regular.ttf'),
  resolve('@expo-google-fonts/jetbrains-mono/700Bold/JetBrainsMono_700Bold.ttf'),
];

/** The icons that Azure DevOps shows: of the extension in the Marketplace, of the task in a pipeline. As high as wide. */
export const ICONS: readonly Drawing[] = [
  {
    source: join(IMAGES, 'extension-icon.svg'),
    target: join(IMAGES, 'extension-icon.png'),
    size: 128,
  },
  { source: join(IMAGES, 'task-icon.svg'), target: join(TASK_FOLDER, 'icon.png'), size: 32 },
];

/** With two pixels for each of the 800 at which most people see a picture. */
const pictureOf = (name: string, style?: string): Drawing => ({
  source: join(IMAGES, `${name}.svg`),
  target: join(IMAGES, style === undefined ? `${name}.png` : `${name}-dark.png`),
  size: 1600,
  ...(style !== undefined && { style: join(IMAGES, style) }),
});

/** The pictures of the pages. The sources of the logs are drawn, too: `log-pictures.ts`. */
export const PICTURES: readonly Drawing[] = [
  pictureOf('how-it-works'),
  pictureOf('where-the-token-goes'),
  pictureOf('log'),
  pictureOf('error'),
];

/** For pages that can choose a picture by the theme of the reader. The Marketplace cannot. */
export const DARK_PICTURES: readonly Drawing[] = [
  pictureOf('how-it-works', 'how-it-works-dark.css'),
  pictureOf('log', 'log-dark.css'),
  pictureOf('error', 'log-dark.css'),
];

/** @returns the picture as a PNG, and its pixels: red, green, blue and opacity of each */
export function draw({ source, size, style }: Drawing): {
  readonly png: Buffer;
  readonly pixels: Buffer;
} {
  const colors = style === undefined ? '' : `<style>${readFileSync(style, 'utf8')}</style>`;
  const drawing = new Resvg(readFileSync(source, 'utf8').replace('</svg>', `${colors}</svg>`), {
    fitTo: { mode: 'width', value: size },
    font: { loadSystemFonts: false, fontFiles: FONT_FILES },
  }).render();
  return { png: drawing.asPng(), pixels: drawing.pixels };
}
