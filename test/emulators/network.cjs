// Preloaded into a task: the names of the internet, and addresses that are named, lead to servers on this machine, or nowhere.
'use strict';

const { Socket, isIP } = require('node:net');

const ports = JSON.parse(process.env.NETWORK);
const { connect } = Socket.prototype;

Socket.prototype.connect = function (...args) {
  const list = Array.isArray(args[0]) ? args[0] : args;
  const options = list[0];
  if (typeof options === 'object' && options.host) {
    const port = ports[options.host];
    if (port) {
      list[0] = { ...options, host: '127.0.0.1', port };
    } else if (!isLocal(options.host)) {
      // No server has this name as its address; what connects is told that there is none.
      list[0] = { ...options, lookup: findNothing };
    }
  }
  return connect.apply(this, args);
};

function isLocal(host) {
  return host === 'localhost' || isIP(host) !== 0;
}

function findNothing(host, _options, callback) {
  const error = new Error(`getaddrinfo ENOTFOUND ${host}`);
  process.nextTick(callback, Object.assign(error, { code: 'ENOTFOUND' }));
}
