import { relative } from 'node:path';
import { runAudit } from '../audit/run.ts';
import { loadSuite } from '../audit/suite.ts';
import { VERDICT_WORDS } from '../audit/words.ts';
import { auditNotice, createNotifier, loadChannels, type Notice } from '../notify/index.ts';
import { onInterrupt } from './interrupt.ts';
import { perform } from './load/perform.ts';
import { tellerBeside } from './notify/beside.ts';
import { type Reporter, textReporter } from './progress/index.ts';

/** How long the word of the audit's end may take to arrive. */
const LAST_MS = 10_000;

interface AuditFlags {
  readonly file: string;
  readonly limits?: string;
  readonly approvedBy?: readonly string[];
  readonly json?: boolean;
  /** File of notifications; by default `notify.yaml`, where there is one. */
  readonly notify?: string;
  readonly version: string;
}

/** `faultline audit`: exit code by readiness, unless a run within it outranks that. */
export async function audit(flags: AuditFlags): Promise<number> {
  const { file, limits, approvedBy, json, version } = flags;
  const suite = loadSuite({ file, limits });
  const teller = tellerBeside(flags.notify);
  const channels = loadChannels({ cwd: process.cwd(), file: flags.notify, environment: process.env });
  const notifier = createNotifier(channels, (line) => process.stderr.write(`${line}\n`));
  const interrupt = onInterrupt();
  const out = json ? process.stderr : process.stdout;
  let reporter: Reporter | undefined;
  let end: Notice | undefined;
  try {
    const result = await runAudit({
      suite,
      cwd: process.cwd(),
      environment: process.env,
      signal: interrupt.signal,
      version,
      approvals: approvedBy,
      playLoad: ({ spec, metrics }, signal) =>
        perform({
          asked: { spec, limits: suite.limits, ...(metrics ? { metrics } : {}) },
          cwd: process.cwd(),
          approvals: approvedBy ?? [],
          signal,
          say: (text) => out.write(text),
        }),
      onPart({ kind, name }) {
        out.write(`\n${kind === 'declarations' ? 'declarations of the suite' : `${kind} ${name}`}\n`);
        if (kind === 'experiment') reporter = textReporter(out);
      },
      onEvent(event) {
        reporter?.take(event);
        teller.take(event);
      },
      onTold(_, sentence) {
        reporter?.close();
        reporter = undefined;
        out.write(`  ${sentence}\n`);
      },
    });
    end = auditNotice(result.audit, result.exit);
    if (json) process.stdout.write(`${JSON.stringify(result.audit, null, 2)}\n`);
    const { verdict } = result.audit;
    const report = relative(process.cwd(), result.report) || result.report;
    const lines = [
      `${VERDICT_WORDS[verdict.word].word}. ${verdict.headline}`,
      ...verdict.why.map((line) => `  ${line}`),
    ];
    out.write(`\n${lines.join('\n')}\n\nverdict: ${verdict.word}\nreport: ${report}\n`);
    return result.exit;
  } finally {
    reporter?.close();
    // Its runs are told of to their ends before it is.
    await teller.close();
    if (end) notifier.tell(end);
    await notifier.close(LAST_MS);
    interrupt.end();
  }
}
