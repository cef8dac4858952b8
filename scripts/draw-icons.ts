// Draws the icons from their sources in images/: `npm run draw`, after a change of one of them.
import { writeFileSync } from 'node:fs';
import { drawIcon, ICONS } from './icons';

for (const icon of ICONS) {
  writeFileSync(icon.target, drawIcon(icon));
}
