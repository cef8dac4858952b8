// The pictures of logs: what the emulators print, and said so.
import assert from 'node:assert/strict';
import { drawLog, LOG_PICTURES } from '../../scripts/log-pictures';
import { cleanUp } from '../emulators/agent/run-step';
import { SCENARIOS } from '../scenarios';
import { perform } from '../stage';
import { readText } from './files';

const COLUMN = 10.2;
const RIGHT_EDGE = 788;

/** The lines of a picture in the font of logs: their text, and where they start. */
function readLines(svg: string): readonly { readonly x: number; readonly text: string }[] {
  const [, log = ''] = /<g font-family="JetBrains Mono"[^>]*>([^]*?)<\/g>/.exec(svg) ?? [];
  return [...log.matchAll(/<text [^>]*x="([\d.]+)"[^>]*>([^<]*)<\/text>/g)].map(
    ([, x = '', text = '']) => ({
      x: Number(x),
      text: text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
    }),
  );
}

describe('the pictures of logs', () => {
  for (const picture of LOG_PICTURES) {
    const { name, scenario, from } = picture;
    const svg = readText(`images/${name}.svg`);

    it(`images/${name}.svg is drawn from what the emulators print today`, async () => {
      assert.equal(svg, await drawLog(picture), 'run npm run draw');
    });

    it(`images/${name}.svg has each word of the log`, async () => {
      const found = SCENARIOS.find((one) => one.name === scenario) ?? assert.fail();
      const { step } = await perform(found, { variables: { 'system.debug': 'false' } });
      cleanUp(step);
      const start = step.log.findIndex((line) => line.startsWith(from));
      assert.ok(start > 0);
      const plain = (text: string) =>
        text
          .replace(/##\[\w+\]/g, '')
          .replace(/at \S+Z, in .* min\./, '')
          .replace(/\s+/g, '');
      const lines = readLines(svg).map(({ text }) => text);
      const drawn = lines.map(plain).join('');
      assert.equal(drawn, plain(step.log.slice(start).map(plain).join('')));
    });

    it(`images/${name}.svg has no line that leaves its card`, () => {
      const ends = readLines(svg).map(({ x, text }) => x + text.length * COLUMN);
      assert.ok(ends.length > 10);
      assert.ok(Math.max(...ends) < RIGHT_EDGE, String(Math.max(...ends)));
    });

    it(`images/${name}.svg says that it is drawn from emulators`, () => {
      assert.match(svg, /Drawn from a run with emulators, not from a real organization/);
      assert.match(readText('README.md'), /drawn from a run with emulators/);
    });
  }
});
