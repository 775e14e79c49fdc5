import { readFileSync } from 'node:fs';
import { controlToken } from '../../core/control-token.ts';

/**
 * Headers that a data plane's control port asks for: the token of this process's environment, where there is one.
 * @throws FaultlineError CONTROL_TOKEN_UNUSABLE
 */
export function controlHeaders(): Readonly<Record<string, string>> {
  const token = controlToken(process.env, (path) => readFileSync(path, 'utf8'));
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
