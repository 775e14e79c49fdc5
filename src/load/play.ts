import { setMaxListeners } from 'node:events';
import type { Clock } from '../core/clock.ts';
import { sleep } from '../core/clock.ts';
import { seededUnit } from '../core/hash.ts';
import type { LoadSummary } from '../core/journal.ts';
import type { LoadTraffic, ScenarioRequest } from '../core/plan.ts';
import { mixOf } from './mix.ts';
import { Recorder } from './record.ts';
import { type Answer, type Going, isRight, type Prepared, prepare, save } from './request.ts';
import { arrivalsOf, levelAt } from './stages.ts';

/** How requests reach the target. */
export interface Transport {
  /** The whole answer. Rejects when there is none; ends soon after `signal` aborts. @param user whose request it is */
  send(request: Prepared, user: number, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

/** Traffic that is being sent. */
export interface Playing {
  /** Begins nothing new until `resume`; the stages go on. */
  pause(): void;
  resume(): void;
  /** Begins nothing new, and says what was seen once nothing is under way, at the latest after `drainMs`. */
  stop(drainMs: number): Promise<LoadSummary>;
  /** What was seen so far. */
  seen(): LoadSummary;
}

interface PlayOptions {
  readonly traffic: LoadTraffic;
  readonly transport: Transport;
  readonly clock: Clock;
}

/** How often the number of users is looked at. */
const USERS_EVERY_MS = 100;

/**
 * Sends traffic until it is stopped. With a rate each scenario begins when it is due, whatever became of those before, and
 * the latency of its first request counts from that moment: a target that stalls is not asked less often, and what waits
 * behind the stall is in the figures. With users each one waits for its answer and thinks before it asks again.
 */
export function play({ traffic, transport, clock }: PlayOptions): Playing {
  const { stages, scenarios, seed, thinkMs, timeoutMs } = traffic;
  const began = clock.now();
  const recorder = new Recorder(traffic);
  const sequence = mixOf(scenarios.map(({ weight }) => weight));
  const ending = new AbortController();
  // Every user that thinks listens to it.
  setMaxListeners(0, ending.signal);
  const underWay = new Map<symbol, number>();
  const elapsed = () => clock.now() - began;
  let paused = false;
  let goes = 0;

  /** One request, to its end; what it counts from is `intended`, ms after the beginning. */
  async function ask(
    scenario: number,
    request: ScenarioRequest,
    going: Going,
    intended: number,
  ): Promise<boolean> {
    const token = Symbol('request');
    underWay.set(token, intended);
    const giveUp = new AbortController();
    const cancel = clock.after(Math.max(0, intended + timeoutMs - elapsed()), () => giveUp.abort());
    const end = (outcome: 'right' | 'wrong' | 'broken' | 'timedOut', status?: number) => {
      cancel();
      if (!underWay.delete(token)) return false;
      recorder.take({
        scenario,
        intended,
        ended: elapsed(),
        outcome,
        ...(status === undefined ? {} : { status }),
      });
      return outcome === 'right';
    };
    try {
      const answer = await transport.send(prepare(request, going), going.user, giveUp.signal);
      if (giveUp.signal.aborted) return end('timedOut');
      const right = isRight(request, answer);
      if (right) save(request, answer, going.saved);
      return end(right ? 'right' : 'wrong', answer.status);
    } catch {
      return end(giveUp.signal.aborted ? 'timedOut' : 'broken');
    }
  }

  async function go(scenario: number, user: number, intended: number, think: () => Promise<void>) {
    const going: Going = { seed, n: goes++, user, saved: new Map() };
    let due = intended;
    for (const request of scenarios[scenario]!.requests) {
      const right = await ask(scenario, request, going, due);
      await think();
      if (!right || ending.signal.aborted) return;
      due = elapsed();
    }
  }

  function playRate(): void {
    const due = arrivalsOf(stages);
    let next = due.next();
    let number = 0;
    const turn = () => {
      if (ending.signal.aborted) return;
      while (!next.done && next.value <= elapsed()) {
        const scenario = sequence[number % sequence.length]!;
        if (!paused) void go(scenario, number, next.value, async () => {});
        number++;
        next = due.next();
      }
      if (!next.done) clock.after(next.value - elapsed(), turn);
    };
    turn();
  }

  function playUsers(): void {
    const active = new Set<number>();
    const wanted = () => (paused ? 0 : Math.round(levelAt(stages, elapsed())));
    const live = async (user: number) => {
      // Not all in one moment: what comes a second is what the think time makes of them from the first second on.
      await sleep(clock, thinkMs.from * seededUnit(seed, 'first', user), ending.signal);
      // Each begins elsewhere in the mix, so that it is right at every moment.
      for (let turn = user; user < wanted() && !ending.signal.aborted; turn++) {
        const think = () =>
          sleep(clock, between(thinkMs, seededUnit(seed, 'think', user, turn)), ending.signal);
        await go(sequence[turn % sequence.length]!, user, elapsed(), think);
      }
      active.delete(user);
    };
    const look = () => {
      if (ending.signal.aborted) return;
      for (let user = 0; user < wanted(); user++) {
        if (active.has(user)) continue;
        active.add(user);
        void live(user);
      }
      clock.after(USERS_EVERY_MS, look);
    };
    look();
  }

  if (stages[0]?.counts === 'rate') playRate();
  else playUsers();

  const seen = (at = elapsed()) => recorder.summary(at, [...underWay.values()]);
  return {
    pause: () => {
      paused = true;
    },
    resume: () => {
      paused = false;
    },
    seen: () => seen(),
    async stop(drainMs) {
      // The time spent waiting for the last answers is none in which anything was sent.
      const sentFor = elapsed();
      ending.abort();
      const latest = clock.now() + drainMs;
      while (underWay.size > 0 && clock.now() < latest) await sleep(clock, 20);
      const summary = recorder.summary(
        sentFor,
        [...underWay.values()].map((intended) => intended - (elapsed() - sentFor)),
      );
      await transport.close();
      return summary;
    },
  };
}

function between({ from, to }: LoadTraffic['thinkMs'], share: number): number {
  return from + (to - from) * share;
}
