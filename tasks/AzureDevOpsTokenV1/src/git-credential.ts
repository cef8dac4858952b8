// git starts this file, by the configuration that git/git-config.ts writes. Its Node.js is that of the step.
// The path is relative to the built folder. The bundler does not touch this call.
(require('./task.js') as typeof import('./task')).startCredentialHelper();
