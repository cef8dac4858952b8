// Draws the icons and the pictures from their sources in images/: `npm run draw`, after a change of one of them.
import { writeFileSync } from 'node:fs';
import { DARK_PICTURES, draw, ICONS, PICTURES } from './icons';

for (const drawing of [...ICONS, ...PICTURES, ...DARK_PICTURES]) {
  writeFileSync(drawing.target, draw(drawing).png);
}
