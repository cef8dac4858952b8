import assert from 'node:assert/strict';
import { parseExpiry } from '../../../tasks/AzureDevOpsTokenV1/src/identity/token-expiry';

const NOW = Date.parse('2030-01-01T12:00:00.750Z');
const AT = '2030-06-20T02:57:58.000Z';
const SECONDS = Date.parse(AT) / 1000;

describe('the expiry of a token response', () => {
  for (const value of [
    SECONDS,
    String(SECONDS),
    ` ${SECONDS} `,
    AT,
    '2030-06-20T02:57:58Z',
    '2030-06-20T04:57:58+02:00',
    '6/20/2030 2:57:58 AM +00:00',
    '06/20/2030 02:57:58 +00:00',
    '6/20/2030 4:57:58 AM +02:00',
    '6/19/2030 9:57:58 PM -05:00',
  ]) {
    it(`is read from expires_on ${JSON.stringify(value)}`, () => {
      const expiry = parseExpiry({ expires_on: value, expires_in: 5 }, NOW);
      assert.equal(expiry?.toISOString(), AT);
    });
  }

  it('knows noon and midnight', () => {
    for (const [text, hour] of [
      ['6/20/2030 12:00:00 AM +00:00', '00'],
      ['6/20/2030 12:00:00 PM +00:00', '12'],
    ] as const) {
      const expiry = parseExpiry({ expires_on: text }, NOW);
      assert.equal(expiry?.toISOString(), `2030-06-20T${hour}:00:00.000Z`);
    }
  });

  for (const value of [3600, '3600', 3600.0, -60, '0']) {
    it(`is read from expires_in ${JSON.stringify(value)}, from now on`, () => {
      const expiry = parseExpiry({ expires_in: value }, NOW);
      assert.equal(expiry?.getTime(), Math.floor(NOW / 1000) * 1000 + Number(value) * 1000);
    });
  }

  for (const value of [
    undefined,
    null,
    '',
    'soon',
    {},
    [],
    true,
    '13/20/2030 2:57:58 AM +00:00',
    '2030-13-20T02:57:58Z',
    '1e3',
    '0x10',
    '9'.repeat(400),
    1e300,
  ]) {
    const name = JSON.stringify({ value });
    it(`is none if it is ${name.slice(0, 40)}, and expires_in counts instead of expires_on`, () => {
      assert.equal(parseExpiry({ expires_on: value, expires_in: value }, NOW), undefined);
      const expiry = parseExpiry({ expires_on: value, expires_in: 60 }, NOW);
      assert.equal(expiry?.toISOString(), '2030-01-01T12:01:00.000Z');
    });
  }
});
