import { FaultlineError } from '../../core/errors.ts';
import { readReference } from '../../notify/reference.ts';

const DIRECT = 'FAULTLINE_DATABASE_URL';
const BY_FILE = 'FAULTLINE_DATABASE_URL_FILE';

/**
 * URL of the Postgres that controllers share: the value of `FAULTLINE_DATABASE_URL`, or what the file holds that
 * `FAULTLINE_DATABASE_URL_FILE` names; undefined where neither is set. It holds a password, so it is no argument, which every
 * user of the machine could read in the list of processes.
 * @throws FaultlineError DATABASE_URL_UNUSABLE, which never quotes it
 */
export function databaseUrl(
  environment: Readonly<Record<string, string | undefined>>,
  cwd: string,
): string | undefined {
  const path = environment[BY_FILE];
  if (environment[DIRECT] === undefined && path === undefined) return undefined;
  if (environment[DIRECT] !== undefined && path !== undefined)
    throw unusable(`${DIRECT} and ${BY_FILE} are both set: take one away`);
  const url = read(path === undefined ? `\${${DIRECT}}` : { file: path }, environment, cwd);
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
    throw unusable(`what ${path === undefined ? DIRECT : path} holds is no postgres:// URL`);
  return url;
}

function read(
  reference: Parameters<typeof readReference>[0],
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
): string {
  try {
    return readReference(reference, { environment, folder });
  } catch (error) {
    throw unusable((error as Error).message);
  }
}

function unusable(reason: string): FaultlineError {
  return new FaultlineError('DATABASE_URL_UNUSABLE', { reason });
}
