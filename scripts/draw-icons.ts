// Draws the icons and the pictures from their sources in images/: the second part of
// `npm run draw`, after a change of one of them or of a log that is shown.
import { writeFileSync } from 'node:fs';
import { DARK_PICTURES, draw, ICONS, PICTURES } from './icons';

for (const drawing of [...ICONS, ...PICTURES, ...DARK_PICTURES]) {
  writeFileSync(drawing.target, draw(drawing).png);
}
