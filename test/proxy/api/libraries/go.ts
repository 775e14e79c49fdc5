import { type Library, proxy } from './contract.ts';

const toxic = (more: object = {}) => ({
  name: 'latency_downstream',
  type: 'latency',
  stream: 'downstream',
  toxicity: 1,
  attributes: { latency: 100, jitter: 0 },
  ...more,
});

/** Sends the whole proxy back at each change, toxics too, and changes toxics by PATCH. */
export const go: Library = {
  headers: (_, body) => [
    'User-Agent: toxiproxy-cli',
    ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    'Content-Type: application/json',
    'Accept-Encoding: gzip',
  ],
  calls: [
    {
      send: 'POST /proxies',
      body: '{"name":"redis","listen":"127.0.0.1:0","upstream":"127.0.0.1:9","enabled":true,"toxics":null}',
      status: 201,
      reads: proxy(),
    },
    {
      send: 'POST /proxies/redis/toxics',
      body: '{"name":"","type":"latency","stream":"downstream","toxicity":1,"attributes":{"latency":100}}',
      status: 200,
      reads: toxic(),
    },
    {
      send: 'PATCH /proxies/redis/toxics/latency_downstream',
      body: '{"attributes":{"jitter":10},"toxicity":0.5}',
      status: 200,
      reads: toxic({ toxicity: 0.5, attributes: { latency: 100, jitter: 10 } }),
    },
    { send: 'GET /proxies/redis/toxics', status: 200 },
    {
      send: 'POST /proxies/redis',
      body: '{"name":"redis","listen":"127.0.0.1:0","upstream":"127.0.0.1:9","enabled":false,"toxics":[{"name":"latency_downstream","type":"latency","stream":"downstream","toxicity":0.5,"attributes":{"jitter":10,"latency":100}}]}',
      status: 200,
    },
    {
      send: 'POST /populate',
      body: '[{"name":"a","listen":"127.0.0.1:0","upstream":"127.0.0.1:9","enabled":true,"toxics":null}]',
      status: 201,
      reads: { proxies: [{ ...proxy(), name: 'a' }] },
    },
    { send: 'DELETE /proxies/redis/toxics/latency_downstream', status: 204 },
    { send: 'POST /reset', body: '', status: 204 },
    { send: 'GET /proxies', status: 200, reads: { redis: proxy(), a: { ...proxy(), name: 'a' } } },
    { send: 'GET /version', status: 200, reads: { version: '2.12.0' } },
    { send: 'GET /proxies/none', status: 404, reads: { error: 'proxy not found', status: 404 } },
    {
      send: 'POST /proxies',
      body: '{"name":"redis","listen":"127.0.0.1:0","upstream":"127.0.0.1:9","enabled":true,"toxics":null}',
      status: 409,
      reads: { error: 'proxy already exists', status: 409 },
    },
    { send: 'DELETE /proxies/redis', status: 204 },
  ],
};
