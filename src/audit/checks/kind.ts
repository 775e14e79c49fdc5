import type { z } from 'zod';
import { urlField } from '../../core/fields.ts';
import type { Fetched } from '../../probes/fetch.ts';
import type { ProbeContext } from '../../probes/secrets.ts';
import type { CheckId } from '../catalogue.ts';
import type { FindingSeverity, Told } from '../contract.ts';

export interface Ask {
  readonly method?: string;
  readonly url: string;
  /** Sent as they are. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What an active check has at hand. Nothing of it touches a host that the safety limits do not allow. */
export interface CheckContext {
  /** One request on a connection of its own; redirects are not followed. Its error is a sentence without content. */
  ask(request: Ask): Promise<Fetched | { readonly failed: string }>;
  /** Expands `${NAME}`. @throws ProbeFailure naming the variable, never its value */
  readonly variables: ProbeContext;
  /** Folder of the suite, from which files are named. */
  readonly folder: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** As the suite has it, for checks that only hold or do not. */
  readonly check: {
    readonly name: string;
    readonly says?: string | undefined;
    readonly severity?: FindingSeverity | undefined;
    readonly remedy?: string | undefined;
  };
}

/** What a check told; one that is `weak` adds to what is known but assesses nothing by itself. */
export type CheckTold = Told & { readonly weak?: boolean };

/** One kind of active check. */
export interface CheckKind<Spec = unknown> {
  readonly schema: z.ZodType<Spec>;
  /** What it answers where the suite does not say. */
  readonly answers?: CheckId;
  /** Addresses that it asks; they may hold `${NAME}`. */
  addresses(spec: Spec): readonly string[];
  run(spec: Spec, context: CheckContext): Promise<CheckTold>;
}

export function checkKind<Spec>(kind: CheckKind<Spec>): CheckKind<Spec> {
  return kind;
}

/** An address that stands in the file as it is, so that it can be judged before anything is asked. */
export function plainUrl(description: string) {
  return urlField(['http:', 'https:'], description).refine(
    (url) => !url.includes('${'),
    'write the address out: it may not hold ${NAME}',
  );
}

export const NOTHING: Told = { shown: [], flaws: [], untold: [] };

/** Everything that several parts of a check told. */
export function together(parts: readonly Told[]): Told {
  return {
    shown: parts.flatMap(({ shown }) => shown),
    flaws: parts.flatMap(({ flaws }) => flaws),
    untold: parts.flatMap(({ untold }) => untold),
  };
}
