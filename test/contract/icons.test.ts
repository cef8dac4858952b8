import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { DARK_PICTURES, draw, ICONS, PICTURES } from '../../scripts/icons';
import { readText } from './files';

/** So much may a picture hold up the page; a log is a page of text. */
const MOST_BYTES = 200_000;
/** In which the sources may write, and what is drawn with them is the same everywhere. */
const FONTS = ['Inter', 'JetBrains Mono'];

const sizeOf = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)];

describe('the icons and pictures', () => {
  for (const drawing of [...ICONS, ...PICTURES, ...DARK_PICTURES]) {
    const name = basename(drawing.target);
    const png = readFileSync(drawing.target);

    it(`${name} is what its source draws`, () => {
      assert.ok(draw(drawing).png.equals(png), 'run npm run draw');
    });

    it(`${name} is a PNG, ${drawing.size} pixels wide`, () => {
      assert.equal(png.subarray(1, 4).toString(), 'PNG');
      assert.equal(sizeOf(png)[0], drawing.size);
    });
  }
});

describe('the icons', () => {
  it('are of the sizes that Azure DevOps asks for', () => {
    assert.deepEqual(
      ICONS.map(({ target }) => sizeOf(readFileSync(target))),
      [
        [128, 128],
        [32, 32],
      ],
    );
  });
});

describe('the pictures', () => {
  for (const picture of [...PICTURES, ...DARK_PICTURES]) {
    const name = basename(picture.target);
    const source = readFileSync(picture.source, 'utf8');

    it(`${name} lets no page shine through, light or dark`, () => {
      const { pixels } = draw(picture);
      assert.ok(pixels.length > 0);
      assert.ok(pixels.every((value, index) => index % 4 !== 3 || value === 255));
    });

    it(`${name} is small`, () => {
      const { length } = readFileSync(picture.target);
      assert.ok(length <= MOST_BYTES, `${length} bytes`);
    });

    it(`${name} has text that is read on a telephone, too: of at least 17 of the 800 pixels`, () => {
      const sizes = [...source.matchAll(/font-size="(\d+)"/g)].map(([, size]) => Number(size));
      assert.ok(sizes.length > 0 && Math.min(...sizes) >= 17, sizes.join());
      assert.match(source, /viewBox="0 0 800 /);
    });

    it(`${name} is written in fonts that are there`, () => {
      const fonts = [...source.matchAll(/font-family="([^"]+)"/g)].map(([, font = '']) => font);
      assert.ok(fonts.length > 0 && fonts.every((font) => FONTS.includes(font)), fonts.join());
    });
  }

  for (const { target } of PICTURES) {
    const name = basename(target);

    it(`${name} is on a page, and in words for who does not see it`, () => {
      const shown = new RegExp(
        `!\\[([^\\]]{20,})\\]\\(images/${name}\\)|<img src="images/${name}" alt="[^"]{20,}"`,
      );
      assert.match(`${readText('overview.md')}${readText('README.md')}`, shown);
    });
  }

  for (const { source, style = '', target, size } of DARK_PICTURES) {
    const name = basename(target);
    const classesOf = (text: string, pattern: RegExp) =>
      [...new Set([...text.matchAll(pattern)].map(([, found = '']) => found))].sort();

    it(`${name} has a color for each class of its source`, () => {
      const sources = DARK_PICTURES.filter((other) => other.style === style);
      assert.deepEqual(
        classesOf(readFileSync(style, 'utf8'), /^\.([\w-]+)/gm),
        classesOf(
          sources.map((other) => readFileSync(other.source, 'utf8')).join('\n'),
          /class="([\w-]+)"/g,
        ),
      );
    });

    it(`${name} is darker than the picture for a light page`, () => {
      const brightnessOf = (pixels: Buffer) =>
        pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
      const dark = brightnessOf(draw({ source, style, target, size }).pixels);
      const light = brightnessOf(draw({ source, target, size }).pixels);
      assert.ok(dark < light / 2 + 64, `${dark} beside ${light}`);
    });

    it(`${name} is shown by README.md, with words for who does not see it`, () => {
      const pictures = readText('README.md').match(/<picture>[^]*?<\/picture>/g) ?? [];
      const shown = pictures.find((picture) => picture.includes(`srcset="images/${name}"`)) ?? '';
      assert.match(shown, /<source media="\(prefers-color-scheme: dark\)" srcset="images\/[^"]+">/);
      const light = name.replace('-dark.png', '.png').replace('.', '\\.');
      assert.match(shown, new RegExp(`<img src="images/${light}" alt="[^"]{20,}"`));
    });
  }
});
