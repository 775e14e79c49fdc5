import type { Conversation } from '../../protocols/redis/conversation.ts';
import { errorCode, errorReply, request } from '../../protocols/redis/write.ts';
import { argumentsOf, type JudgedCommand } from './command.ts';
import type { Owed } from './owed.ts';

/** What is sent to the server for a command (itself, something else, nothing), and what the client is owed for it. */
export interface Carried {
  readonly send: 'itself' | 'nothing' | Buffer;
  readonly owed: Owed | undefined;
}

/** A command that fails by its arity, before anything of it is run, so that Redis marks the transaction as failed. */
const FAILING = ['GET'];
const DISCARD = ['DISCARD'];

/** Carries out a verdict when it is the command's turn, so that the state of server and client stay the same. */
export function carryOut(judged: JudgedCommand, conversation: Conversation): Carried {
  const { verdict } = judged;
  if (verdict === undefined || verdict.do === 'forward') return itself(judged, conversation);
  const { counted, since, injected } = judged;
  if (verdict.do === 'kill') {
    const instead = { do: 'close', how: verdict.how } as const;
    return { send: 'nothing', owed: { exchange: undefined, counted, since, injected, instead, verdict } };
  }
  if (!conversation.answers) {
    verdict.skipped('not answered');
    return itself(judged, conversation);
  }
  if (verdict.do === 'lose') {
    return itself(judged, conversation, { instead: { do: 'close', how: verdict.how }, verdict });
  }
  const reply = verdict.with;
  if ('error' in reply) return failed(judged, conversation, reply.error);
  if ('items' in reply) {
    return itself(judged, conversation, { instead: { do: 'items', at: reply.items }, verdict });
  }
  if (conversation.inMulti) {
    return itself(judged, conversation, { instead: { do: 'item', bytes: reply.value }, verdict });
  }
  return answered(judged, reply.value, 'ok');
}

/** Answers with an error what the server would have refused. */
function failed(judged: JudgedCommand, conversation: Conversation, line: string): Carried {
  const { role, name } = judged.given.command;
  if (!conversation.inMulti || role === 'reset' || name === 'QUIT') {
    return answered(judged, errorReply(line), errorCode(line));
  }
  if (role !== 'exec' && role !== 'discard') return instead(judged, conversation, FAILING, line);
  // An EXEC that Redis refuses discards the transaction; the code of its own error is gone then.
  const why = role === 'exec' ? `EXECABORT Transaction discarded because of: ${line}` : line;
  return instead(judged, conversation, DISCARD, why);
}

function itself(
  { given, counted, since, injected }: JudgedCommand,
  conversation: Conversation,
  more: Pick<Owed, 'instead' | 'verdict'> = {},
): Carried {
  const exchange = conversation.sent(given);
  return {
    send: 'itself',
    owed: exchange.left > 0 ? { exchange, counted, since, injected, ...more } : undefined,
  };
}

function answered(
  { counted, since, injected, verdict }: JudgedCommand,
  bytes: Buffer,
  status: string,
): Carried {
  const instead = { do: 'reply', bytes, status } as const;
  return {
    send: 'nothing',
    owed: {
      exchange: undefined,
      counted,
      since,
      injected,
      instead,
      verdict: verdict as Owed['verdict'] & {},
    },
  };
}

function instead(
  { counted, since, injected, verdict }: JudgedCommand,
  conversation: Conversation,
  words: readonly string[],
  line: string,
): Carried {
  const exchange = conversation.sent(argumentsOf(words.map((word) => Buffer.from(word))));
  const reply = { do: 'reply', bytes: errorReply(line), status: errorCode(line) } as const;
  return {
    send: request(...words),
    owed: { exchange, counted, since, injected, instead: reply, verdict: verdict as Owed['verdict'] & {} },
  };
}
