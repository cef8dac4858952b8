// README.md and overview.md as people see them: rendered as GitHub's Markdown, in a real browser, at the widths of a telephone, a
// tablet and a desk. The style sheet is a copy of GitHub's own (github-markdown-css). That of the Marketplace is not published: it
// shows GitHub's Markdown, but its colours and widths may differ.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Marked } from 'marked';
import { chromium, type Browser, type Page } from 'playwright-core';
import { ROOT } from '../../scripts/build-task';
import { listPages, readText } from './files';
import { skip } from '../skip';

/** Where Debian has it. */
const CHROMIUM = '/usr/bin/chromium';
/** No sandbox, because tests run as root in containers; no word to anybody. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const WIDTHS = [400, 800, 1200];
const SCREEN_HEIGHT = 900;
const THEMES = { light: '#ffffff', dark: '#0d1117' } as const;
type Theme = keyof typeof THEMES;

const { resolve } = createRequire(import.meta.url);
const styleOf = (theme: Theme) =>
  readFileSync(resolve(`github-markdown-css/github-markdown-${theme}.css`), 'utf8');

/** As GitHub names a heading. */
const slugOf = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const marked = new Marked({
  gfm: true,
  renderer: {
    heading({ tokens, depth, text }) {
      return `<h${depth} id="${slugOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
    },
  },
});

const render = (markdown: string) => marked.parse(markdown, { async: false });
const headingsOf = (path: string) =>
  [...render(readText(path)).matchAll(/<(?:h\d|a) id="([^"]*)"/g)].map(([, id]) => id);

/** A whole page, around it the margins that GitHub has. */
const pageOf = (markdown: string, theme: Theme, style: string) => `<!doctype html>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<base href="${pathToFileURL(ROOT).href}/">
<style>
${styleOf(theme)}
body { margin: 0; background: ${THEMES[theme]}; }
.markdown-body { box-sizing: border-box; max-width: 1012px; margin: 0 auto; padding: 32px; }
@media (max-width: 767px) { .markdown-body { padding: 16px; } }
${style}
</style>
<body><article class="markdown-body">${render(markdown)}</article></body>`;

/** What the browser made of a page. Lengths are in pixels. */
interface PollOutcome {
  readonly width: number;
  readonly scrollWidth: number;
  readonly left: number;
  readonly right: number;
  readonly pictures: readonly {
    readonly address: string;
    /** Of the file; 0 where there is none. */
    readonly naturalWidth: number;
    readonly left: number;
    readonly right: number;
    readonly bottom: number;
  }[];
  /** The head of each table, and how much of the table its column does not show. */
  readonly tables: readonly { readonly head: string; readonly hidden: number }[];
  readonly links: readonly string[];
}

/** Gives a `Look`. In the language of the browser, because no file of the project knows its types. */
const LOOK = `(() => {
  const { scrollWidth, clientWidth: width } = document.documentElement;
  const { left, right } = document.querySelector('article').getBoundingClientRect();
  const pictures = [...document.images].map((image) => {
    const { left, right, bottom } = image.getBoundingClientRect();
    return { address: image.currentSrc || image.src, naturalWidth: image.naturalWidth, left, right, bottom };
  });
  // GitHub lets a table scroll that is wider than its column, so the page itself stays narrow.
  const tables = [...document.querySelectorAll('table')].map((table) => ({
    head: table.querySelector('tr').innerText,
    hidden: table.scrollWidth - table.clientWidth,
  }));
  const links = [...document.querySelectorAll('a')].map((link) => link.getAttribute('href'));
  return { width, scrollWidth, left, right, pictures, tables, links };
})()`;

/** What is wrong with how a page looks: nothing, if all is well. */
const flawsOf = ({ width, scrollWidth, left, right, pictures }: PollOutcome) => [
  ...(scrollWidth > width ? [`${scrollWidth} pixels wide`] : []),
  ...pictures
    .filter(({ naturalWidth }) => naturalWidth === 0)
    .map(({ address }) => `no picture at ${address}`),
  ...pictures
    .filter((picture) => picture.left < left || picture.right > right)
    .map(({ address }) => `beside the text: ${address}`),
];

const wideTablesOf = ({ tables }: PollOutcome) =>
  tables
    .filter(({ hidden }) => hidden > 0)
    .map(({ head, hidden }) => `${hidden} pixels are hidden of ${head}`);

describe('the pages in a browser', () => {
  let browser: Browser | undefined;
  let page: Page | undefined;
  let shown = '';
  const folder = mkdtempSync(join(tmpdir(), 'browser-'));
  const requested: string[] = [];

  before(async function () {
    if (!existsSync(CHROMIUM)) {
      skip(this, 'Chromium is not installed');
    }
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
    page = await browser.newPage();
    page.on('request', (request) => requested.push(request.url()));
  });

  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  async function poll(
    markdown: string,
    { width, theme = 'light', style = '' }: { width: number; theme?: Theme; style?: string },
  ): Promise<PollOutcome> {
    assert.ok(page);
    await page.setViewportSize({ width, height: SCREEN_HEIGHT });
    await page.emulateMedia({ colorScheme: theme });
    const html = pageOf(markdown, theme, style);
    // To load a page takes much longer than to change its width.
    if (html !== shown) {
      const file = join(folder, 'page.html');
      writeFileSync(file, html);
      await page.goto(pathToFileURL(file).href, { waitUntil: 'load' });
      shown = html;
    }
    return page.evaluate<PollOutcome>(LOOK);
  }

  for (const path of ['README.md', 'overview.md']) {
    const markdown = readText(path);

    for (const theme of ['light', 'dark'] as const) {
      for (const width of WIDTHS) {
        it(`show ${path} without a broken picture, and as wide as the window: ${width} pixels, ${theme}`, async () => {
          assert.deepEqual(flawsOf(await poll(markdown, { width, theme })), []);
        });
      }
    }

    it(`show a picture of what the task does on the first screen of ${path}, sharp on fine screens, too`, async () => {
      const [picture = assert.fail()] = (await poll(markdown, { width: 800 })).pictures;
      assert.match(picture.address, /how-it-works\.png$/);
      assert.ok(picture.bottom <= SCREEN_HEIGHT, String(picture.bottom));
      assert.ok(picture.naturalWidth >= 2 * (picture.right - picture.left));
    });

    it(`have no dead link to a file or a heading in ${path}`, async () => {
      const { links } = await poll(markdown, { width: 800 });
      assert.ok(links.length > 1);
      for (const link of links.filter((target) => !target.startsWith('https://'))) {
        const [file = '', heading] = link.split('#');
        const target = file === '' ? path : join(dirname(path), file);
        assert.ok(existsSync(join(ROOT, target)), link);
        assert.ok(heading === undefined || headingsOf(target).includes(heading), link);
      }
    });
  }

  for (const path of listPages().filter((name) => render(readText(name)).includes('<table'))) {
    for (const width of WIDTHS) {
      it(`show each table of ${path} in its column: ${width} pixels`, async () => {
        const outcome = await poll(readText(path), { width });
        assert.ok(outcome.scrollWidth <= outcome.width, String(outcome.scrollWidth));
        assert.deepEqual(wideTablesOf(outcome), []);
      });
    }
  }

  it('show the pictures of README.md in the colors of the theme', async () => {
    const pictureNames = async (theme: Theme) =>
      (await poll(readText('README.md'), { width: 800, theme })).pictures.map(({ address }) =>
        address.replace(/.*\//, ''),
      );
    const names = ['how-it-works', 'log', 'error'];
    assert.deepEqual(
      await pictureNames('light'),
      names.map((name) => `${name}.png`),
    );
    assert.deepEqual(
      await pictureNames('dark'),
      names.map((name) => `${name}-dark.png`),
    );
  });

  it('ask nobody for anything', () => {
    assert.ok(requested.some((url) => url.endsWith('/images/how-it-works.png')));
    assert.deepEqual(
      requested.filter((url) => !url.startsWith('file:')),
      [],
    );
  });

  it('would be found out if they were broken', async () => {
    const picture = '<img src="images/how-it-works.png" style="margin-left: -99px">';
    const table = `| a | b |\n|---|---|\n| \`${'x'.repeat(50)}\` | b |`;
    const markdown = `![a](images/none.png)\n\n${'x'.repeat(200)}\n\n${picture}\n\n${table}`;
    const style = '.markdown-body { overflow-wrap: normal }';
    const outcome = await poll(markdown, { width: 400, style });
    const [wide, broken, beside] = flawsOf(outcome);
    assert.match(wide ?? '', /pixels wide/);
    assert.match(broken ?? '', /no picture at .*none/);
    assert.match(beside ?? '', /beside the text: .*how-it-works/);
    const [hidden = ''] = wideTablesOf(outcome);
    assert.match(hidden, /^[1-9]\d* pixels are hidden of a\tb$/);
  });
});
