// Environment variables that choose the identity, or what Node.js loads and trusts. No pipeline variable may set them for the
// task, and no step may set them for the credential helper of git.

/** The variables that choose where a token comes from, without secrets. */
export const IDENTITY_NAMES = [
  'IDENTITY_ENDPOINT',
  'IDENTITY_SERVER_THUMBPRINT',
  'IMDS_ENDPOINT',
  'MSI_ENDPOINT',
  'AZURE_POD_IDENTITY_AUTHORITY_HOST',
  'AZURE_AUTHORITY_HOST',
  'AZURE_FEDERATED_TOKEN_FILE',
  // On Windows, @azure/identity finds the agent of Azure Arc and its secrets by these variables.
  'PROGRAMFILES',
  'PROGRAMDATA',
] as const;

/** What a process shows to some identity endpoints. */
export const IDENTITY_SECRETS = ['IDENTITY_HEADER', 'MSI_SECRET'] as const;

// From the lists of Node.js (https://nodejs.org/docs/latest-v24.x/api/cli.html#environment-variables_1), OpenSSL
// (https://docs.openssl.org/3.5/man7/openssl-env/) and the loaders (https://man7.org/linux/man-pages/man8/ld.so.8.html).
// Not among them are names that neither load code, nor change trust, nor reveal what is sent: NODE_V8_COVERAGE and
// NODE_REDIRECT_WARNINGS write a file without values of ours, GLIBC_TUNABLES and MALLOC_* tune memory, LOCPATH names
// data for a locale that Node.js does not set, and Node.js without a REPL ignores NODE_REPL_EXTERNAL_MODULE.
export const NODE_NAMES = [
  'NODE_DEBUG',
  'NODE_DEBUG_NATIVE',
  'NODE_EXTRA_CA_CERTS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'NODE_USE_SYSTEM_CA',
  // Node.js 24 reads it before the task starts, and would send even the requests to the identity endpoint through a proxy.
  'NODE_USE_ENV_PROXY',
  'NODE_PATH',
  'NODE_COMPILE_CACHE',
  'NODE_ICU_DATA',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'SSLKEYLOGFILE',
  'OPENSSL_CONF',
  'OPENSSL_CONF_INCLUDE',
  'OPENSSL_ENGINES',
  'OPENSSL_MODULES',
  'LD_PRELOAD',
  'LD_AUDIT',
  'GCONV_PATH',
] as const;
