// Runs steps with emulators and draws their logs as images/*.svg: the first part of `npm run draw`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildTask, ROOT } from './build-task';
import { drawLog, LOG_PICTURES } from './log-pictures';

await buildTask();
for (const picture of LOG_PICTURES) {
  writeFileSync(join(ROOT, 'images', `${picture.name}.svg`), await drawLog(picture));
}
