import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { openDocument } from '../core/document.ts';
import { type FaultlineError, FaultlineErrors } from '../core/errors.ts';
import { readBytes } from '../proxy/files.ts';
import { glob } from '../proxy/match.ts';
import { CHANNELS } from './channels/index.ts';
import type { Channel } from './contract.ts';
import { readReference } from './reference.ts';
import { notifySchema } from './schema.ts';

export interface LoadNotifyOptions {
  readonly cwd: string;
  /** By default `notify.yaml` in `cwd`, where there is one. */
  readonly file?: string;
  readonly environment: NodeJS.ProcessEnv;
}

const DEFAULT_FILE = 'notify.yaml';

/**
 * Reads who is to be told; nobody where there is no file. Secrets are read only when something is sent.
 * @throws FaultlineErrors with all problems, each with file, line and column; a secret that stands in the file is one, and is not quoted
 */
export function loadChannels({ cwd, file, environment }: LoadNotifyOptions): readonly Channel[] {
  const name = file ?? DEFAULT_FILE;
  const path = resolve(cwd, name);
  if (file === undefined && !existsSync(path)) return [];
  const text = readBytes(path, name).toString('utf8');
  const document = openDocument({ text, file: name, schema: notifySchema });
  const read = (reference: Parameters<typeof readReference>[0]) =>
    readReference(reference, { environment, folder: dirname(path) });
  const errors: FaultlineError[] = [];
  const lines = new Map<string, number>();
  const channels = document.value.notify.map((entry, index): Channel => {
    const kind = CHANNELS.find((one) => one.kind === entry.kind)!;
    const name = entry.name ?? `${kind.kind}-${index + 1}`;
    const line = lines.get(name);
    if (line !== undefined)
      errors.push(document.error('NAME_TAKEN', { what: 'channel', name, line }, ['notify', index]));
    lines.set(name, document.placeOf(['notify', index]).line);
    const on = entry.on ?? kind.on;
    const named = entry.experiments.map((pattern) => glob(pattern));
    return {
      name,
      kind: kind.kind,
      wants: ({ occasion, experiment }) =>
        on.includes(occasion) && (experiment === undefined || named.some((fits) => fits(experiment))),
      message: (notice, id) => kind.message(notice, entry, { read, id, now: Date.now() }),
    };
  });
  if (errors.length > 0) throw new FaultlineErrors(errors);
  return channels;
}
