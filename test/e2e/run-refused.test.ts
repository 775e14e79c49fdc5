import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isGone } from '../../src/drivers/process.ts';
import { Lab } from '../support/experiment.ts';
import { type Service, startPostgres } from '../support/services.ts';

const LATENCY = '{ proxy: web, type: latency, attributes: { latency: 1 } }';

let lab: Lab;
beforeEach(async () => {
  lab = new Lab();
  await lab.open();
});
afterEach(() => lab.close());

function planeIsGone(): boolean {
  const { pid, startTime } = lab.of('data-plane')[0]!;
  return isGone({ pid: pid!, startTime: startTime!, bootId: '' });
}

describe('a run is refused with exit 6 and a sentence', () => {
  const nothingInjected = () => expect(lab.of('step-intended')).toEqual([]);

  test('when a port is in use', async () => {
    const squatter = createServer().listen(lab.proxyPort, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      const result = await lab.run(lab.experiment(LATENCY));
      expect(result.exit).toBe(6);
      expect(result.sentence).toContain(
        `Cannot listen on 127.0.0.1:${lab.proxyPort} for proxy "web": the port is in use`,
      );
      nothingInjected();
    } finally {
      squatter.close();
    }
  });

  test('when the upstream cannot be reached', async () => {
    const file = lab.experiment(LATENCY);
    await lab.closeUpstream();
    const result = await lab.run(file);
    expect(result.exit).toBe(6);
    expect(result.sentence).toContain(
      `The upstream of proxy "web", 127.0.0.1:${lab.upstreamPort}, cannot be reached: ECONNREFUSED`,
    );
    nothingInjected();
    expect(planeIsGone()).toBe(true);
  });

  test('when something else listens on the control address', async () => {
    const other = createServer((socket) => socket.end('hello\n')).listen(lab.controlPort, '127.0.0.1');
    await once(other, 'listening');
    try {
      const result = await lab.run(lab.experiment(LATENCY));
      expect(result.exit).toBe(6);
      expect(result.sentence).toContain(`At 127.0.0.1:${lab.controlPort} listens`);
      nothingInjected();
    } finally {
      other.close();
    }
  });

  describe('when a probe cannot do its work', () => {
    let postgres: Service;
    beforeAll(async () => {
      postgres = await startPostgres({ password: 'right' });
    });
    afterAll(() => postgres.stop());

    test('such as one whose password Postgres refuses: the baseline is not healthy, and the password is nowhere', async () => {
      lab.limits('env: [DATABASE_URL]\n');
      const probe = `    - name: tasks-lost
      postgres: { url: "\${DATABASE_URL}", query: "select 0" }
      every: 100ms
      expect: { value: "== 0" }`;
      const url = postgres.url.replace(':right@', ':wr0ng-marked@');
      const file = lab.experiment(LATENCY, { probe });
      const result = await lab.run(file, { environment: { DATABASE_URL: url } });
      expect(result.exit).toBe(6);
      expect(result.sentence).toMatch(/^refused: the baseline is not healthy: .*"tasks-lost".*password/i);
      nothingInjected();
      for (const [path, text] of lab.files()) expect(text.includes('wr0ng-marked'), path).toBe(false);
    });
  });
});
