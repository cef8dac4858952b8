import assert from 'node:assert/strict';
import {
  readServerMessage,
  readServerMessages,
} from '../../../tasks/AzureDevOpsTokenV1/src/http/server-message';
import { isSignInPage } from '../../../tasks/AzureDevOpsTokenV1/src/http/web-page';
import { untrustedText } from '../../../tasks/AzureDevOpsTokenV1/src/untrusted-text';
import { response } from './fake-response';

const json = (body: unknown) => JSON.stringify(body);
const HTML = { 'content-type': 'text/html; charset=us-ascii' };
const page = (title: string, body = '') =>
  `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN"><HTML><HEAD><TITLE>${title}</TITLE></HEAD><BODY>${body}</BODY></HTML>`;
/** An error of Azure DevOps. */
const error = (message: string, more: object = {}) =>
  json({ $id: '1', innerException: null, message, typeKey: 'VssException', errorCode: 0, ...more });

describe('the messages of a response', () => {
  for (const [name, [text, expected]] of Object.entries({
    // https://github.com/microsoft/azure-devops-node-api/issues/392
    'are in customProperties for a build that is not queued': [
      error('Could not queue the build because there were validation errors or warnings.', {
        customProperties: {
          ValidationResults: [
            {
              result: 'error',
              message: "A value for the 'environment' parameter must be provided.",
            },
            { result: 'error', message: "A value for the 'region' parameter must be provided." },
          ],
        },
      }),
      [
        'Could not queue the build because there were validation errors or warnings.',
        "A value for the 'environment' parameter must be provided.",
        "A value for the 'region' parameter must be provided.",
      ],
    ],
    // https://github.com/Azure/azure-devops-cli-extension/issues/106
    'are at the top of an exception of older versions': [
      json({
        ClassName: 'Microsoft.TeamFoundation.Build.WebApi.BuildRequestValidationFailedException',
        Message: 'Could not queue the build.',
        InnerException: null,
        StackTraceString: '   at Microsoft.TeamFoundation',
        ValidationResults: [{ result: 'error', message: 'The YAML is not valid.' }],
      }),
      ['Could not queue the build.', 'The YAML is not valid.'],
    ],
    // https://github.com/snuziale/vsts-extension-split-work/issues/25
    'of rules of a work item are there once': [
      error(
        'TF401320: Rule Error for field Injected. Error code: Required. One additional error.',
        {
          customProperties: {
            FieldReferenceName: null,
            ErrorMessage:
              'TF401320: Rule Error for field Injected. Error code: Required. One additional error.',
            RuleValidationErrors: [
              {
                fieldReferenceName: 'Scrum.Injected',
                errorMessage: 'TF401320: Rule Error for field Injected. Error code: Required.',
                ruleValidationErrors: null,
              },
              {
                fieldReferenceName: 'Scrum.Security',
                errorMessage: 'TF401320: Rule Error for field Security. Error code: Required.',
              },
            ],
          },
        },
      ),
      [
        'TF401320: Rule Error for field Injected. Error code: Required. One additional error.',
        'TF401320: Rule Error for field Security. Error code: Required.',
      ],
    ],
    // https://github.com/tfsaggregator/aggregator-cli/issues/115
    'are in the value of an error without a type': [
      json({ count: 1, value: { Message: "The resource does not support http method 'PATCH'." } }),
      ["The resource does not support http method 'PATCH'."],
    ],
    'are the value of an error without a type': [
      json({ count: 1, value: 'The request is invalid.' }),
      ['The request is invalid.'],
    ],
    'are the value of an error without a type, beside others': [
      json({ Message: 'Outer.', Count: 1, Value: 'Inner.' }),
      ['Outer.', 'Inner.'],
    ],
    'are not the value of a setting': [json({ id: 'x', value: 'secret' }), []],
    'are not the names in a list': [json({ count: 2, value: ['a', 'b'] }), []],
    'are in ModelState': [
      json({
        count: 1,
        value: {
          Message: 'The request is invalid.',
          ModelState: { 'build.definition': ['The definition is required.'] },
        },
      }),
      ['The request is invalid.', 'The definition is required.'],
    ],
    // https://github.com/nbrown02/FlowViz/issues/119
    'are in the errors of OData': [
      json({
        error: {
          code: '0',
          message: 'VS403483: The query specified in the URI is not valid.',
          innererror: {
            message: "Could not find a property named 'Titel'.",
            type: 'Microsoft.OData.ODataException',
            stacktrace: '   at Microsoft.OData',
          },
        },
      }),
      [
        'VS403483: The query specified in the URI is not valid.',
        "Could not find a property named 'Titel'.",
      ],
    ],
    'are in the errors of older versions of OData': [
      json({ 'odata.error': { code: '', message: { lang: 'en-US', value: 'Bad segment.' } } }),
      ['Bad segment.'],
    ],
    'are in inner exceptions': [
      error('An error occurred.', {
        innerException: inner('The feed is read-only.', inner('The disk is full.', null)),
      }),
      ['An error occurred.', 'The feed is read-only.', 'The disk is full.'],
    ],
    'are those of RFC 9457': [
      json({
        type: 'https://tools.ietf.org/html/rfc9110#section-15.5.1',
        title: 'One or more validation errors occurred.',
        status: 400,
        traceId: '00-1',
        errors: { '$.state': ['The JSON value could not be converted.'], name: ['Too long.'] },
      }),
      [
        'One or more validation errors occurred.',
        'The JSON value could not be converted.',
        'Too long.',
      ],
    ],
    'are in the results of a member entitlement': [
      json({
        isSuccess: false,
        operationResults: [
          { isSuccess: false, errors: [{ key: 5002, value: 'No more licenses are available.' }] },
        ],
      }),
      ['No more licenses are available.'],
    ],
    'are in an error with a description': [
      json({ error: 'invalid_request', error_description: 'No ID.' }),
      ['invalid_request', 'No ID.'],
    ],
    'are a text in JSON': [json('Not there.'), ['Not there.']],
    'are in a list': [json([{ message: 'a' }, { message: 'b' }]), ['a', 'b']],
    'are below unknown names of customProperties': [
      error('x', { customProperties: { Problems: [{ Message: 'y' }] } }),
      ['x', 'y'],
    ],
    'are not the names and codes around them': [json({ error: { code: 'x', target: 'y' } }), []],
    'are no data of other fields': [
      json({ id: 1, name: 'a', value: [{ name: 'b' }], title: 'c' }),
      [],
    ],
  } as const)) {
    it(name, () => {
      assert.deepEqual(readServerMessages(response(400, {}, text)), expected);
    });
  }

  for (const [name, [headers, text, expected]] of Object.entries({
    'are the whole of a plain text': [
      { 'content-type': 'text/plain' },
      ' Not\nthere. ',
      ['Not\nthere.'],
    ],
    'are the whole of a text without a type': [
      {},
      'upstream connect error',
      ['upstream connect error'],
    ],
    'are not in binary content': [{ 'content-type': 'application/octet-stream' }, 'PK', []],
    'are not in JSON that breaks off': [
      { 'content-type': 'application/json' },
      '{"message":"a',
      [],
    ],
    // https://serverfault.com/questions/856562
    'are the heading and the explanation of HTTP.sys': [
      HTML,
      page(
        'Bad Request',
        '<h2>Bad Request - Invalid URL</h2>\n<hr><p>HTTP Error 400. The request URL is invalid.</p>',
      ),
      ['Bad Request - Invalid URL', 'HTTP Error 400. The request URL is invalid.'],
    ],
    'are the title and the headings of IIS': [
      HTML,
      page(
        'IIS 10.0 Detailed Error - 404.15 - Not Found',
        '<h3>HTTP Error 404.15 - Not Found</h3><h4>The request filtering module is configured to deny a request where the query string is too long.</h4><h4>Most likely causes:</h4>',
      ),
      [
        'IIS 10.0 Detailed Error - 404.15 - Not Found',
        'HTTP Error 404.15 - Not Found',
        'The request filtering module is configured to deny a request where the query string is too long.',
      ],
    ],
    'are those of a page that starts with a comment': [
      HTML,
      `<!-- proxy 7 -->\n${page('Blocked by the proxy')}`,
      ['Blocked by the proxy'],
    ],
    'are those of a page that starts as XML': [
      { 'content-type': 'application/xhtml+xml' },
      `<?xml version="1.0" encoding="utf-8"?>\n${page('Request rejected')}`,
      ['Request rejected'],
    ],
    'are a text that is sent as a page': [
      { 'content-type': 'text/html; charset=utf-8' },
      'Host not in the list.\n',
      ['Host not in the list.'],
    ],
    'have no entities': [
      HTML,
      page('It&#39;s &quot;here&quot; &amp; &#x201C;there&#x201D;&nbsp;&unknown; &#9999999;'),
      ['It\'s "here" & “there” &unknown; &#9999999;'],
    ],
    'are not a status alone': [HTML, page('404'), []],
    'are not the title of a sign-in page': [
      HTML,
      page(' \n Azure DevOps Services | Sign In\n'),
      [],
    ],
    'are in the XML of a storage account': [
      { 'content-type': 'application/xml' },
      '\uFEFF<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.\nRequestId:1</Message></Error>',
      ['Server failed to authenticate the request. RequestId:1'],
    ],
    'are in a header if the body has none': [
      { 'x-tfs-serviceerror': 'TF400813%3a+x' },
      '',
      ['TF400813: x'],
    ],
    'are in a header that is not encoded': [{ 'x-tfs-serviceerror': 'a 100%' }, '', ['a 100%']],
    'are in the body rather than in a header': [
      { 'x-tfs-serviceerror': 'b' },
      json({ message: 'a' }),
      ['a'],
    ],
  } as const)) {
    it(name, () => {
      assert.deepEqual(readServerMessages(response(400, headers, text)), expected);
    });
  }

  it('of a success are not read from its content', () => {
    for (const [text, expected] of [
      [json({ message: 'a', customProperties: { x: [{ message: 'b' }] } }), ['a']],
      [json({ value: { Message: 'a' } }), []],
      [json({ message: { a: 'b' } }), []],
      [page('Coverage of secret.ts'), []],
      ['plain', []],
    ] as const) {
      assert.deepEqual(readServerMessages(response(200, HTML, text)), expected);
    }
  });

  it('of a 203 can be in its title', () => {
    const title = 'VS403463: The conditional access policy has failed.';
    assert.deepEqual(readServerMessages(response(203, HTML, page(title))), [title]);
  });

  it('are limited in number and depth', () => {
    const many = json({ errors: Array.from({ length: 1000 }, (_, index) => `m${index + 100}`) });
    assert.equal(readServerMessages(response(400, {}, many)).length, 10);
    const deep = `${'{"innerException":'.repeat(5000)}{"message":"x"}${'}'.repeat(5000)}`;
    assert.deepEqual(readServerMessages(response(400, {}, deep)), []);
  });

  it('are joined so that the last one is seen', () => {
    const text = error('x'.repeat(600), { customProperties: { y: [{ message: 'The reason' }] } });
    const joined = untrustedText(readServerMessage(response(400, {}, text)) ?? '');
    assert.match(joined, /^x{225}\. The reason\.$/);
  });

  it('are one text with a point between them', () => {
    const text = json({ error: 'invalid_request', error_description: 'No ID?', detail: 'x' });
    assert.equal(readServerMessage(response(400, {}, text)), 'invalid_request. No ID? x.');
    assert.equal(readServerMessage(response(400, {}, json({ message: 'TF1: a' }))), 'TF1: a');
    assert.equal(readServerMessage(response(400)), undefined);
  });

  it('are found in hostile bodies, in a time that grows with their size only', () => {
    for (const piece of [
      '<title',
      '<h1>',
      '<p>HTTP Error 1',
      '<form _sign',
      '<message>',
      '&#1',
      '[{"errors":',
    ]) {
      const text = piece.repeat(Math.floor(1_000_000 / piece.length));
      for (const body of [text, `<html>${text}`, `<${text}`]) {
        assert.ok(readServerMessages(response(400, HTML, body)).length <= 4, piece);
        assert.equal(isSignInPage(body), false, piece);
      }
    }
  });
});

function inner(message: string, innerException: object | null): object {
  return { $id: '2', innerException, message, typeKey: 'x', errorCode: 0 };
}
