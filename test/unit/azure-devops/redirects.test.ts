import assert from 'node:assert/strict';
import { findNextHop } from '../../../tasks/AzureDevOpsTokenV1/src/azure-devops/redirects';
import { PATIENCE } from '../../../tasks/AzureDevOpsTokenV1/src/azure-devops/repeating';
import type { Call } from '../../../tasks/AzureDevOpsTokenV1/src/azure-devops/request';
import { answer } from './fake-answer';

const CALL: Call = {
  method: 'GET',
  url: new URL('https://dev.azure.com/MyOrg'),
  getToken: () => Promise.resolve('a.b.c'),
  patience: PATIENCE,
  followsRedirect: () => true,
};
const next = (status: number, location: string, call: Partial<Call> = {}) =>
  findNextHop({ ...CALL, ...call }, answer(status, { location }))?.href;

describe('the next hop', () => {
  it('is where the answer says, also relative to where it is from', () => {
    assert.equal(next(302, 'https://example.com/x?y'), 'https://example.com/x?y');
    assert.equal(next(302, '/Other/x'), 'https://dev.azure.com/Other/x');
  });

  for (const status of [301, 302, 303, 307, 308]) {
    it(`is that of a ${status}`, () => {
      assert.equal(next(status, 'https://example.com/'), 'https://example.com/');
    });
  }

  for (const status of [200, 201, 300, 304, 305, 400]) {
    it(`is not that of a ${status}`, () => {
      assert.equal(next(status, 'https://example.com/'), undefined);
    });
  }

  for (const [name, location] of Object.entries({
    'without TLS': 'http://dev.azure.com/x',
    'of another kind': 'file:///etc/passwd',
    'to sign in': 'https://login.microsoftonline.com/common',
    'that is none': 'https://[',
  })) {
    it(`is none ${name}`, () => {
      assert.equal(next(302, location), undefined);
    });
  }

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    it(`is none of a ${method}`, () => {
      assert.equal(next(302, 'https://example.com/', { method }), undefined);
    });
  }

  it('is that of a HEAD', () => {
    assert.ok(next(302, 'https://example.com/', { method: 'HEAD' }));
  });

  it('is only where the call follows', () => {
    const followsRedirect = (status: number) => status !== 302;
    assert.equal(next(302, 'https://example.com/', { followsRedirect }), undefined);
    assert.ok(next(301, 'https://example.com/', { followsRedirect }));
    const { method, url, patience } = CALL;
    const location = { location: 'https://example.com/' };
    assert.equal(findNextHop({ method, url, patience }, answer(302, location)), undefined);
  });
});
