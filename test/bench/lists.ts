// Lists in pages: beside a script that follows the same tokens, and how the cost grows.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAgentNode } from '../../scripts/agent-nodes';
import { keepOpen, type Place } from '../emulators/places';
import { makeListRun } from './list-run';
import { openCleanMachine } from './machine';
import { runNode, runTask } from './measure';
import { limitsOf, takeInTurn, type Section } from './section';

const ROUNDS = 5;
const PAGE_SIZE = 100;
/** Of items of 1,000 bytes. */
const PAGES = 200;

export async function measureLists(): Promise<readonly Section[]> {
  const place = await openCleanMachine({
    organization: { lists: { total: PAGES * PAGE_SIZE, pageSize: PAGE_SIZE, padding: 1_000 } },
  });
  const folder = mkdtempSync(join(tmpdir(), 'lists-'));
  try {
    const rows = await takeInTurn(listSubjects(place, folder), ROUNDS);
    const grown = await takeInTurn(
      [1, 20, 200, 2_000].map((pages) => ({
        name: `${pages.toLocaleString('en')} times 500 items`,
        run: () => runTask(makeListRun({ total: pages * 500, pageSize: 500 })),
      })),
      1,
    );
    return [
      {
        title: `${PAGES} pages of ${PAGE_SIZE} items, beside a script that follows the same tokens`,
        rows,
        limits: limitsOf(rows, 'task: all pages', { wall: 1.3 }),
      },
      { title: 'The cost of pages', rows: grown, limits: [] },
    ];
  } finally {
    await place.close();
    rmSync(folder, { recursive: true });
  }
}

function listSubjects(place: Place, folder: string) {
  const node = findAgentNode(20) ?? '';
  const script = join(import.meta.dirname, 'scripts', 'requests.cjs');
  const path = 'SecretSauce/_apis/git/repositories/app/refs';
  const environment = {
    ...place.machineEnvironment,
    URL_TO_ASK: `${place.organization?.origin ?? ''}/MyOrg/${path}?api-version=7.1`,
    OUTPUT: join(folder, 'list.json'),
  };
  const against = 'script: all pages';
  const run = makeListRun({ total: PAGES * PAGE_SIZE, pageSize: PAGE_SIZE });
  const open = () => keepOpen(place);
  return [
    { name: against, against, run: () => runNode(node, [script], environment) },
    { name: 'task: all pages', against, run: () => runTask({ ...run, node, open }) },
  ];
}
