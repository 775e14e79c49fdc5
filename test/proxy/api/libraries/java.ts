import { type Library, proxy } from './contract.ts';

/** Calls its JSON a form, and sends a POST without a body and without its length. */
export const java: Library = {
  headers: (_, body) => [
    'User-Agent: Java/17.0.15',
    'Accept: text/html, image/gif, image/jpeg, */*; q=0.2',
    'Connection: keep-alive',
    ...(body === undefined
      ? []
      : ['Content-type: application/x-www-form-urlencoded', `Content-Length: ${Buffer.byteLength(body)}`]),
  ],
  calls: [
    {
      send: 'POST /proxies',
      body: '{"name":"redis","listen":"127.0.0.1:0","upstream":"127.0.0.1:9"}',
      status: 201,
      reads: proxy(),
    },
    {
      send: 'POST /proxies/redis/toxics',
      body: '{"name":"cut","stream":"upstream","toxicity":1.0,"type":"slicer","attributes":{"average_size":10,"size_variation":0,"delay":5}}',
      status: 200,
      reads: {
        name: 'cut',
        type: 'slicer',
        stream: 'upstream',
        toxicity: 1,
        attributes: { average_size: 10, size_variation: 0, delay: 5 },
      },
    },
    {
      send: 'POST /proxies/redis/toxics',
      body: '{"name":"narrow","stream":"downstream","toxicity":1.0,"type":"bandwidth","attributes":{"rate":1000}}',
      status: 200,
      reads: {
        name: 'narrow',
        type: 'bandwidth',
        stream: 'downstream',
        toxicity: 1,
        attributes: { rate: 1000 },
      },
    },
    { send: 'POST /proxies/redis/toxics/cut', body: '{"attributes":{"delay":10}}', status: 200 },
    { send: 'POST /proxies/redis/toxics/cut', body: '{"toxicity":0.5}', status: 200 },
    {
      send: 'GET /proxies/redis/toxics/cut',
      status: 200,
      reads: {
        name: 'cut',
        type: 'slicer',
        stream: 'upstream',
        toxicity: 0.5,
        attributes: { average_size: 10, size_variation: 0, delay: 10 },
      },
    },
    { send: 'GET /proxies/redis/toxics', status: 200 },
    { send: 'POST /proxies/redis', body: '{"enabled":false}', status: 200 },
    { send: 'POST /proxies/redis', body: '{"listen":"127.0.0.1:0"}', status: 200 },
    { send: 'POST /reset', status: 204 },
    { send: 'GET /proxies/redis', status: 200, reads: proxy() },
    { send: 'DELETE /proxies/redis/toxics/cut', status: 404 },
    { send: 'DELETE /proxies/redis', status: 204 },
    { send: 'GET /version', status: 200, reads: { version: '2.12.0' } },
  ],
};
