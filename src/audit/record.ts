import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Audit } from './contract.ts';
import { renderHtml } from './html/render.ts';
import { renderMarkdown } from './markdown.ts';

/**
 * Writes `audit.json`, `audit.md` and `audit.html` into the audit's folder, each whole in place of an older one.
 * @returns path of `audit.html`
 */
export function writeAudit(folder: string, audit: Audit): string {
  write(join(folder, 'audit.json'), `${JSON.stringify(audit, null, 2)}\n`);
  write(join(folder, 'audit.md'), renderMarkdown(audit));
  return write(join(folder, 'audit.html'), renderHtml(audit));
}

function write(path: string, text: string): string {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
  return path;
}
