import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { getBearerHandler, getPersonalAccessTokenHandler, WebApi } from 'azure-devops-node-api';
import { authorityFile } from '../certificates';
import { startIdentityEndpoint, type IdentityEndpoint } from '../identity-endpoint';
import {
  startOrganization,
  type OrganizationOptions,
  type OrganizationServer,
} from './organization';

const RESOURCE = '499b84ac-1321-427f-aa17-267ca6975798';

describe('the organization of the emulator', () => {
  let endpoint: IdentityEndpoint;
  let server: OrganizationServer | undefined;
  let token = '';

  before(async () => {
    endpoint = await startIdentityEndpoint();
    const query = `api-version=2018-02-01&resource=${RESOURCE}`;
    const url = `${endpoint.origin}/metadata/identity/oauth2/token?${query}`;
    const answer = await fetch(url, { headers: { metadata: 'true' } });
    token = ((await answer.json()) as { access_token: string }).access_token;
  });

  after(() => endpoint.close());
  afterEach(() => server?.close());

  async function start(options: OrganizationOptions = {}): Promise<string> {
    server = await startOrganization({ issued: endpoint.tokens, isPlain: true, ...options });
    return server.origin;
  }

  const bearer = () => ({ authorization: `Bearer ${token}`, 'x-tfs-fedauthredirect': 'Suppress' });

  describe('to Microsoft’s own client, as it is', () => {
    it('tells who it is, its projects and its repositories', async () => {
      const origin = await start();
      const api = new WebApi(`${origin}/MyOrg`, getBearerHandler(token));
      const { authenticatedUser, deploymentType } = await api.connect();
      assert.equal(authenticatedUser?.providerDisplayName, 'agent-1');
      assert.ok(deploymentType !== undefined);
      const projects = await (await api.getCoreApi()).getProjects();
      assert.deepEqual(
        projects.map(({ name }) => name),
        ['SecretSauce'],
      );
      const repositories = await (await api.getGitApi()).getRepositories('SecretSauce');
      assert.deepEqual(
        repositories.map(({ name }) => name),
        ['app', 'library', 'media'],
      );
      const calls = server?.requests.map(({ method, url }) => `${method} ${url.pathname}`) ?? [];
      assert.ok(calls.includes('GET /MyOrg/SecretSauce/_apis/git/repositories'), calls.join());
    });

    it('takes the token as the password of Basic authentication, too', async () => {
      const api = new WebApi(`${await start()}/MyOrg`, getPersonalAccessTokenHandler(token));
      assert.equal((await api.connect()).authenticatedUser?.providerDisplayName, 'agent-1');
    });

    it('refuses a token of nobody', async () => {
      const api = new WebApi(`${await start()}/MyOrg`, getBearerHandler('a.b.c'));
      // It may get a page, which this client takes for a success.
      const user = await api.connect().then(
        ({ authenticatedUser }) => authenticatedUser,
        () => undefined,
      );
      assert.equal(user, undefined);
    });

    it('works over TLS with the authority of the emulators', async () => {
      const origin = await start({ isPlain: false });
      const script = `
        const { WebApi, getBearerHandler } = require('azure-devops-node-api');
        new WebApi('${origin}/MyOrg', getBearerHandler(process.env.TOKEN)).connect()
          .then(({ authenticatedUser }) => console.log(authenticatedUser.providerDisplayName));`;
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
        env: { NODE_EXTRA_CA_CERTS: await authorityFile(), TOKEN: token },
      });
      assert.equal(stdout, 'agent-1\n');
    });
  });

  it('asks whom it does not know to sign in: programs with a 401, people with a page', async () => {
    const url = `${await start()}/MyOrg/_apis/projects?api-version=7.1`;
    const page = await fetch(url);
    assert.equal(page.status, 203);
    assert.match(await page.text(), /Sign In/);
    const refusal = await fetch(url, { headers: { ...bearer(), authorization: 'Bearer a.b.c' } });
    assert.equal(refusal.status, 401);
    assert.match(refusal.headers.get('www-authenticate') ?? '', /authorization_uri=https:/);
    assert.match(await refusal.text(), /TF400813/);
  });

  it('counts connections', async () => {
    const origin = await start();
    const { port } = new URL(origin);
    for (let count = 0; count < 2; count += 1) {
      const socket = connect({ port: Number(port), host: '127.0.0.1' });
      await new Promise((resolve) => socket.on('error', resolve));
    }
    assert.equal(server?.connections(), 2);
  });
});
