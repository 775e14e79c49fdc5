import { type Library, proxy } from './contract.ts';

/** Begins the names of fields with a capital, and sends proxies in chunks. */
export const dotnet: Library = {
  headers: (_, body) => [
    ...(body === undefined ? [] : ['Content-Type: application/json; charset=utf-8']),
    ...(body === '' ? ['Content-Length: 0'] : []),
  ],
  chunked: (send) => !send.includes('/toxics'),
  calls: [
    {
      send: 'POST /proxies',
      body: '{"Name":"redis","Listen":"127.0.0.1:0","Upstream":"127.0.0.1:9","Enabled":true}',
      status: 201,
      reads: proxy(),
    },
    {
      send: 'POST /proxies',
      body: '{"Name":"redis","Listen":"127.0.0.1:0","Upstream":"127.0.0.1:9","Enabled":true}',
      status: 409,
    },
    {
      send: 'POST /proxies/redis/toxics',
      body: '{"Attributes":{"Latency":1000,"Jitter":10},"Type":"latency","Name":"slow","Stream":"UpStream","Toxicity":0.5}',
      status: 200,
      reads: {
        name: 'slow',
        type: 'latency',
        stream: 'upstream',
        toxicity: 0.5,
        attributes: { latency: 1000, jitter: 10 },
      },
    },
    {
      send: 'POST /proxies/redis/toxics',
      body: '{"Attributes":{"average_size":5,"size_variation":2,"Delay":10},"Type":"slicer"}',
      status: 200,
      reads: {
        name: 'slicer_downstream',
        type: 'slicer',
        stream: 'downstream',
        toxicity: 1,
        attributes: { average_size: 5, size_variation: 2, delay: 10 },
      },
    },
    {
      send: 'POST /proxies/redis/toxics/slow',
      body: '{"Attributes":{"Latency":50,"Jitter":0},"Type":"latency","Name":"slow","Stream":null,"Toxicity":null}',
      status: 200,
      reads: {
        name: 'slow',
        type: 'latency',
        stream: 'upstream',
        toxicity: 0.5,
        attributes: { latency: 50, jitter: 0 },
      },
    },
    {
      send: 'POST /proxies/redis',
      body: '{"Name":"redis","Listen":"127.0.0.1:0","Upstream":"127.0.0.1:9","Enabled":false}',
      status: 200,
    },
    { send: 'DELETE /proxies/redis/toxics/slow', status: 204 },
    { send: 'POST /reset', body: '', status: 204 },
    { send: 'GET /proxies', status: 200, reads: { redis: proxy() } },
    { send: 'GET /proxies/redis/toxics', status: 200, reads: [] },
    { send: 'DELETE /proxies/redis', status: 204 },
  ],
};
