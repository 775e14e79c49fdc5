import { type Library, proxy } from './contract.ts';

/** Sends `null` for what it was not told, and asks for the version before it dares to send PATCH. */
export const ruby: Library = {
  headers: (method, body) => [
    ...(method === 'GET' || body !== undefined || method === 'POST'
      ? ['Content-Type: application/json']
      : []),
    'Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3',
    'Accept: */*',
    'User-Agent: Ruby',
    ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ],
  calls: [
    {
      send: 'POST /populate',
      body: '[{"name":"redis","upstream":"127.0.0.1:9","listen":"127.0.0.1:0"}]',
      status: 201,
      reads: { proxies: [proxy()] },
    },
    {
      send: 'POST /proxies',
      body: '{"upstream":"127.0.0.1:9","name":"other","listen":"localhost:0","enabled":null}',
      status: 201,
      reads: { ...proxy(), name: 'other' },
    },
    { send: 'GET /version', status: 200, reads: { version: '2.12.0' } },
    { send: 'PATCH /proxies/redis', body: '{"enabled":false}', status: 200, reads: proxy(false) },
    { send: 'PATCH /proxies/redis', body: '{"enabled":true}', status: 200, reads: proxy() },
    {
      send: 'POST /proxies/redis/toxics',
      body: '{"name":"latency_upstream","type":"latency","stream":"upstream","toxicity":1.0,"attributes":{"latency":100}}',
      status: 200,
      reads: {
        name: 'latency_upstream',
        type: 'latency',
        stream: 'upstream',
        toxicity: 1,
        attributes: { latency: 100, jitter: 0 },
      },
    },
    { send: 'GET /proxies/redis/toxics', status: 200 },
    { send: 'DELETE /proxies/redis/toxics/latency_upstream', status: 204 },
    { send: 'DELETE /proxies/redis/toxics/latency_upstream', status: 404 },
    {
      send: 'POST /proxies/redis/toxics',
      body: '{"name":"wrong_downstream","type":"wrong","stream":"downstream","toxicity":1.0,"attributes":{}}',
      status: 400,
      reads: { error: 'invalid toxic type', status: 400 },
    },
    { send: 'POST /reset', body: '', status: 204 },
    { send: 'GET /proxies', status: 200, reads: { redis: proxy(), other: { ...proxy(), name: 'other' } } },
    { send: 'DELETE /proxies/redis', status: 204 },
  ],
};
