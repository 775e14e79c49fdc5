import { AuditLog } from '../../src/server/guards/audit-log.ts';

/** Appends as many entries as are asked for, beside others that do the same. */
const [path, who, times] = process.argv.slice(2);
const log = new AuditLog(path!);
for (let time = 0; time < Number(times); time++) log.record({ name: who!, role: 'operator' }, `act ${time}`);
