import type { AnyChannelKind } from './contract.ts';
import { grafana } from './grafana.ts';
import { slack } from './slack.ts';
import { webhook } from './webhook.ts';

/** Every kind of channel. */
export const CHANNELS: readonly AnyChannelKind[] = [webhook, slack, grafana];
