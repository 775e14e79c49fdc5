import { existsSync, readFileSync } from 'node:fs';
import { auditFile, verifyAuditLog } from '../server/guards/audit-log.ts';

/** `faultline audit-log verify`. @returns 0, or 1 where the chain is broken */
export function verifyAudit(file: string | undefined, expected: string | undefined): number {
  const path = file ?? auditFile(process.cwd());
  const { entries, head, problem } = verifyAuditLog(
    existsSync(path) ? readFileSync(path, 'utf8') : '',
    expected,
  );
  process.stdout.write(`${entries} entries hold, the last with hash ${head}\n`);
  if (problem) process.stderr.write(`NOT WHOLE: ${problem}\n`);
  return problem ? 1 : 0;
}
