/** How long acts go on before other events have their turn. */
const TURN_MS = 10;
/** So many acts of one turn of the event loop take place in the call that asks for them. */
const AT_ONCE = 32;

let waiting: (() => void)[] = [];
let next = 0;
let doneAtOnce = 0;
let until = 0;

/**
 * Does what costs a system call or more: a few at once, in this very call; where thousands come together, as when faults are
 * taken back, the others in their order over several turns of the event loop, so that control calls are answered meanwhile.
 */
export function inTurns(act: () => void): void {
  if (waiting.length > 0 || doneAtOnce === AT_ONCE) {
    inTurnsAfterThis(act);
    return;
  }
  if (doneAtOnce++ === 0) setImmediate(startAnew);
  act();
}

/** Like `inTurns`, but never before what is running now is over. */
export function inTurnsAfterThis(act: () => void): void {
  if (waiting.push(act) === 1) process.nextTick(turn);
}

function startAnew(): void {
  doneAtOnce = 0;
}

function turn(): void {
  until = performance.now() + TURN_MS;
  step();
}

function step(): void {
  const act = waiting[next];
  if (!act) {
    waiting = [];
    next = 0;
    return;
  }
  if (performance.now() > until) {
    setImmediate(turn);
    return;
  }
  next++;
  try {
    act();
  } finally {
    // What it led to by promises and ticks is part of its time.
    queueMicrotask(() => process.nextTick(step));
  }
}
