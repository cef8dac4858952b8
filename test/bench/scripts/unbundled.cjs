// The same work as a token alone, by the same libraries, as they lie in node_modules.
'use strict';

const { ManagedIdentityCredential } = require('@azure/identity');
const tl = require('azure-pipelines-task-lib/task');

tl.getInput('clientId');
new ManagedIdentityCredential()
  .getToken('499b84ac-1321-427f-aa17-267ca6975798/.default')
  .then(({ token }) => {
    tl.setSecret(token);
    tl.setVariable('token', token, true, true);
    tl.setResult(tl.TaskResult.Succeeded, '');
  });
