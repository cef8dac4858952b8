// What the task is compared with: a token from the identity endpoint, in ten lines.
'use strict';

const http = require('node:http');

const base = process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST;
const path =
  '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=499b84ac-1321-427f-aa17-267ca6975798';
http.get(base + path, { headers: { Metadata: 'true' } }, (response) => {
  let body = '';
  response.on('data', (piece) => (body += piece));
  response.on('end', () => console.log(JSON.parse(body).access_token.length));
});
