import { FaultlineError } from './errors.ts';
import { reasonOf } from './reason.ts';

/** Variables that a data plane and whoever calls it read the control port's token from. */
export const CONTROL_TOKEN_VARIABLES = ['FAULTLINE_CONTROL_TOKEN', 'FAULTLINE_CONTROL_TOKEN_FILE'] as const;

const SHORTEST = 16;
const LONGEST = 512;

/**
 * The control port's token: the value of `FAULTLINE_CONTROL_TOKEN`, or what the file holds that `FAULTLINE_CONTROL_TOKEN_FILE`
 * names, without the white space around it; undefined where neither is set.
 * @throws FaultlineError CONTROL_TOKEN_UNUSABLE, which never quotes it
 */
export function controlToken(
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): string | undefined {
  const [direct, byFile] = CONTROL_TOKEN_VARIABLES;
  const { [direct]: value, [byFile]: path } = environment;
  if (value === undefined && path === undefined) return undefined;
  if (value !== undefined && path !== undefined)
    throw unusable(direct, `${byFile} is set too: take one away`);
  if (value !== undefined) return checked(value.trim(), direct);
  return checked(contents(path!, readFile).trim(), `${byFile}=${path}`);
}

function contents(path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (error) {
    throw unusable(`FAULTLINE_CONTROL_TOKEN_FILE=${path}`, reasonOf(error));
  }
}

function checked(token: string, source: string): string {
  if (token.length < SHORTEST || token.length > LONGEST)
    throw unusable(source, `it has ${token.length} characters, and ${SHORTEST} to ${LONGEST} are taken`);
  // It travels in a header.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw unusable(source, 'it holds a space or a character that is not plain ASCII');
  return token;
}

function unusable(source: string, reason: string): FaultlineError {
  return new FaultlineError('CONTROL_TOKEN_UNUSABLE', { source, reason });
}
