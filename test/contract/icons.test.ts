import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { drawIcon, ICONS } from '../../scripts/icons';

describe('the icons', () => {
  for (const icon of ICONS) {
    const name = basename(icon.target);
    const png = readFileSync(icon.target);

    it(`${name} is what its source draws`, () => {
      assert.ok(drawIcon(icon).equals(png), 'run npm run draw');
    });

    it(`${name} is a PNG of ${icon.size}×${icon.size} pixels`, () => {
      assert.equal(png.subarray(1, 4).toString(), 'PNG');
      assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [icon.size, icon.size]);
    });
  }

  it('are of the sizes that Azure DevOps asks for', () => {
    assert.deepEqual(
      ICONS.map(({ size }) => size),
      [128, 32],
    );
  });
});
