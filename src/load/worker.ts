import { parentPort, workerData } from 'node:worker_threads';
import type { LoadSpec } from '../core/plan.ts';
import { fire } from './cannon.ts';

const seen = fire(workerData as LoadSpec);
parentPort!.once('message', () => parentPort!.postMessage(seen()));
