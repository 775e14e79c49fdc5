import { relative } from 'node:path';
import { runAudit } from '../audit/run.ts';
import { loadSuite } from '../audit/suite.ts';
import { VERDICT_WORDS } from '../audit/words.ts';
import { onInterrupt } from './interrupt.ts';
import { perform } from './load/perform.ts';
import { type Reporter, textReporter } from './progress/index.ts';

interface AuditFlags {
  readonly file: string;
  readonly limits?: string;
  readonly approvedBy?: readonly string[];
  readonly json?: boolean;
  readonly version: string;
}

/** `faultline audit`: exit code by readiness, unless a run within it outranks that. */
export async function audit({ file, limits, approvedBy, json, version }: AuditFlags): Promise<number> {
  const suite = loadSuite({ file, limits });
  const interrupt = onInterrupt();
  const out = json ? process.stderr : process.stdout;
  let reporter: Reporter | undefined;
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
      onEvent: (event) => reporter?.take(event),
      onTold(_, sentence) {
        reporter?.close();
        reporter = undefined;
        out.write(`  ${sentence}\n`);
      },
    });
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
    interrupt.end();
  }
}
