import type { LoadScenario, LoadThreshold } from '../../core/plan.ts';
import { command, get, must, send } from './contract.ts';

/** What users of an AI-workspace platform do, as its sandbox answers it. */
export const WORKDAY: readonly LoadScenario[] = [
  { name: 'simple-query', weight: 30, requests: [get('/users/queries/simple?workspace={1..60}')] },
  { name: 'complex-query', weight: 25, requests: [get('/users/queries/complex?workspace={1..60}')] },
  {
    name: 'calculation',
    weight: 20,
    requests: [
      send('POST', '/users/calculations', '{"operation":"sum","values":[12.5,30,7.5,50]}', {
        check: { json: { result: 100 } },
      }),
      send('POST', '/users/calculations', '{"operation":"compound","values":[1000,5,2]}', {
        check: { json: { result: 1102.5 } },
      }),
    ],
  },
  {
    name: 'upload',
    weight: 10,
    requests: [
      send(
        'POST',
        '/users/uploads',
        '{"workspace":{1..60},"name":"notes-{n}.txt","content":"{text:16KiB}"}',
        {
          check: { status: 202 },
          save: { upload: 'id' },
        },
      ),
      get('/users/uploads/{upload}'),
    ],
  },
  { name: 'search', weight: 10, requests: [get('/users/search?q=report&workspace={1..60}')] },
  { name: 'account', weight: 5, requests: [get('/users/accounts/{1..60}')] },
];

/** How long each of them may take. */
export const WORKDAY_TIMES: readonly LoadThreshold[] = [
  ...must({ p95: '< 3s' }, { scenario: 'simple-query' }),
  ...must({ p95: '< 5s' }, { scenario: 'complex-query' }),
  ...must({ p95: '< 2s' }, { scenario: 'calculation' }),
  ...must({ p95: '< 30s' }, { scenario: 'upload' }),
  ...must({ p95: '< 3s' }, { scenario: 'search' }),
  ...must({ p95: '< 1s' }, { scenario: 'account' }),
];

export const TASKS: readonly LoadScenario[] = [
  {
    name: 'create-task',
    weight: 1,
    requests: [
      send('POST', '/workspaces/{1..60}/tasks', '{"title":"Prepare the figures for meeting {n}"}', {
        check: { status: 201 },
      }),
    ],
  },
];

const SIZES = [
  { size: 'small', text: '1KiB', weight: 50 },
  { size: 'medium', text: '16KiB', weight: 30 },
  { size: 'large', text: '128KiB', weight: 15 },
  { size: 'enterprise', text: '512KiB', weight: 5 },
] as const;

/** Agents that keep their state: 60% read, 40% write, of four sizes. */
export const AGENT_STATE: readonly LoadScenario[] = SIZES.flatMap(({ size, text, weight }) => [
  { name: `read-${size}`, weight: weight * 0.6, requests: [get(`/users/agents/${size}-{1..100}/state`)] },
  {
    name: `write-${size}`,
    weight: weight * 0.4,
    requests: [send('PUT', `/users/agents/${size}-{1..100}/state`, `{"state":"{text:${text}}"}`)],
  },
]);

/** Keys of its own that end by themselves. */
export const REDIS_KEYS: readonly LoadScenario[] = [
  { name: 'read', weight: 60, requests: [command('GET', 'faultline:load:{1..200}')] },
  {
    name: 'write',
    weight: 40,
    requests: [command('SET', 'faultline:load:{1..200}', '{text:1KiB}', 'EX', '60')],
  },
];
