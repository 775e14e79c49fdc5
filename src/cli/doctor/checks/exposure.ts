import { existsSync, readFileSync, statSync } from 'node:fs';
import { CONTROL_TOKEN_VARIABLES, controlToken } from '../../../core/control-token.ts';
import { isLoopback } from '../../../proxy/host-port.ts';
import { Tokens, tokensFile } from '../../../server/guards/tokens.ts';
import { type Check, type Finding, ok, refused, type Setup, warning } from '../contract.ts';
import { problemsOf } from './files.ts';

export const exposure: Check = {
  name: 'exposure',
  async look(setup) {
    const findings = [
      ...(await ofControl(setup)),
      ...(await ofProxies(setup)),
      ...readableByOthers([setup.environment[CONTROL_TOKEN_VARIABLES[1]], tokensFile(setup.cwd)]),
    ];
    const amiss = findings.some(({ level }) => level !== 'ok');
    return amiss ? findings : [ok('reached from this machine only, or with a token'), ...findings];
  },
};

async function ofControl({ cwd, control, environment }: Setup): Promise<readonly Finding[]> {
  let token: string | undefined;
  const problems = problemsOf(() => {
    token = controlToken(environment, (path) => readFileSync(path, 'utf8'));
  }, 'Give a good one, such as of "openssl rand -hex 32".');
  if (problems.length > 0) return problems;
  const known = new Tokens(tokensFile(cwd)).list().length;
  const served = ok(
    known > 0
      ? `${known} ${known === 1 ? 'token' : 'tokens'} of the control plane`
      : 'the control plane has no tokens: it serves this machine only',
  );
  if (token !== undefined || (await isLoopback(control))) return [served];
  return [
    refused(
      `the control address ${control} is reached from beyond this machine, and has no token`,
      'Set FAULTLINE_CONTROL_TOKEN_FILE, or take 127.0.0.1.',
    ),
  ];
}

async function ofProxies({ config }: Setup): Promise<readonly Finding[]> {
  const judged = await Promise.all(
    (config?.proxies ?? []).map(async ({ name, listen }) => ({
      name,
      listen,
      near: await isLoopback(listen),
    })),
  );
  return judged
    .filter(({ near }) => !near)
    .map(({ name, listen }) =>
      warning(
        `proxy "${name}" listens on ${listen}: whoever reaches that reaches its upstream`,
        'Listen on 127.0.0.1, or let only the system under test reach it.',
      ),
    );
}

function readableByOthers(paths: readonly (string | undefined)[]): readonly Finding[] {
  return paths
    .filter((path) => path !== undefined && existsSync(path) && (statSync(path).mode & 0o004) !== 0)
    .map((path) =>
      warning(`${path} can be read by every user of this machine`, `Run "chmod o-rwx ${path}".`),
    );
}
