import type { Channel, Notice } from '../../../notify/index.ts';
import { loadChannels } from '../../../notify/index.ts';
import { type Check, type Finding, ok, warning } from '../contract.ts';
import { problemsOf } from './files.ts';

/** What would be told; nothing of it is sent. */
const PROBE: Notice = { occasion: 'start', at: new Date(0).toISOString(), headline: '', text: '' };

export const notifications: Check = {
  name: 'notifications',
  async look({ cwd, environment }) {
    let channels: readonly Channel[] = [];
    const problems = problemsOf(() => {
      channels = loadChannels({ cwd, environment });
    }, 'Correct the file: no run begins with it.');
    return problems.length > 0 ? problems : channels.map(judgeChannel);
  },
};

/** Whether all that a channel's file refers to is there. */
function judgeChannel(channel: Channel): Finding {
  const named = `${channel.name} (${channel.kind})`;
  try {
    channel.message(PROBE, '');
    return ok(`${named} has its secrets; "faultline notify test" tries it`);
  } catch (error) {
    return warning(
      `${named} cannot be told: ${(error as Error).message}`,
      'Set it where "faultline run" and "faultline serve" are started.',
    );
  }
}
