import { differing, type Scene, type Sequence } from '../contract.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const ROUTES = [
  '/proxies',
  '/populate',
  '/reset',
  '/version',
  '/proxies/none',
  '/proxies/none/toxics',
  '/proxies/none/toxics/none',
];
const create = {
  send: 'POST /proxies',
  body: ({ upstream }: Scene) => ({ name: 'p', listen: '127.0.0.1:0', upstream }),
};

export const routeSequences: readonly Sequence[] = [
  {
    title: 'every method on every route',
    steps: ROUTES.flatMap((path) => METHODS.map((method) => ({ send: `${method} ${path}` }))),
  },
  {
    title: 'no such route',
    steps: [
      'GET /',
      'GET /none',
      'POST /none',
      'GET /proxies/',
      'POST /proxies/',
      'GET /populate/',
      'POST /reset/',
      'GET /version/',
      'GET /proxies/none/',
      'GET /proxies/none/none',
      'GET /proxies/none/toxics/',
      'GET /proxies/none/toxics/none/none',
      'GET /PROXIES',
      'GET /Version',
      'GET /version?x=1',
      'GET /proxies?x=1#y',
      'GET /proxies/%zz',
    ].map((send) => ({ send })),
  },
  {
    title: 'paths that Go would tidy up',
    steps: ['GET //proxies', 'GET /proxies//toxics', 'GET /./version', 'GET /proxies/../version'].map(
      (send) => differing('053', { send }),
    ),
  },
  {
    title: 'browsers',
    steps: [
      'GET /proxies',
      'POST /reset',
      'GET /version',
      'GET /none',
      'PUT /proxies',
      'GET /proxies/none',
      'GET /proxies/none/toxics',
    ].map((send) => ({ send, headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' } })),
  },
  {
    title: 'other user agents',
    steps: ['mozilla/5.0', 'Mozilla', 'toxiproxy-cli/v2.12.0 (linux/amd64)', 'curl/8.5.0', ''].map(
      (agent) => ({
        send: 'GET /proxies',
        headers: { 'user-agent': agent },
      }),
    ),
  },
  {
    title: 'content types',
    steps: [
      undefined,
      'application/json; charset=utf-8',
      'application/x-www-form-urlencoded',
      'text/plain',
      'application/octet-stream',
      'nonsense',
    ].map((type, index) => ({
      send: 'POST /proxies',
      body: ({ upstream }: Scene) => ({ name: `p${index}`, listen: '127.0.0.1:0', upstream }),
      headers: type === undefined ? {} : { 'content-type': type },
    })),
  },
  {
    title: 'bodies where none is looked at',
    steps: [
      create,
      { send: 'POST /reset', body: '{' },
      { send: 'POST /reset', body: { proxies: [] }, headers: { 'content-type': 'application/json' } },
      { send: 'DELETE /proxies/p', body: '{', headers: { 'content-length': '1' } },
    ],
  },
];
