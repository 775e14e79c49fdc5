import { type Library, proxy } from './contract.ts';

/** Writes spaces into its JSON, and a length of 0 on DELETE. */
export const python: Library = {
  headers: (method, body) => [
    'User-Agent: python-requests/2.34.2',
    'Accept-Encoding: gzip, deflate',
    'Accept: */*',
    'Connection: keep-alive',
    ...(method === 'GET' ? [] : [`Content-Length: ${Buffer.byteLength(body ?? '')}`]),
    ...(body ? ['Content-Type: application/json'] : []),
  ],
  calls: [
    { send: 'GET /proxies', status: 200, reads: {} },
    {
      send: 'POST /proxies',
      body: '{"upstream": "127.0.0.1:9", "name": "redis", "listen": "127.0.0.1:0"}',
      status: 201,
      reads: proxy(),
    },
    {
      send: 'POST /proxies/redis/toxics',
      body: '{"name": "latency_downstream", "type": "latency", "stream": "downstream", "toxicity": 1.0, "attributes": {"latency": 100}}',
      status: 200,
    },
    {
      send: 'GET /proxies/redis/toxics',
      status: 200,
      reads: [
        {
          name: 'latency_downstream',
          type: 'latency',
          stream: 'downstream',
          toxicity: 1,
          attributes: { latency: 100, jitter: 0 },
        },
      ],
    },
    { send: 'POST /proxies/redis', body: '{"enabled": false}', status: 200 },
    { send: 'POST /proxies/redis', body: '{"enabled": true}', status: 200 },
    { send: 'DELETE /proxies/redis/toxics/latency_downstream', status: 204 },
    { send: 'POST /reset', status: 204 },
    { send: 'GET /version', status: 200 },
    { send: 'DELETE /proxies/redis/toxics/none', status: 404 },
    { send: 'DELETE /proxies/redis', status: 204 },
  ],
};
