import { createNotifier, loadChannels } from '../../notify/index.ts';

const PATIENCE_MS = 30_000;

/** `faultline notify test`: sends everybody a word. @returns 0, or 1 where somebody could not be told */
export async function test({ notify }: { readonly notify?: string }): Promise<number> {
  const channels = loadChannels({ cwd: process.cwd(), file: notify, environment: process.env });
  if (channels.length === 0) process.stdout.write('nobody is to be told: there is no notify.yaml here\n');
  const notifier = createNotifier(
    channels.map((channel) => ({ ...channel, wants: () => true })),
    (line) => process.stderr.write(`${line}\n`),
  );
  notifier.tell({
    occasion: 'start',
    at: new Date().toISOString(),
    headline: 'faultline notify test',
    text: 'Nothing happened. Notifications arrive here.',
  });
  await notifier.close(PATIENCE_MS);
  for (const { channel, counts } of notifier.counts())
    process.stdout.write(`${channel.name} (${channel.kind}): ${counts.sent ? 'told' : 'NOT told'}\n`);
  return notifier.counts().every(({ counts }) => counts.sent === 1) ? 0 : 1;
}
