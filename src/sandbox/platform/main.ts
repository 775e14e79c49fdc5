import { startAgents } from './agents.ts';
import { buildApi } from './api.ts';
import { readConfig } from './config.ts';
import { consolidateEvery, consolidateRoute } from './consolidate.ts';
import { PatientAi } from './fragile/ai.ts';
import { UncappedConsolidation } from './fragile/consolidation.ts';
import { HoldingExecution } from './fragile/execution.ts';
import { ShallowHealth } from './fragile/health.ts';
import { UnboundedQueue } from './fragile/queue.ts';
import { createMetrics } from './metrics.ts';
import { planLookUp, sheddingGuard, startPrediction, startShedding, usageOf } from './overload.ts';
import { plain, providerKeys } from './provider-keys.ts';
import { accessGuard } from './resilient/access.ts';
import { auditTrail } from './resilient/audit-log.ts';
import { CappedConsolidation } from './resilient/consolidation-cap.ts';
import { FieldCipher } from './resilient/encryption.ts';
import { Parking } from './resilient/parking.ts';
import { ShortExecution } from './resilient/short-transactions.ts';
import { prepareSchema } from './schema.ts';
import { openStores } from './stores.ts';
import { Workers } from './workers.ts';

const config = readConfig(process.env);
const { patterns } = config;
const metrics = createMetrics(patterns);

const stores = await openStores(config, metrics);
const { database, unfinished, tasks, workspaces, registry, completion } = stores;

// The AI pipeline.
const ai = new PatientAi(config, metrics);
const queue = new UnboundedQueue(metrics);

// What watches over load.
const load = { config, metrics, stores, queue: () => 0 };
const usage = patterns.has('shedding') || patterns.has('prediction') ? usageOf(load) : () => 0;
const shedder = patterns.has('shedding') ? startShedding(load, usage) : undefined;
if (patterns.has('prediction')) startPrediction(load, usage);

const parking =
  shedder && stores.able.tasks
    ? new Parking({ shedder, share: 0.02, giveBack: (id) => stores.able.tasks?.requeue.add(id) })
    : undefined;
const execution = patterns.has('short-transactions')
  ? new ShortExecution(database, unfinished, ai, completion, parking)
  : new HoldingExecution(database, unfinished, ai, completion);
/** The more are unfinished, the more workers. */
const crew = () => config.workers + Math.floor(unfinished.count / config.tasksPerExtraWorker);
const workers = new Workers(tasks, queue, execution, crew, metrics);
const consolidation = patterns.has('consolidation-cap')
  ? new CappedConsolidation(config, database, metrics, { shedder })
  : new UncappedConsolidation(config, database, metrics);

const health = new ShallowHealth(registry);
const cipher = patterns.has('encryption') ? new FieldCipher(config.fieldKey ?? '') : undefined;

await prepareSchema(database.pool, config.workspaces, patterns.has('requeue') ? 'requeued' : 'lost');
void workers.run();
void registry.announce('orchestrator');
void registry.count();
stores.able.tasks?.start({ forgotten: patterns.has('requeue') });
consolidateEvery(config.consolidationEverySeconds, consolidation);

process.once('SIGTERM', () => process.exit(0));
const extensions = [
  patterns.has('audit-log') && auditTrail(database, metrics),
  patterns.has('access') && accessGuard(database, config.accessRequired),
  shedder && sheddingGuard(shedder, planLookUp(database), config, metrics),
  providerKeys(database, cipher ? (key, place) => cipher.encrypt(key, place) : plain),
  consolidateRoute(consolidation),
].filter((one) => typeof one === 'function');
const address = await buildApi({ workspaces, tasks, health, metrics, extensions }).listen({
  host: '127.0.0.1',
  port: config.port,
});
console.log(`platform listens on ${address}`);
startAgents(config.workspaces, config.agentTasksPerSecond, (id, title) => tasks.create(id, title));
