// The emulator is not only our own idea of the protocol: Microsoft's client, unmodified and with its default options,
// gets its token from it too.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createVerify } from 'node:crypto';
import { promisify } from 'node:util';
import {
  AZURE_DEVOPS,
  DEPLOY,
  RELEASE,
  startIdentityEndpoint,
  SYSTEM_ASSIGNED,
  TENANT_ID,
  type IdentityEndpoint,
  type IdentityEndpointOptions,
} from './identity-endpoint';
import { TOKEN_KEY } from './token-issuer';

const METADATA = { Metadata: 'true' };
const IDENTITIES = [SYSTEM_ASSIGNED, DEPLOY, RELEASE];
const PATH = '/metadata/identity/oauth2/token';
const GOOD = `${PATH}?api-version=2018-02-01&resource=${AZURE_DEVOPS}`;

interface Body {
  readonly access_token: string;
  readonly error: string;
  readonly error_description: string;
}

describe('the identity endpoint of the tests', () => {
  let endpoint: IdentityEndpoint;

  async function start(options: IdentityEndpointOptions = {}) {
    endpoint = await startIdentityEndpoint({ identities: IDENTITIES, ...options });
  }

  async function get(path: string, init: RequestInit = { headers: METADATA }) {
    const response = await fetch(`${endpoint.origin}${path}`, init);
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Body,
    };
  }

  afterEach(() => endpoint.close());

  for (const [name, options, expected] of [
    ['no id', {}, SYSTEM_ASSIGNED],
    ['a client id', { clientId: DEPLOY.clientId }, DEPLOY],
    ['an object id', { objectId: RELEASE.objectId }, RELEASE],
    ['a resource id', { resourceId: DEPLOY.resourceId }, DEPLOY],
  ] as const) {
    it(`serves an unmodified @azure/identity that names ${name}`, async () => {
      await start();
      const script = `
        const { ManagedIdentityCredential } = require('@azure/identity');
        new ManagedIdentityCredential(${JSON.stringify(options)})
          .getToken('${AZURE_DEVOPS}/.default')
          .then((token) => console.log(JSON.stringify(token)));`;
      const env = { PATH: process.env['PATH'], AZURE_POD_IDENTITY_AUTHORITY_HOST: endpoint.origin };
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { env });
      const { token, expiresOnTimestamp } = JSON.parse(stdout) as {
        token: string;
        expiresOnTimestamp: number;
      };
      const claims = JSON.parse(
        Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
      ) as Record<string, unknown>;
      assert.equal(claims['appid'], expected.clientId);
      // The library reckons from the seconds that are left, and rounds them.
      assert.ok(Math.abs(Number(claims['exp']) - expiresOnTimestamp / 1000) <= 2);
    });
  }

  it('signs its tokens, and fills them with the claims of version 1', async () => {
    await start({ identities: [SYSTEM_ASSIGNED] });
    const { body } = await get(GOOD);
    const [header = '', payload = '', signature = ''] = body.access_token.split('.');
    const verifier = createVerify('RSA-SHA256').update(`${header}.${payload}`);
    assert.ok(verifier.verify(TOKEN_KEY, signature, 'base64url'));
    const decode = (part: string) =>
      JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
    assert.equal(decode(header)['alg'], 'RS256');
    const claims = decode(payload);
    assert.deepEqual(
      [
        claims['aud'],
        claims['tid'],
        claims['oid'],
        claims['appid'],
        claims['ver'],
        claims['xms_mirid'],
      ],
      [
        AZURE_DEVOPS,
        TENANT_ID,
        SYSTEM_ASSIGNED.objectId,
        SYSTEM_ASSIGNED.clientId,
        '1.0',
        SYSTEM_ASSIGNED.resourceId,
      ],
    );
  });

  it('says every value of its answer as text, as IMDS does', async () => {
    await start();
    const { body } = await get(GOOD);
    assert.ok(Object.values(body).every((value) => typeof value === 'string'));
  });

  for (const [name, path, init, status, words] of [
    ['no Metadata header', GOOD, {}, 400, 'Required metadata header'],
    [
      'a proxy on the way',
      GOOD,
      { headers: { ...METADATA, 'X-Forwarded-For': '10.0.0.1' } },
      400,
      'X-Forwarded-For',
    ],
    ['another method', GOOD, { method: 'POST', headers: METADATA }, 405, 'Method'],
    ['another path', '/metadata/instance?api-version=2018-02-01', undefined, 404, 'Not found'],
    ['no version', `${PATH}?resource=${AZURE_DEVOPS}`, undefined, 400, 'api-version'],
    ['an old version', GOOD.replace('2018-02-01', '2017-12-01'), undefined, 400, 'api-version'],
    ['no resource', `${PATH}?api-version=2018-02-01`, undefined, 400, 'AADSTS500011'],
    ['a name twice', `${GOOD}&resource=x`, undefined, 400, 'Duplicate'],
    ['two identities', `${GOOD}&client_id=x&object_id=y`, undefined, 400, 'Only one'],
    ['an unknown identity', `${GOOD}&client_id=x`, undefined, 400, 'Identity not found'],
  ] as const) {
    it(`refuses ${name}`, async () => {
      await start();
      const answer = await get(path, init);
      assert.equal(answer.status, status);
      assert.ok(JSON.stringify(answer.body).includes(words), JSON.stringify(answer.body));
      assert.match(answer.headers.get('server') ?? '', /^IMDS\//);
    });
  }

  it('takes the path with a slash at its end', async () => {
    await start();
    assert.equal((await get(GOOD.replace('token?', 'token/?'))).status, 200);
  });
});
