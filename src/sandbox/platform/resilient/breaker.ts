import {
  CircuitState,
  ConsecutiveBreaker,
  CountBreaker,
  circuitBreaker,
  handleWhen,
  type IBreaker,
} from 'cockatiel';
import type { Ask } from '../ai/client.ts';
import { causeOf, mayPass } from '../ai/failure.ts';
import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';

const STATES: Readonly<Record<CircuitState, number>> = {
  [CircuitState.Closed]: 0,
  [CircuitState.HalfOpen]: 1,
  [CircuitState.Open]: 2,
  [CircuitState.Isolated]: 2,
};

/** Whether a rush is expected: then two failures in a row are enough. */
export interface Alertness {
  armed: boolean;
}

function breakerOf(alertness: Alertness): IBreaker {
  const usual = new CountBreaker({ threshold: 0.5, size: 10, minimumNumberOfCalls: 5 });
  const armed = new ConsecutiveBreaker(2);
  return {
    get state() {
      return usual.state;
    },
    set state(state) {
      usual.state = state;
    },
    success(state) {
      armed.success();
      usual.success(state);
    },
    failure(state) {
      const twice = armed.failure();
      return usual.failure(state) || (twice && alertness.armed);
    },
  };
}

/**
 * Opens when more than half of the last ten attempts failed, five at least; asks again with a single call after 30 s,
 * divided by the time scale. A provider that limits the rate is alive, and a bad question says nothing of it.
 */
export function withBreaker(
  ask: Ask,
  config: Config,
  metrics: Metrics,
  alertness: Alertness = { armed: false },
): Ask {
  const breaker = circuitBreaker(
    handleWhen((error) => mayPass(error) && causeOf(error) !== 429),
    {
      breaker: breakerOf(alertness),
      halfOpenAfter: Math.max(1000, 30_000 / config.timeScale),
    },
  );
  const opened = metrics.counter('breaker_opened_total', 'Times that the breaker of the AI provider opened');
  breaker.onBreak(() => opened.inc());
  breaker.onStateChange((state) => console.log(`breaker of the AI provider: ${CircuitState[state]}`));
  metrics.watch('breaker_state', '0 closed, 1 half open, 2 open', () => STATES[breaker.state]);
  return (question, signal) => breaker.execute(() => ask(question, signal), signal);
}
