import { type Detector, NO_FAULT } from './contract.ts';
import { behaviourIn } from './view/behaviour.ts';
import { callRate, lateOf, outagesOf } from './view/outages.ts';
import { trafficDuring } from './view/spans.ts';
import { count, list, share } from './words.ts';

const LEAST = 10;
const FOLLOWED = 0.1;

/** An answer that broke off is taken for a whole one. */
export const truncatedAccepted: Detector = {
  id: 'truncated-accepted',
  question: 'Is an answer that breaks off noticed?',
  condition:
    'At least 10 answers ended well before they were whole, at most 10% of them were asked for again within a minute, and calls went on at half of their usual rate or more, as if all were well.',
  evidence: 'answers without their last event, and what followed them',
  severities: ['high'],
  remedy:
    'Take a stream for whole only when its last event (a finish reason, `[DONE]`, `message_stop`) has come; else treat it as a failed call: ask again or fall back, and keep nothing of it as a result.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const cut = outagesOf(view).flatMap((outage) => {
      const seen = behaviourIn(outage.proxy, outage.span);
      return seen && seen.truncated.count >= LEAST ? [{ outage, ...seen.truncated }] : [];
    });
    if (cut.length === 0)
      return {
        notAssessed:
          'too few answers broke off in a way that only their content tells: add a step with ai_stream_cut (with: clean) on an AI provider whose answers are streamed',
      };
    const taken = cut.filter(({ outage, count: all, followed }) => {
      const { before, span, proxy } = outage;
      const late = callRate(trafficDuring(proxy, lateOf(outage) ?? span));
      return followed <= all * FOLLOWED && !(late < callRate(before) * 0.5);
    });
    if (taken.length === 0) return undefined;
    const names = list([...new Set(taken.map(({ outage }) => outage.proxy.name))]);
    return {
      severity: 'high',
      claim: `Answers of ${names} that break off are taken as whole: nobody asks again.`,
      evidence: taken.map(
        ({ outage, count: all, followed }) =>
          `${outage.proxy.name}, step "${outage.step.name}": ${count(all, 'answer')} ended without their last event; ${followed === 0 ? 'none' : share(followed / all)} of them were asked for again, and calls went on as usual`,
      ),
      nextExperiment: `The same cut on ${names}: every answer that breaks off is asked for again, or users get the fallback.`,
    };
  },
};
