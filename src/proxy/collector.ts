import { setFlagsFromString } from 'node:v8';

/** Sets V8's garbage collector for a process that hands bytes on and lives long; for the whole process, before it has any traffic. */
export function tuneCollector(): void {
  // V8 allocates as old what lived long where it was allocated before. After a burst of connections that is what each
  // request allocates too: dead at once, but collected, with all that hangs on it, only in full collections.
  setFlagsFromString('--no-allocation-site-pretenuring');
  // Bodies count as the heap's growth and leave it at once. A heap may treble before a full collection, which costs more
  // than forwarding what brought it about: by V8's own measure one comes with each dozen of megabytes.
  setFlagsFromString('--heap-growing-percent=200');
}
