import type { Notice } from '../contract.ts';
import { type Reference, referenceField } from '../reference.ts';
import type { ChannelKind } from './contract.ts';

interface Slack {
  readonly url: Reference;
}

/** What is read at a glance; the report has the rest. */
const MOST = 600;

/** An incoming webhook of Slack, or of what understands its messages (Mattermost, Rocket.Chat). */
export const slack: ChannelKind<Slack> = {
  kind: 'slack',
  shape: { url: referenceField('Address of the incoming webhook; it is a secret as a whole.') },
  on: ['start', 'breach', 'rollback', 'end', 'missed', 'skipped', 'halt', 'audit'],
  message: (notice, { url }, { read }) => ({
    url: read(url),
    headers: {},
    body: JSON.stringify({
      text: escaped(`${notice.headline}: ${notice.text}`),
      blocks: [
        section(`*${escaped(notice.headline)}*\n${escaped(notice.text)}`),
        { type: 'context', elements: [{ type: 'mrkdwn', text: escaped(contextOf(notice)) }] },
      ],
    }),
  }),
};

function section(text: string) {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

function contextOf({ run, audit, schedule, at }: Notice): string {
  return [run && `run ${run}`, audit && `audit ${audit}`, schedule && `schedule ${schedule}`, at]
    .filter(Boolean)
    .join(' · ');
}

/** `<!channel>` or `<@U1>` in a text would call people. */
function escaped(text: string): string {
  const short = text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text;
  return short.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
