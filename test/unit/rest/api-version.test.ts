import assert from 'node:assert/strict';
import {
  addVersion,
  findOfferedVersion,
  isAboutVersion,
  isPreviewOnly,
} from '../../../tasks/AzureDevOpsTokenV1/src/rest/api-version';
import { response } from '../http/fake-response';

const say = (message: string, typeKey = 'VssException', status = 400) =>
  response(status, {}, JSON.stringify({ message, typeKey }));
const PREVIEW =
  'The requested version "7.1" of the resource is under preview. The -preview flag must be supplied in the api-version for such requests. For example: "7.1-preview"';
const OUT_OF_RANGE =
  'The requested REST API version of 9.0 is out of range for this server. The latest REST API version this server supports is 7.2.';
const NONE =
  'No api-version was supplied for the "GET" request. The version must be supplied either as part of the Accept header (e.g. "application/json; api-version=1.0") or as a query parameter (e.g. "?api-version=1.0").';

describe('the version of a call', () => {
  for (const [url, expected] of [
    ['https://dev.azure.com/a', 'https://dev.azure.com/a?api-version=7.1'],
    ['https://dev.azure.com/a?', 'https://dev.azure.com/a?api-version=7.1'],
    ['https://dev.azure.com/a?b=%2F$c', 'https://dev.azure.com/a?b=%2F$c&api-version=7.1'],
    ['https://dev.azure.com/a?api-version=6.0', 'https://dev.azure.com/a?api-version=6.0'],
    ['https://dev.azure.com/a?b&API-VERSION=6.0', 'https://dev.azure.com/a?b&API-VERSION=6.0'],
    ['https://dev.azure.com/api-version', 'https://dev.azure.com/api-version?api-version=7.1'],
  ] as const) {
    it(`is in ${url} then: ${expected}`, () => {
      assert.equal(addVersion(new URL(url), '7.1', 'application/json').href, expected);
    });
  }

  it('may be in the Accept header', () => {
    const url = new URL('https://dev.azure.com/a');
    assert.equal(addVersion(url, '7.1', 'application/json; API-Version = 6.0'), url);
    assert.notEqual(addVersion(url, '7.1', undefined), url);
  });
});

describe('a refusal', () => {
  for (const [name, given, expected] of [
    ['of a preview', say(PREVIEW, 'VssInvalidPreviewVersionException'), [true, true]],
    ['of a preview, by its words alone', say(PREVIEW), [true, true]],
    ['out of range', say(OUT_OF_RANGE, 'VssVersionOutOfRangeException'), [true, false]],
    ['out of range, by its words alone', say(OUT_OF_RANGE), [true, false]],
    ['without a version', say(NONE), [true, false]],
    ['by its type alone', say('x', 'VssVersionNotSupportedException'), [true, false]],
    ['about something else', say('The field version is wrong.'), [false, false]],
    ['with another status', say(PREVIEW, 'VssInvalidPreviewVersionException', 404), [false, false]],
    ['without words', response(400), [false, false]],
  ] as const) {
    it(`${name} is ${expected[0] ? '' : 'not '}about the version`, () => {
      assert.deepEqual([isAboutVersion(given), isPreviewOnly(given)], expected);
    });
  }

  for (const [serverMessage, version] of [
    [PREVIEW, '7.1-preview'],
    [PREVIEW.replace('"7.1-preview"', '"7.1-preview.2"'), '7.1-preview.2'],
    [OUT_OF_RANGE, '7.2'],
    [NONE, '7.1'],
    ['REST API version?', '7.1'],
  ] as const) {
    it(`leads to ${version}`, () => {
      assert.equal(findOfferedVersion(say(serverMessage)), version);
    });
  }
});
