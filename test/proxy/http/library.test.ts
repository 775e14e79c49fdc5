import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const PROGRAM = `
  import http from 'node:http';
  import { startFront } from './test/proxy/http/front.ts';
  const server = http.createServer((_, response) => response.end('forwarded'));
  server.listen(0, '127.0.0.1', async () => {
    const front = await startFront('127.0.0.1:' + server.address().port);
    console.log(await (await fetch(front.url + '/a%20b/../c')).text());
    process.exit();
  });
`;

describe('http-proxy', () => {
  it('shows users no deprecation warning, not even one that is still pending', async () => {
    const child = spawn(
      process.execPath,
      ['--pending-deprecation', '--import', 'tsx', '--input-type=module', '--eval', PROGRAM],
      { cwd: root },
    );
    let out = '';
    let warnings = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      warnings += chunk;
    });
    await new Promise((resolve) => child.once('close', resolve));
    expect(out).toBe('forwarded\n');
    expect(warnings).not.toMatch(/DEP0060|DEP0169|_extend|url\.parse|http-proxy/);
  });
});
