#!/usr/bin/env node
// Stands in for `dotnet restore` and `dotnet nuget push` with the Azure Artifacts Credential Provider, as far as where they get a
// password from, and how they show it. FeedEndpointCredentialsParser.cs and EnvUtil.cs in microsoft/artifacts-credprovider;
// https://learn.microsoft.com/nuget/consume-packages/consuming-packages-authenticated-feeds
const { readFileSync } = require('node:fs');
const { request: requestPlain } = require('node:http');
const { request } = require('node:https');
const tls = require('node:tls');

const [, name, source] = /<add key="([^"]+)" value="([^"]+)"/.exec(
  readFileSync('nuget.config', 'utf8'),
);

function findCredential() {
  const own = /^Username=(.*);Password=(.*)$/.exec(
    process.env[`NuGetPackageSourceCredentials_${name}`] ?? '',
  );
  if (own !== null) {
    return own.slice(1);
  }
  const endpoints =
    process.env.ARTIFACTS_CREDENTIALPROVIDER_EXTERNAL_FEED_ENDPOINTS ??
    process.env.VSS_NUGET_EXTERNAL_FEED_ENDPOINTS ??
    '{"endpointCredentials":[]}';
  const found = JSON.parse(endpoints).endpointCredentials.find(
    ({ endpoint }) => new URL(endpoint).href.toLowerCase() === new URL(source).href.toLowerCase(),
  );
  return found === undefined ? undefined : [found.username ?? 'VssSessionToken', found.password];
}

function connect({ host }) {
  const proxy = new URL(process.env.HTTPS_PROXY);
  return new Promise((resolve, reject) => {
    requestPlain(proxy, { method: 'CONNECT', path: `${host}:443` })
      .on('connect', (_, socket) => resolve(socket))
      .on('error', reject)
      .end();
  });
}

async function ask(url, { method = 'GET', auth, body } = {}) {
  const socket = await connect(new URL(url));
  return new Promise((resolve, reject) => {
    request(
      url,
      {
        method,
        auth,
        createConnection: () => tls.connect({ socket, servername: new URL(url).hostname }),
      },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          socket.destroy();
          resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() });
        });
      },
    )
      .on('error', reject)
      .end(body);
  });
}

async function main([command, , file]) {
  const credential = findCredential();
  const auth = credential?.join(':');
  const first = await ask(source);
  const index = first.status === 401 ? await ask(source, { auth }) : first;
  if (index.status !== 200) {
    throw new Error(`error NU1301: ${source}: ${index.status}`);
  }
  if (command === 'nuget') {
    const { resources } = JSON.parse(index.text);
    const { '@id': address } = resources.find((one) => one['@type'].startsWith('PackagePublish/'));
    const { status } = await ask(address, { method: 'PUT', auth, body: readFileSync(file) });
    if (status >= 300) {
      throw new Error(`error: ${address}: ${status}`);
    }
  }
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
