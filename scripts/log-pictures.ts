// Pictures of logs, as SVG: the text of each comes from a run of the built task with emulators.
import { cleanUp } from '../test/emulators/agent/run-step';
import { SCENARIOS } from '../test/scenarios';
import { perform } from '../test/stage';

interface LogPicture {
  /** The name of the file in images/, without its type. */
  readonly name: string;
  readonly scenario: string;
  /** What the first line of the picture begins with: the log before it is that of the agent. */
  readonly from: string;
}

export const LOG_PICTURES: readonly LogPicture[] = [
  { name: 'log', scenario: 'default', from: 'Got a token' },
  { name: 'error', scenario: 'not-a-member', from: '##[error]' },
];

/** Readable on a telephone, which shows a picture of 800 pixels at half its size. */
const FONT_SIZE = 17;
/** JetBrains Mono: each character is 0.6 of the height. */
const CHARACTER_WIDTH = FONT_SIZE * 0.6;
const LINE_HEIGHT = 25;
const WIDTH = 800;
const MARGIN = 32;
const COLUMNS = Math.floor((WIDTH - 2 * MARGIN) / CHARACTER_WIDTH);
const HEAD = 68;
const FOOT = 58;

type Kind = 'section' | 'error' | 'text';
const COLORS = { section: '#1a7f37', error: '#b42318', text: '#1f2937' } as const;

interface Line {
  readonly kind: Kind;
  readonly indent: number;
  readonly text: string;
}

/** Runs the step, and draws its log. Times are those of the log in README.md, so that each run gives the same picture. */
export async function drawLog({ scenario, from }: LogPicture): Promise<string> {
  const found = SCENARIOS.find(({ name }) => name === scenario);
  if (found === undefined) {
    throw new Error(`There is no scenario ${scenario}`);
  }
  const { step } = await perform(found, { variables: { 'system.debug': 'false' } });
  cleanUp(step);
  const start = step.log.findIndex((line) => line.startsWith(from));
  const lines = step.log
    .slice(start)
    .flatMap((line) => line.split('\n'))
    .map((line) =>
      line.replace(/at \S+Z, in \d+ h \d+ min/, 'at 2026-11-26T08:26:46Z, in 23 h 59 min'),
    );
  return render(lines.flatMap(toLines), step.result === 'Succeeded');
}

/** The lines of the picture that a line of the log takes: a tag becomes a color, as in Azure DevOps. */
function toLines(line: string): readonly Line[] {
  const [, tag = '', text = ''] = /^(?:##\[(section|error)\])?(.*)$/.exec(line) ?? [];
  const kind = tag === '' ? 'text' : (tag as Kind);
  const [spaces = ''] = /^ */.exec(text) ?? [];
  return wrap(text.trimStart(), COLUMNS - spaces.length).map((part) => ({
    kind,
    indent: spaces.length,
    text: part,
  }));
}

/** Breaks at spaces and, in a path that is longer than a line, after a slash. */
function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of text.match(/[^ /]*(?:\/| +|$)/g) ?? []) {
    if (line !== '' && `${line}${part}`.trimEnd().length > columns) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += part;
  }
  return [...lines, line.trimEnd()];
}

const escape = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function render(lines: readonly Line[], succeeded: boolean): string {
  const height = HEAD + lines.length * LINE_HEIGHT + FOOT;
  const [mark, color, kind] = succeeded
    ? ['M38 34l7 8l13-15', COLORS.section, 'section-mark']
    : ['M40 26l16 16m0-16l-16 16', COLORS.error, 'error-mark'];
  const texts = lines.map(({ kind, indent, text }, index) => {
    const x = MARGIN + indent * CHARACTER_WIDTH;
    const y = HEAD + (index + 1) * LINE_HEIGHT - 6;
    return `    <text class="${kind}" x="${x.toFixed(1)}" y="${y}" fill="${COLORS[kind]}">${escape(text)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="Inter" font-size="18">
  <!-- By scripts/draw-logs.ts, from a run with emulators. -->
  <rect class="page" width="${WIDTH}" height="${height}" fill="#eef2f9" />
  <rect class="card" x="12" y="12" width="${WIDTH - 24}" height="${height - 56}" rx="12" fill="#ffffff" stroke="#b9c7e2" stroke-width="2" />
  <path class="${kind}" d="${mark}" fill="none" stroke="${color}" stroke-width="4" stroke-linecap="round" stroke-linejoin="round" />
  <text class="text" x="72" y="41" font-weight="700" fill="${COLORS.text}">AzureDevOpsToken</text>
  <g font-family="JetBrains Mono" font-size="${FONT_SIZE}" xml:space="preserve">
${texts.join('\n')}
  </g>
  <text class="label" x="${WIDTH / 2}" y="${height - 16}" text-anchor="middle" font-size="17" fill="#4b5563">Drawn from a run with emulators, not from a real organization</text>
</svg>
`;
}
