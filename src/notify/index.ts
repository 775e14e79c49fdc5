export type { Channel, Notice } from './contract.ts';
export { followRun } from './follow.ts';
export { loadChannels } from './load.ts';
export { createNotifier, type Notifier } from './notifier.ts';
export { auditNotice, haltNotice, scheduleNotice } from './other-notices.ts';
export { notifySchema } from './schema.ts';
export { tracesWanted } from './traces/wanted.ts';
