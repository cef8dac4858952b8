// Where the links of the pages lead: within the repository to what is there, outside it to hosts that are known.
import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { listFiles, listPages, readText } from './files';

/** Outside the repository. */
const HOSTS = ['learn.microsoft.com', 'github.com', 'dev.azure.com'];

/** Without what stands between fences, or in code within a line: nothing there is a link. */
function withoutCode(markdown: string): string {
  return withoutFences(markdown)
    .replace(/(?<!`)(`+)(?!`)[^]*?[^`]\1(?!`)/g, 'code')
    .replace(/<!--[^]*?-->/g, '');
}

function withoutFences(markdown: string): string {
  return markdown.replace(/^[ \t]*(```+|~~~+)[^]*?^[ \t]*\1[ \t]*$/gm, '');
}

/** What a page leads to: links, pictures, references, addresses as they stand, HTML. */
function findLinks(markdown: string): readonly string[] {
  const text = withoutCode(markdown);
  const patterns = [
    /\]\(\s*<?([^)\s>]+)>?(?:\s+["'(][^)]*)?\)/g,
    /^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm,
    /(?:href|src)\s*=\s*["']?([^"'\s>]+)/gi,
    /(?<![\w(<"'=])<?(https?:\/\/[^\s<>()"']*[^\s<>()"'.,;:!?])/gi,
  ];
  return [
    ...new Set(patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, to = '']) => to))),
  ];
}

/** The anchors of a page, as GitHub makes them of its headings. */
function findAnchors(markdown: string): readonly string[] {
  const seen = new Map<string, number>();
  const text = withoutFences(markdown);
  const explicit = [...text.matchAll(/^<a id="([^"]+)"><\/a>$/gm)].map(([, id = '']) => id);
  const ofHeadings = [...text.matchAll(/^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$/gm)].map(
    ([, heading = '']) => {
      const plain = heading
        .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/(?<![\w*])(\*\*?|__?)(?=\S)([^]*?\S)\1(?![\w*])/g, '$2');
      const slug = plain
        .toLowerCase()
        .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
        .replaceAll(' ', '-');
      const before = seen.get(slug) ?? 0;
      seen.set(slug, before + 1);
      return before === 0 ? slug : `${slug}-${before}`;
    },
  );
  return [...explicit, ...ofHeadings];
}

const files = new Set(listFiles());

/** @returns what is wrong with a link of a page, if anything */
function findMistake(page: string, link: string, read = readText): string | undefined {
  const scheme = /^([a-z][a-z\d+.-]*:)?\/\/|^[a-z][a-z\d+.-]*:/i.exec(link);
  if (scheme !== null) {
    const isKnown = link.startsWith('https://') && HOSTS.includes(new URL(link).host);
    return isKnown ? undefined : `${link}: no host that the pages may lead to`;
  }
  const [path = '', anchor] = decodeURIComponent(link).split('#');
  const target = path === '' ? page : posix.join(posix.dirname(page), path);
  const isFolder = [...files].some((file) => file.startsWith(`${target.replace(/\/$/, '')}/`));
  if (path.startsWith('/') || target.startsWith('../') || !(files.has(target) || isFolder)) {
    return `${link}: there is no ${target}`;
  }
  if (anchor === undefined) {
    return undefined;
  }
  return target.endsWith('.md') && findAnchors(read(target)).includes(anchor)
    ? undefined
    : `${link}: ${target} has no such heading`;
}

describe('the look at links', () => {
  it('finds them however they are written, and none in code', () => {
    const page = [
      '[a](docs/a.md#b "title"), ![c](images/c.png), <https://d.example.com/d>, [e][f]',
      '<a href="g.md">g</a> https://h.example.com/h. `[i](i.md)` ``https://j.example.com``',
      '[f]: k.md',
      '```sh',
      'curl https://l.example.com; [m](m.md)',
      '```',
      '[n](https://n.example.com/n) <!-- https://o.example.com -->',
    ].join('\n');
    assert.deepEqual([...findLinks(page)].sort(), [
      'docs/a.md#b',
      'g.md',
      'https://d.example.com/d',
      'https://h.example.com/h',
      'https://n.example.com/n',
      'images/c.png',
      'k.md',
    ]);
  });

  it('makes anchors as GitHub does', () => {
    const page = [
      '<a id="explicit"></a>',
      '# One, two: (three)',
      '## `_apis/git` & *more*',
      '### [A link](b.md) — here',
      '```sh',
      '# no heading',
      '```',
      '## Again',
      '## Again',
      '## Über-Größe_1 ##',
    ].join('\n');
    assert.deepEqual(findAnchors(page), [
      'explicit',
      'one-two-three',
      '_apisgit--more',
      'a-link--here',
      'again',
      'again-1',
      'über-größe_1',
    ]);
  });

  for (const [link, mistake] of [
    ['docs/administer.md', undefined],
    ['docs/', undefined],
    ['#one', undefined],
    ['docs/administer.md#one', undefined],
    ['https://learn.microsoft.com/azure/devops', undefined],
    ['docs/Administrator.md', 'there is no'],
    ['docs/nothing.md', 'there is no'],
    ['../outside.md', 'there is no'],
    ['/docs/administer.md', 'there is no'],
    ['node_modules/mocha/README.md', 'there is no'],
    ['#two', 'no such heading'],
    ['docs/administer.md#two', 'no such heading'],
    ['http://learn.microsoft.com/azure/devops', 'no host'],
    ['https://learn.microsoft.com.example.com/', 'no host'],
    ['//example.com/', 'no host'],
    ['mailto:somebody@example.com', 'no host'],
  ] as const) {
    it(`${mistake === undefined ? 'lets pass' : 'finds'} ${link}`, () => {
      const found = findMistake('README.md', link, () => '# One');
      assert.ok(mistake === undefined ? found === undefined : found?.includes(mistake), found);
    });
  }
});

describe('the links of the pages', () => {
  for (const page of listPages()) {
    it(`${page}: every link leads somewhere`, () => {
      const mistakes = findLinks(readText(page)).map((link) => findMistake(page, link));
      assert.deepEqual(
        mistakes.filter((mistake) => mistake !== undefined),
        [],
      );
    });
  }
});
