import { type Library, proxy } from './contract.ts';

/** Names no content type, and sends `null` for a name or an address that it was not given. */
export const php: Library = {
  headers: (_, body) => [
    ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    'User-Agent: GuzzleHttp/7',
  ],
  calls: [
    {
      send: 'POST /proxies',
      body: '{"name":"redis","upstream":"127.0.0.1:9","listen":"127.0.0.1:0"}',
      status: 201,
      reads: proxy(),
    },
    { send: 'POST /proxies', body: '{"name":"any","upstream":"127.0.0.1:9","listen":null}', status: 201 },
    { send: 'POST /proxies', body: '{"name":"any","upstream":"127.0.0.1:9","listen":null}', status: 409 },
    {
      send: 'POST /populate',
      body: '[{"name":"other","upstream":"127.0.0.1:9","listen":"127.0.0.1:0"}]',
      status: 201,
      reads: { proxies: [{ ...proxy(), name: 'other' }] },
    },
    {
      send: 'POST /proxies/redis/toxics',
      body: '{"name":null,"stream":"downstream","type":"latency","toxicity":1,"attributes":{"latency":100,"jitter":50}}',
      status: 200,
      reads: {
        name: 'latency_downstream',
        type: 'latency',
        stream: 'downstream',
        toxicity: 1,
        attributes: { latency: 100, jitter: 50 },
      },
    },
    {
      send: 'POST /proxies/redis/toxics/latency_downstream',
      body: '{"name":"latency_downstream","stream":"downstream","type":"latency","toxicity":0.5,"attributes":{"latency":200,"jitter":0}}',
      status: 200,
    },
    { send: 'GET /proxies/redis/toxics/none', status: 404 },
    {
      send: 'POST /proxies/redis',
      body: '{"name":"redis","listen":"127.0.0.1:0","upstream":"127.0.0.1:9","enabled":false}',
      status: 200,
    },
    { send: 'GET /proxies', status: 200 },
    { send: 'DELETE /proxies/redis/toxics/latency_downstream', status: 204 },
    { send: 'POST /reset', body: '', status: 204 },
    { send: 'GET /proxies/redis', status: 200, reads: proxy() },
    { send: 'GET /version', status: 200, reads: { version: '2.12.0' } },
    { send: 'DELETE /proxies/redis', status: 204 },
  ],
};
