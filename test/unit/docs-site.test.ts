import assert from 'node:assert/strict';
import { linkPage, parseDocsUrl } from '../../scripts/docs-site';

describe('--docs-url', () => {
  for (const [text, [folder, repository]] of Object.entries({
    'https://github.com/MyOrg/task/blob/v{version}': [
      'https://github.com/MyOrg/task/blob/v1.2.3/',
      'https://github.com/MyOrg/task',
    ],
    'https://gitlab.com/MyOrg/task/-/blob/v{version}/': [
      'https://gitlab.com/MyOrg/task/-/blob/v1.2.3/',
      'https://gitlab.com/MyOrg/task',
    ],
    'https://bitbucket.org/MyOrg/task/src/v{version}': [
      'https://bitbucket.org/MyOrg/task/src/v1.2.3/',
      'https://bitbucket.org/MyOrg/task',
    ],
    'https://docs.myorg.example/{version}//': [
      'https://docs.myorg.example/1.2.3/',
      'https://docs.myorg.example/1.2.3/',
    ],
  } as const)) {
    it(`names the pages of a version: ${text}`, () => {
      assert.deepEqual(parseDocsUrl(text, '1.2.3'), { folder, repository });
    });
  }

  for (const [text, reason] of [
    ['', /must be the URL of the top folder/],
    ['docs/{version}', /must be the URL of the top folder/],
    ['http://myorg.example/{version}', /must be an https URL/],
    ['https://me@myorg.example/{version}', /must be an https URL/],
    ['https://myorg.example/{version}?a=b', /must be an https URL/],
    ['https://myorg.example/{version}#a', /must be an https URL/],
    ['https://github.com/MyOrg/task/blob/main', /must contain \{version\}/],
  ] as const) {
    it(`is refused: ${text}`, () => {
      assert.throws(() => parseDocsUrl(text, '1.2.3'), reason);
    });
  }
});

describe('the links of a packaged page', () => {
  const SITE = parseDocsUrl('https://github.com/MyOrg/task/blob/v{version}', '1.2.3');
  const PAGE =
    '[Git](docs/recipes/git.md#push), [Entra](https://learn.microsoft.com/entra), [inputs](#inputs), ![How](images/how.png) [![Log](images/log.png)](docs/log.md)';

  it('become absolute', () => {
    const folder = 'https://github.com/MyOrg/task/blob/v1.2.3/';
    assert.equal(
      linkPage(PAGE, SITE),
      `[Git](${folder}docs/recipes/git.md#push), [Entra](https://learn.microsoft.com/entra), [inputs](#inputs), ![How](images/how.png) [![Log](images/log.png)](${folder}docs/log.md)`,
    );
  });

  it('become text if no one can follow them', () => {
    assert.equal(
      linkPage(PAGE, undefined),
      'Git, [Entra](https://learn.microsoft.com/entra), [inputs](#inputs), ![How](images/how.png) ![Log](images/log.png)',
    );
  });
});
