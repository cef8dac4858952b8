// What a server can do to a request besides a proper response, for the emulators.
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** What a server does to one request in place of the proper response. */
export type Fault =
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string | readonly string[]>>;
      /** Text, bytes, or a value to be sent as JSON. */
      readonly body?: unknown;
    }
  /** Takes the connection and says nothing; `afterHeaders`: not even a body. */
  | { readonly kind: 'silence'; readonly afterHeaders?: boolean }
  /** Sends the proper response one byte at a time. */
  | { readonly kind: 'slow'; readonly msPerByte: number }
  /** Promises the proper response, or another status from an unnamed server, and hangs up in the middle of it. */
  | { readonly kind: 'truncated'; readonly status?: number }
  /** Responds with something that is not HTTP. */
  | { readonly kind: 'raw'; readonly text: string }
  | { readonly kind: 'reset' };

/** The content of a response; a body that is text is a page. */
export interface Content {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

export function send(response: ServerResponse, status: number, { body, headers }: Content): void {
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  const contentType = isRaw ? 'text/html' : 'application/json; charset=utf-8';
  const type = body === '' ? {} : { 'content-type': contentType };
  response.writeHead(status, { ...type, ...(headers as object) });
  response.end(isRaw ? body : JSON.stringify(body));
}

/** @param content the proper response */
export function spoil(fault: Fault, response: ServerResponse, content: Content): void {
  const proper = JSON.stringify(content.body);
  const promiseProper = () => {
    const type = { 'content-type': 'application/json; charset=utf-8' };
    const length = { 'content-length': Buffer.byteLength(proper) };
    response.writeHead(200, { ...type, ...(content.headers as object), ...length });
  };
  switch (fault.kind) {
    case 'response':
      send(response, fault.status, { body: fault.body ?? '', headers: fault.headers ?? {} });
      return;
    case 'silence':
      if (fault.afterHeaders === true) {
        promiseProper();
        response.flushHeaders();
      }
      return;
    case 'slow':
      promiseProper();
      response.flushHeaders();
      sendSlowly(response, proper, fault.msPerByte);
      return;
    case 'truncated':
      if (fault.status === undefined) {
        promiseProper();
      } else {
        response.writeHead(fault.status, { 'content-length': proper.length });
      }
      response.write(proper.slice(0, proper.length / 2), () => response.destroy());
      return;
    case 'raw':
      response.socket?.end(fault.text);
      return;
    case 'reset':
      reset(response.socket);
      return;
  }
}

function sendSlowly(response: ServerResponse, text: string, msPerByte: number): void {
  let sent = 0;
  const timer = setInterval(() => {
    response.write(text.charAt(sent));
    sent += 1;
    if (sent === text.length) {
      clearInterval(timer);
      response.end();
    }
  }, msPerByte);
  response.on('close', () => {
    clearInterval(timer);
  });
}

function reset(socket: Socket | null): void {
  // A connection with TLS cannot be reset from here; to its client it looks the same.
  if (socket instanceof TLSSocket) {
    socket.destroy();
  } else {
    socket?.resetAndDestroy();
  }
}
