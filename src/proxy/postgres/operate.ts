import type { FrameAct } from '../../protocols/postgres/framer.ts';
import {
  bind,
  closeStatement,
  errorResponse,
  execute,
  parse,
  query,
  readyForQuery,
  type ServerError,
} from '../../protocols/postgres/messages.ts';
import type { PostgresUnit } from '../../protocols/postgres/unit.ts';
import type { Conversation, PostgresOutcome } from './conversation.ts';
import type { Pending, Segment } from './ledger.ts';
import { LostAnswer } from './lost-answer.ts';

export type UnitKind = 'query' | 'execute' | 'call';

export interface Operation {
  readonly talk: Conversation;
  readonly kind: UnitKind;
  readonly unit: PostgresUnit;
  readonly pending: Pending;
  /** None where nobody judged it. */
  readonly outcome: PostgresOutcome | undefined;
}

type Replying = PostgresOutcome & { do: 'reply' };

/**
 * Carries out what was decided on a statement. `wait`: its place in the order of answers has not come; offer it again
 * after the next ReadyForQuery. `lose`: passed, and the client waits until its answer is lost or kept.
 */
export function operate(operation: Operation): FrameAct | 'wait' | 'lose' {
  const { talk, kind, unit, pending, outcome } = operation;
  switch (outcome?.do) {
    case undefined:
      send(talk, kind, pending);
      return 'pass';
    case 'forward':
      talk.forwarded(unit);
      send(talk, kind, pending);
      return 'pass';
    case 'lose': {
      talk.forwarded(unit);
      const segment = send(talk, kind, pending);
      segment.surgery = new LostAnswer(talk.context, pending, outcome);
      return 'lose';
    }
    case 'kill':
      return end(operation, () => talk.end(outcome.how));
    case 'reply':
      return outcome.with.severity === 'FATAL'
        ? endWithError(operation, outcome)
        : refuse(operation, outcome);
  }
}

/** A start-up that goes no further: a server says why and closes, with FATAL whatever the error. */
export function startupFailure(
  talk: Conversation,
  outcome: Exclude<PostgresOutcome, { do: 'forward' }>,
): void {
  const { context } = talk;
  outcome.injected();
  context.meter.unit();
  if (outcome.do !== 'reply') {
    context.meter.answered('error', true);
    talk.end(outcome.how);
    return;
  }
  context.meter.answered(outcome.with.sqlstate, true);
  context.toClient(errorResponse({ ...outcome.with, severity: 'FATAL' }));
  talk.end('fin');
}

function endWithError(operation: Operation, outcome: Replying): FrameAct | 'wait' {
  const { talk } = operation;
  return end(
    operation,
    () => {
      talk.context.toClient(errorResponse(outcome.with));
      talk.end('fin');
    },
    outcome.with.sqlstate,
  );
}

/** The connection ends here, once all statements before this one have their answers. */
function end({ talk, pending, outcome }: Operation, close: () => void, status = 'error'): FrameAct | 'wait' {
  const { ledger, context } = talk;
  const before = ledger.size - (ledger.open ? 1 : 0);
  if (before > 0) return 'wait';
  (outcome as Replying).injected();
  pending.injected = true;
  context.meter.answered(status, true);
  talk.watch.over(pending, true);
  close();
  return 'drop';
}

/**
 * The statement fails. Where nothing is under way and no transaction is open, it is answered here. Else the server is led
 * to fail in its place, so that its transaction, what it discards and its ReadyForQuery are as after an error of its own,
 * and only the error's text is changed on its way back.
 */
function refuse({ talk, kind, unit, pending, outcome }: Operation, reply: Replying): FrameAct {
  const { ledger, context, marker } = talk;
  const commands = unit.statements.map(({ command }) => command);
  const reason =
    ledger.size === 0 && ledger.status === 'E'
      ? 'transaction failed already'
      : commands.length === 1 && commands[0] === 'ROLLBACK'
        ? 'a rollback'
        : undefined;
  if (reason) {
    reply.skipped(reason);
    talk.forwarded(unit);
    send(talk, kind, pending);
    return 'pass';
  }
  const error = reply.with;
  if (kind !== 'execute' && ledger.size === 0 && ledger.status === 'I') {
    reply.injected();
    context.toClient(Buffer.concat([errorResponse(error), readyForQuery('I')]));
    talk.watch.over(pending, true);
    context.meter.answered(error.sqlstate, true, (context.clock.now() - pending.since) * 1000);
    return 'drop';
  }
  const ends = unit.inTransaction && commands.length === 1 && ENDS.has(commands[0]!);
  return mislead({ talk, kind, unit, pending, outcome }, error, reply, ends, marker);
}

/** Where these fail, the transaction is over all the same. */
const ENDS = new Set(['COMMIT', 'PREPARE TRANSACTION']);

function mislead(
  { talk, kind, unit, pending }: Operation,
  error: ServerError,
  reply: Replying,
  ends: boolean,
  marker: string,
): Buffer {
  const { ledger } = talk;
  const simple = kind !== 'execute';
  const after = ledger.open?.owed ?? 0;
  const segment = send(talk, kind, pending);
  const extra = ends && !simple ? { after, count: 4 } : undefined;
  segment.surgery = {
    kind: 'rewrite',
    unit: pending,
    error,
    ...(extra ? { extra } : {}),
    done: () => {
      pending.injected = true;
      reply.injected();
    },
    failed: (reason) => reply.skipped(reason),
  };
  if (ends) talk.forwarded(unit);
  if (simple) return query(ends ? 'ROLLBACK' : `EXECUTE ${marker}`);
  if (!ends) return execute(marker);
  segment.owed += extra!.count;
  return Buffer.concat([
    parse(marker, 'ROLLBACK'),
    bind(marker, marker),
    execute(marker),
    closeStatement(marker),
    // Its portal went with the transaction.
    execute(marker),
  ]);
}

function send({ ledger }: Conversation, kind: UnitKind, pending: Pending): Segment {
  return kind === 'execute' ? ledger.extended(pending) : ledger.simple(pending);
}
