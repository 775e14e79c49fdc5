import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FaultlineError } from '../core/errors.ts';
import type { ProxyDeclaration } from '../core/protocol.ts';
import { parseDuration } from '../core/units.ts';
import { loadProxyConfig } from './config.ts';
import type { EphemeralOwner } from './owner.ts';
import { failToStart, type ProxyProcessOptions, runProxyProcess } from './process.ts';

/**
 * The data plane's process:
 *   --config FILE           faultline.yaml, or Toxiproxy's JSON array
 *   --declaration FILE      JSON: { control, proxies: [ProxyDeclaration] }, as a run writes it
 *   --control HOST:PORT     instead of the file's
 *   --record FILE           receives pid, start time and addresses as JSON
 *   --owner PID:STARTTIME   end by itself when this process has been gone for --owner-grace (default 1m)
 */
function readOptions(args: string[]): ProxyProcessOptions {
  const values = parse(args);
  const file = values.declaration
    ? readDeclaration(values.declaration)
    : loadProxyConfig(values.config ?? 'faultline.yaml');
  return {
    ...file,
    ...(values.control === undefined ? {} : { control: values.control }),
    ...(values.record === undefined ? {} : { record: values.record }),
    ...(values.owner === undefined ? {} : { ephemeralOwner: readOwner(values.owner, values['owner-grace']) }),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        config: { type: 'string' },
        declaration: { type: 'string' },
        control: { type: 'string' },
        record: { type: 'string' },
        owner: { type: 'string' },
        'owner-grace': { type: 'string', default: '1m' },
      },
    }).values;
  } catch (error) {
    const expected = (error as Error).message;
    throw new FaultlineError('BAD_VALUE', { value: args.join(' '), where: 'the data plane', expected });
  }
}

function readDeclaration(path: string): { control: string; proxies: readonly ProxyDeclaration[] } {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new FaultlineError('FILE_NOT_FOUND', { path, reason: (error as Error).message });
  }
}

function readOwner(text: string, grace: string): EphemeralOwner {
  const match = /^(\d+):(\d*)$/.exec(text);
  if (!match)
    throw new FaultlineError('BAD_VALUE', {
      value: text,
      where: '--owner',
      expected: 'expected PID:STARTTIME',
    });
  return { pid: Number(match[1]), startTime: match[2]!, graceMs: parseDuration(grace) };
}

async function main(): Promise<number> {
  let options: ProxyProcessOptions;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    return failToStart(error);
  }
  return runProxyProcess(options);
}

process.exit(await main());
