import { differing, type Scene, type Sequence, type Step } from '../contract.ts';

const create = (name = 'p', more: object = {}): Step => ({
  send: 'POST /proxies',
  body: ({ upstream }: Scene) => ({ name, listen: '127.0.0.1:0', upstream, ...more }),
});
const get: Step = { send: 'GET /proxies/p' };
const all: Step = { send: 'GET /proxies' };

/** Texts that are no proxy, nor any other object that is asked for. */
const NO_OBJECT = [
  '',
  ' ',
  '{',
  '{"name":"p"',
  '[]',
  '[{}]',
  '"p"',
  '5',
  'true',
  '{"name":"p",}',
  "{'name':'p'}",
];

export const proxySequences: readonly Sequence[] = [
  {
    title: 'a proxy',
    steps: [
      all,
      create(),
      get,
      all,
      create(),
      create('P'),
      { send: 'DELETE /proxies/p' },
      get,
      { send: 'DELETE /proxies/p' },
      all,
    ],
  },
  {
    title: 'a proxy that is created',
    steps: [
      create('disabled', { enabled: false }),
      create('unresolved', { listen: 'localhost:0', enabled: false }),
      { send: 'POST /proxies', body: { name: 'off', upstream: 'x:1', enabled: false } },
      { send: 'PATCH /proxies/off', body: { enabled: true } },
      create('named', { listen: 'localhost:0' }),
      create('anywhere', { listen: '' }),
      create('port', { listen: ':0' }),
      create('six', { listen: '[::1]:0' }),
      create('toxics', { toxics: [{ type: 'latency' }], Logger: {}, other: 1 }),
      create('nulls', { enabled: null, listen: null }),
      create('upstream-is-no-address', { upstream: 'nonsense' }),
      create('with space'),
      create('ünï'),
      create('"quoted"'),
      create('<script>&'),
      all,
      ...['with%20space', '%C3%BCn%C3%AF', '%22quoted%22', '%3Cscript%3E&', 'with+space'].map((name) => ({
        send: `GET /proxies/${name}`,
      })),
      ...['with%20space', '%C3%BCn%C3%AF'].map((name) => ({ send: `DELETE /proxies/${name}` })),
      all,
      differing('054', create('any4', { listen: '0.0.0.0:0' })),
    ],
  },
  {
    title: 'a proxy that cannot be created',
    steps: [
      ...[
        ...NO_OBJECT,
        'null',
        '{}',
        '{"name":""}',
        '{"name":"p"}',
        '{"name":"p","upstream":""}',
        '{"upstream":"x:1"}',
        '{"name":5,"upstream":"x:1"}',
        '{"name":"p","upstream":["x:1"]}',
        '{"name":"p","upstream":"x:1","enabled":"yes"}',
        '{"name":"p","upstream":"x:1","listen":8080}',
      ].map((body) => ({ send: 'POST /proxies', body })),
      ...['nonsense', '127.0.0.1', '127.0.0.1:99999', '127.0.0.1:no-service'].map((listen) =>
        differing('043', create('p', { listen })),
      ),
      {
        send: 'POST /proxies',
        body: ({ upstream, taken }: Scene) => ({ name: 'p', listen: taken, upstream }),
      },
      create('p', { listen: '192.0.2.1:0' }),
      all,
    ],
  },
  {
    title: 'JSON as Go reads it',
    steps: [
      { send: 'POST /proxies', body: '{"Name":"a","UPSTREAM":"x:1","Enabled":false,"Listen":"127.0.0.1:0"}' },
      { send: 'POST /proxies', body: '{"name":"e","name":"f","upstream":"x:1","enabled":false}' },
      { send: 'POST /proxies', body: '\ufeff{"name":"g","upstream":"x:1","enabled":false}' },
      { send: 'POST /proxies', body: '  \n{"name":"h","upstream":"x:1","enabled":false}\n\n' },
      all,
      differing('049', { send: 'POST /proxies', body: '{"name":"b","upstream":"x:1"} {"name":"c"}' }),
      differing('049', { send: 'POST /proxies', body: '{"name":"d","upstream":"x:1"} garbage' }),
    ],
  },
  ...['POST', 'PATCH'].map((method): Sequence => {
    const update = (body: unknown): Step => ({ send: `${method} /proxies/p`, body });
    return {
      title: `a proxy that is updated by ${method}`,
      steps: [
        create(),
        update({ enabled: false }),
        update({ enabled: false }),
        update({}),
        update({ enabled: true }),
        update({ enabled: true }),
        update({ Enabled: false }),
        update({ name: 'other' }),
        { send: 'GET /proxies/other' },
        update({ upstream: '127.0.0.1:1' }),
        update({ upstream: '' }),
        update({ enabled: null, upstream: null, listen: null, toxics: [] }),
        update((scene: Scene) => ({
          name: 'p',
          listen: scene.listen('p'),
          upstream: scene.upstream,
          enabled: true,
        })),
        update((scene: Scene) => ({ listen: scene.taken })),
        get,
        update({ listen: '127.0.0.1:0', enabled: true }),
        update({ listen: 'localhost:0' }),
        update({ listen: '' }),
        differing('043', update({ listen: 'nonsense' })),
        ...[...NO_OBJECT, 'null', '{"enabled":"no"}', '{"listen":1}'].map(update),
        get,
        { send: `${method} /proxies/none`, body: '{' },
      ],
    };
  }),
  {
    title: 'populate',
    steps: [
      ...[
        '[]',
        'null',
        '[null]',
        '["p"]',
        '[{"name":"p"}]',
        '[{"upstream":"x:1"}]',
        '[{}]',
        '',
        '{',
        '{}',
      ].map((body) => ({
        send: 'POST /populate',
        body,
      })),
      populate(({ upstream }) => [
        { name: 'a', listen: '127.0.0.1:0', upstream },
        { name: 'b', listen: '127.0.0.1:0', upstream, enabled: false },
      ]),
      { send: 'POST /proxies/a/toxics', body: { type: 'latency' } },
      populate((scene) => [
        { name: 'a', listen: scene.listen('a'), upstream: scene.upstream, enabled: false },
      ]),
      populate((scene) => [{ name: 'a', listen: scene.listen('a'), upstream: 'x:1' }]),
      { send: 'POST /proxies/a/toxics', body: { type: 'latency' } },
      populate(() => [{ name: 'a', listen: '127.0.0.1:0', upstream: 'x:1' }]),
      populate(() => [{ name: 'a', listen: '127.0.0.1:0', upstream: 'x:1' }, { name: 'c' }]),
      populate(() => [{ name: 'a', listen: '127.0.0.1:0', upstream: 'x:1', enabled: null }]),
      populate(() => [{ Name: 'A', Listen: '127.0.0.1:0', Upstream: 'x:1', Enabled: true }]),
      populate(({ upstream, taken }) => [
        { name: 'd', listen: '127.0.0.1:0', upstream },
        { name: 'e', listen: taken, upstream },
        { name: 'f', listen: '127.0.0.1:0', upstream },
      ]),
      differing(
        '043',
        populate(() => [{ name: 'g', listen: 'nonsense', upstream: 'x:1' }]),
      ),
      differing(
        '043',
        populate(() => [{ name: 'a', listen: 'nonsense', upstream: 'x:1' }]),
      ),
      populate(() => [
        { name: 'h', listen: '127.0.0.1:0', upstream: 'x:1' },
        { name: 'h', listen: '127.0.0.1:0', upstream: 'y:1' },
      ]),
      all,
    ],
  },
  {
    title: 'populate with an address that is taken, over a proxy that is there',
    steps: [
      create('a'),
      { send: 'POST /proxies/a/toxics', body: { type: 'latency' } },
      populate(({ taken }) => [{ name: 'a', listen: taken, upstream: 'x:1' }]),
      all,
    ],
  },
  {
    title: 'reset',
    steps: [
      { send: 'POST /reset' },
      create('a'),
      create('b', { enabled: false }),
      { send: 'POST /proxies/a/toxics', body: { type: 'timeout' } },
      { send: 'POST /proxies/b/toxics', body: { type: 'latency', stream: 'upstream' } },
      { send: 'POST /reset' },
      all,
      {
        send: 'POST /proxies',
        body: ({ upstream, taken }: Scene) => ({ name: 'c', listen: taken, upstream, enabled: false }),
      },
      { send: 'POST /reset' },
      { send: 'GET /proxies/c' },
    ],
  },
];

/** Toxiproxy never gets rid of these: they come last. */
export const unremovableNames: Sequence = {
  title: 'names that Toxiproxy takes and cannot find again',
  steps: [
    create('a/b'),
    create('.'),
    { send: 'GET /proxies/a/b' },
    ...['a%2Fb', '.', '%2E'].map((name) => differing('053', { send: `GET /proxies/${name}` })),
    ...['a%2Fb', '.'].map((name) => differing('053', { send: `DELETE /proxies/${name}` })),
  ],
};

function populate(body: (scene: Scene) => unknown): Step {
  return { send: 'POST /populate', body };
}
