import { type Library, proxy } from './contract.ts';

/** Reads attributes as numbers and nothing else. */
export const rust: Library = {
  headers: (_, body) => [
    'content-type: application/json',
    'accept: */*',
    ...(body === undefined ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
  ],
  calls: [
    {
      send: 'POST /populate',
      body: '[{"name":"redis","listen":"127.0.0.1:0","upstream":"127.0.0.1:9","enabled":true,"toxics":[]}]',
      status: 201,
      reads: { proxies: [proxy()] },
    },
    { send: 'GET /proxies/redis', status: 200, reads: proxy() },
    {
      send: 'POST /proxies/redis/toxics',
      body: '{"name":"bandwidth_downstream","type":"bandwidth","stream":"downstream","toxicity":1.0,"attributes":{"rate":100}}',
      status: 200,
    },
    {
      send: 'GET /proxies/redis/toxics',
      status: 200,
      reads: [
        {
          name: 'bandwidth_downstream',
          type: 'bandwidth',
          stream: 'downstream',
          toxicity: 1,
          attributes: { rate: 100 },
        },
      ],
    },
    { send: 'DELETE /proxies/redis/toxics/bandwidth_downstream', status: 204 },
    { send: 'POST /proxies/redis', body: '{"enabled":false}', status: 200 },
    { send: 'POST /reset', status: 204 },
    { send: 'GET /proxies', status: 200, reads: { redis: proxy() } },
    { send: 'GET /version', status: 200 },
    { send: 'DELETE /proxies/redis', status: 204 },
  ],
};

/** Names a toxic's stream `direction`, which Toxiproxy passes over. */
export const noxious: Library = {
  headers: (_, body) => [
    ...(body === undefined ? [] : ['content-type: application/json']),
    'accept: */*',
    ...(body === undefined ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
  ],
  calls: [
    {
      send: 'POST /proxies',
      body: '{"name":"redis","listen":"127.0.0.1:0","upstream":"127.0.0.1:9","enabled":true}',
      status: 201,
      reads: proxy(),
    },
    {
      send: 'POST /proxies/redis/toxics',
      body: '{"type":"latency","attributes":{"latency":100,"jitter":5},"name":"slow","toxicity":0.6,"direction":"upstream"}',
      status: 200,
      reads: {
        name: 'slow',
        type: 'latency',
        stream: 'downstream',
        toxicity: 0.6,
        attributes: { latency: 100, jitter: 5 },
      },
    },
    {
      send: 'POST /proxies/redis/toxics',
      body: '{"type":"noop","name":"nothing","toxicity":1.0,"direction":"downstream"}',
      status: 200,
    },
    {
      send: 'POST /proxies/redis/toxics/slow',
      body: '{"type":"latency","attributes":{"latency":50,"jitter":0},"name":"slow","toxicity":1.0,"direction":"upstream"}',
      status: 200,
    },
    {
      send: 'POST /proxies/redis',
      body: '{"name":"redis","listen":"127.0.0.1:0","upstream":"127.0.0.1:9","enabled":false}',
      status: 200,
    },
    { send: 'DELETE /proxies/redis/toxics/slow', status: 204 },
    { send: 'POST /reset', status: 204 },
    { send: 'GET /proxies', status: 200, reads: { redis: proxy() } },
    { send: 'DELETE /proxies/redis', status: 204 },
  ],
};
