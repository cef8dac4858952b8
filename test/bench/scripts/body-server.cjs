// A server over TLS, in a process of its own: GET /…/N has N MiB, what is sent to it is thrown away. It writes its port.
'use strict';

const { createServer } = require('node:https');

const MIB = 1024 * 1024;
const PIECE = Buffer.alloc(MIB, 'abcdefgh');
const { CERTIFICATE: cert, KEY: key } = process.env;

createServer({ cert, key }, (request, response) => {
  let left = Number(/\/(\d+)(?:\?|$)/.exec(request.url)?.[1] ?? 0);
  request.resume();
  request.on('end', () => {
    response.writeHead(200, {
      'content-length': left * MIB,
      'content-type': 'application/octet-stream',
      'x-tfs-processid': 'bench',
    });
    const write = () => {
      while (left > 0) {
        left -= 1;
        if (!response.write(PIECE)) {
          response.once('drain', write);
          return;
        }
      }
      response.end();
    };
    write();
  });
}).listen(0, '127.0.0.1', function () {
  console.log(this.address().port);
});
