import assert from 'node:assert/strict';
import { readText } from '../contract/files';
import { findAuditProblems, type AuditException } from '../../scripts/audit-report';

const URL_OF_ONE = 'https://example.com/advisory';
const report = (...names: readonly string[]) =>
  JSON.stringify({
    vulnerabilities: Object.fromEntries(
      names.map((name) => [
        name,
        { via: [{ name, title: 'It leaks', url: URL_OF_ONE, severity: 'high' }, 'another'] },
      ]),
    ),
  });
const exception = (more: Partial<AuditException> = {}): AuditException => ({
  advisory: URL_OF_ONE,
  package: 'one',
  reason: 'not reached',
  until: '2027-01-31',
  ...more,
});
const TODAY = '2027-01-31';

describe('the audit of the shipped packages', () => {
  it('is content where there is nothing', () => {
    assert.deepEqual(findAuditProblems(report(), [], TODAY), []);
  });

  it('names a vulnerability, once', () => {
    const again = /\{"name".*?\}/.exec(report('one'))?.[0] ?? '';
    const twice = report('one').replace('"another"', again);
    assert.deepEqual(findAuditProblems(twice, [], TODAY), [`one (high): It leaks. ${URL_OF_ONE}`]);
  });

  it('leaves out what was decided on, to the last day', () => {
    assert.deepEqual(findAuditProblems(report('one'), [exception()], TODAY), []);
    const problems = findAuditProblems(report('one'), [exception({ until: '2027-01-30' })], TODAY);
    assert.deepEqual(problems, [
      `one (high): It leaks. ${URL_OF_ONE}`,
      `the exception for one was good until 2027-01-30: ${URL_OF_ONE}`,
    ]);
  });

  it('leaves out no other package, and no exception for nothing', () => {
    assert.deepEqual(findAuditProblems(report('two'), [exception()], TODAY), [
      `two (high): It leaks. ${URL_OF_ONE}`,
      `the exception for one is for nothing: ${URL_OF_ONE}`,
    ]);
  });

  it('fails where there is no report', () => {
    for (const text of ['', 'no JSON', '{}', '{"message":"405"}']) {
      assert.match(findAuditProblems(text, [], TODAY).join(), /^npm audit gave no report: /);
    }
    assert.match(findAuditProblems('{"message":"405"}', [], TODAY).join(), /405$/);
  });

  it('has exceptions that say why and until when', () => {
    const exceptions = JSON.parse(readText('docs/audit-exceptions.json')) as AuditException[];
    for (const { advisory, reason, until } of exceptions) {
      assert.match(advisory, /^https:\/\/github\.com\/advisories\/GHSA-/);
      assert.ok(reason.length > 20);
      assert.match(until, /^\d{4}-\d{2}-\d{2}$/);
    }
  });
});
