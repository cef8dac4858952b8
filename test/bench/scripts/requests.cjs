// What the task is compared with where it asks Azure DevOps: a token, and then GET after GET for as long as there is a
// continuation token; the items go to the file that OUTPUT names, where it does.
'use strict';

const { writeFileSync } = require('node:fs');
const http = require('node:http');
const https = require('node:https');

const base = process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST;
const path =
  '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=499b84ac-1321-427f-aa17-267ca6975798';
const agent = new https.Agent({ keepAlive: true });
const items = [];

function get(client, url, options, use) {
  client.get(url, options, (response) => {
    let body = '';
    response.on('data', (piece) => (body += piece));
    response.on('end', () => use(JSON.parse(body), response.headers));
  });
}

function ask(token, continuation) {
  const url = new URL(process.env.URL_TO_ASK);
  if (continuation !== undefined) {
    url.searchParams.set('continuationToken', continuation);
  }
  const headers = { authorization: `Bearer ${token}`, 'x-tfs-fedauthredirect': 'Suppress' };
  get(https, url, { agent, headers }, (page, answered) => {
    items.push(...(page.value ?? []));
    const next = answered['x-ms-continuationtoken'];
    if (next !== undefined) {
      ask(token, next);
      return;
    }
    if (process.env.OUTPUT !== undefined) {
      writeFileSync(process.env.OUTPUT, JSON.stringify({ count: items.length, value: items }));
    }
    agent.destroy();
  });
}

get(http, base + path, { headers: { Metadata: 'true' } }, ({ access_token: token }) => ask(token));
