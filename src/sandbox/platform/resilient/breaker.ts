import { CircuitState, CountBreaker, circuitBreaker, handleWhen } from 'cockatiel';
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

/**
 * Opens when more than half of the last ten attempts failed, five at least; asks again with a single call after 30 s,
 * divided by the time scale. A provider that limits the rate is alive, and a bad question says nothing of it.
 */
export function withBreaker(ask: Ask, config: Config, metrics: Metrics): Ask {
  const breaker = circuitBreaker(
    handleWhen((error) => mayPass(error) && causeOf(error) !== 429),
    {
      breaker: new CountBreaker({ threshold: 0.5, size: 10, minimumNumberOfCalls: 5 }),
      halfOpenAfter: Math.max(1000, 30_000 / config.timeScale),
    },
  );
  const opened = metrics.counter('breaker_opened_total', 'Times that the breaker of the AI provider opened');
  breaker.onBreak(() => opened.inc());
  breaker.onStateChange((state) => console.log(`breaker of the AI provider: ${CircuitState[state]}`));
  metrics.watch('breaker_state', '0 closed, 1 half open, 2 open', () => STATES[breaker.state]);
  return (question, signal) => breaker.execute(() => ask(question, signal), signal);
}
