import { setPriority } from 'node:os';

// Beside an outage that is played against the clock: what it needs of the processor comes first.
setPriority(10);
