import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { Agent } from 'node:https';
import { isIP } from 'node:net';
import {
  createHttpHeaders,
  createPipelineRequest,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { Connections } from '../../../tasks/AzureDevOpsTokenV1/src/http/connections';
import { ProxyRoute } from '../../../tasks/AzureDevOpsTokenV1/src/http/proxy-route';

const URL_ = 'https://dev.azure.com/MyOrg/_apis/projects';
const PROXY = { host: 'http://proxy.example.com', port: 8080, source: 'agent' } as const;
const clock = { now: () => 0, elapsed: () => 0, sleep: () => Promise.resolve() };

/** Sends nothing; what the next in line gets is looked at. */
const response = (request: PipelineRequest, look?: (request: PipelineRequest) => void) => {
  look?.(request);
  const headers = createHttpHeaders();
  return Promise.resolve<PipelineResponse>({ request, status: 200, headers });
};
const agentOf = async (route: ProxyRoute, request: PipelineRequest) =>
  (await route.send(request, (prepared) => response(prepared))).request.agent;

describe('the way of a request', () => {
  let connections: Connections;

  beforeEach(() => {
    connections = new Connections(clock);
  });

  afterEach(() => {
    connections.destroy();
  });

  it('is by the connections of the step, over TLS', async () => {
    const route = new ProxyRoute({ proxy: undefined, connections });
    assert.equal(await agentOf(route, createPipelineRequest({ url: URL_ })), connections);
    const plain = createPipelineRequest({ url: 'http://127.0.0.1:1/https:' });
    assert.equal(await agentOf(route, plain), undefined);
    assert.equal(route.failedAt, 'server');
  });

  it('is by the connections of the HTTP client if the step has none', async () => {
    const request = createPipelineRequest({ url: URL_ });
    assert.equal(await agentOf(new ProxyRoute({ proxy: undefined }), request), undefined);
  });

  it('leads to the server once the proxy has connected', async () => {
    const route = new ProxyRoute({ proxy: PROXY, connections });
    const seen: string[] = [];
    await route.send(createPipelineRequest({ url: URL_ }), (request) =>
      response(request, ({ agent }) => {
        seen.push(route.failedAt);
        assert.ok(agent !== undefined && 'proxy' in agent);
        (agent as unknown as EventEmitter).emit('proxyConnect', { statusCode: 200 });
        seen.push(route.failedAt);
      }),
    );
    assert.deepEqual(seen, ['proxy', 'server']);
  });

  it('ends at a proxy that refuses, whatever comes in place of an answer', async () => {
    const route = new ProxyRoute({ proxy: PROXY, connections });
    const sent = route.send(createPipelineRequest({ url: URL_ }), (request) =>
      response(request, ({ agent }) => {
        (agent as unknown as EventEmitter).emit('proxyConnect', { statusCode: 407 });
      }),
    );
    await assert.rejects(sent, { code: 'PROXY_REFUSES', proxyStatus: 407 });
    assert.equal(route.failedAt, 'proxy');
  });
});

describe('a connection through a proxy', () => {
  const node = new Agent();
  const nameOf = (place: string) => {
    const [host = '', port = ''] = place.split(/:(?=\d+$)/);
    return node.getName({ host, port, servername: isIP(host) === 0 ? host : '' });
  };
  const proxied = (free: readonly string[] = [], destroyed = false) => {
    const agent = {
      getName: node.getName.bind(node),
      proxy: new URL('http://proxy.example.com:8080'),
      keepAlive: false,
      freeSockets: Object.fromEntries(free.map((place) => [nameOf(place), [{ destroyed }]])),
      isDestroyed: false,
      destroy: () => {
        agent.isDestroyed = true;
      },
    };
    return agent;
  };
  const requestBy = (agent: object | undefined, url = URL_) =>
    Object.assign(createPipelineRequest({ url }), { agent: agent as Connections | undefined });

  it('is kept, and taken by the next request to the same host', () => {
    const connections = new Connections(clock);
    const first = proxied();
    const request = requestBy(first);
    request.requestOverrides = { own: 1 };
    assert.equal(connections.reuse(request), false);
    assert.equal(first.keepAlive, true);
    assert.deepEqual(request.requestOverrides, { own: 1, secureEndpoint: true });
    Object.assign(first.freeSockets, { [nameOf('dev.azure.com:443')]: [{ destroyed: false }] });
    const second = requestBy(proxied());
    assert.equal(connections.reuse(second), true);
    assert.equal(second.agent, first);
    connections.destroy();
    assert.ok(first.isDestroyed);
  });

  for (const [name, free, url] of [
    ['none is free', [], URL_],
    ['it leads to another host', ['vssps.dev.azure.com:443'], URL_],
    ['it leads to another port', ['dev.azure.com:8443'], URL_],
    ['the request is for another port', ['dev.azure.com:443'], 'https://dev.azure.com:8443/'],
    ['it leads to a longer address', ['::1:443:443'], 'https://[::1]/'],
    ['the host only ends like that', ['a.dev.azure.com:443'], URL_],
  ] as const) {
    it(`is made again where ${name}`, () => {
      const connections = new Connections(clock);
      connections.reuse(requestBy(proxied(free)));
      const own = proxied();
      const request = requestBy(own, url);
      assert.equal(connections.reuse(request), false);
      assert.equal(request.agent, own);
      assert.equal(own.keepAlive, true);
    });
  }

  it('is made again where the free one is closed: its proxy could speak for the server', () => {
    const connections = new Connections(clock);
    connections.reuse(requestBy(proxied(['dev.azure.com:443'], true)));
    assert.equal(connections.reuse(requestBy(proxied())), false);
  });

  it('is taken by the next request to the same IPv6 address', () => {
    const connections = new Connections(clock);
    connections.reuse(requestBy(proxied(['::1:443'])));
    assert.equal(connections.reuse(requestBy(proxied(), 'https://[::1]/')), true);
  });

  it('is none where the request goes straight', () => {
    const connections = new Connections(clock);
    connections.reuse(requestBy(proxied(['dev.azure.com:443'])));
    for (const agent of [undefined, connections]) {
      const request = requestBy(agent);
      assert.equal(connections.reuse(request), false);
      assert.equal(request.agent, agent);
      assert.equal(request.requestOverrides, undefined);
    }
    connections.destroy();
  });
});
