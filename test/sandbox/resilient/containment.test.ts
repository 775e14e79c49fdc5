import { EventEmitter } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { contain } from '../../../src/sandbox/platform/resilient/containment.ts';
import { meters } from './support.ts';

afterEach(() => void vi.restoreAllMocks());

test.each(['uncaughtException', 'unhandledRejection'])(
  'an error that ends in %s is told and counted',
  async (event) => {
    const told = vi.spyOn(console, 'error').mockReturnValue();
    const { metrics, value } = meters();
    const process = new EventEmitter();
    contain(metrics, process);
    process.emit(event, new Error('nobody thought of it'));
    expect(await value('contained_errors_total')).toBe(1);
    expect(told).toHaveBeenCalledWith('unexpected:', 'nobody thought of it');
  },
);
