import { z } from 'zod';
import { urlField } from '../../core/fields.ts';
import { isReference, type Reference, referenceField } from '../reference.ts';
import type { ChannelKind } from './contract.ts';

interface Grafana {
  readonly url: string;
  readonly token: Reference;
  readonly dashboard?: string;
}

const url = urlField(
  ['http:', 'https:'],
  'Address of Grafana, as ${NAME} or literally; without user or query.',
).refine(
  (text) => isReference(text) || (URL.canParse(text) && !hasSecret(new URL(text))),
  'an address without user, password and query: what is secret stands in the token',
);

/** Annotations on Grafana's graphs: a region for each step and run, a line for what happened at once. */
export const grafana: ChannelKind<Grafana> = {
  kind: 'grafana',
  shape: {
    url,
    token: referenceField('Token of a service account that may write annotations.'),
    dashboard: z
      .string()
      .min(1)
      .optional()
      .describe('UID of the only dashboard that shows them; by default all do.'),
  },
  on: ['step', 'breach', 'rollback', 'end', 'audit'],
  message(notice, { url, token, dashboard }, { read }) {
    const { at, from, experiment, verdict } = notice;
    const tags = ['faultline', notice.occasion, experiment, verdict].filter((tag) => tag !== undefined);
    const base = isReference(url) ? read(url) : url;
    return {
      url: `${base.replace(/\/+$/, '')}/api/annotations`,
      headers: { authorization: `Bearer ${read(token)}` },
      body: JSON.stringify({
        ...(dashboard === undefined ? {} : { dashboardUID: dashboard }),
        time: Date.parse(from ?? at),
        ...(from === undefined ? {} : { timeEnd: Date.parse(at) }),
        tags,
        text: `${notice.headline}: ${notice.text}`,
      }),
    };
  },
};

function hasSecret({ username, password, search }: URL): boolean {
  return `${username}${password}${search}` !== '';
}
