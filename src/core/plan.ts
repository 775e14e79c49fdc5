import type { Expectation, Operator } from './expectation.ts';
import type { AttributeValue, Match, Stream } from './fault.ts';
import type { AbortRule, Reach, Tolerance } from './limits.ts';
import type { ProxyDeclaration } from './protocol.ts';

/** A number that may change linearly over a step; fixed where `from` equals `to`. */
export interface Ramp {
  readonly from: number;
  readonly to: number;
}

/** A driver beside the data plane, as a file declares it. `url` may hold `${NAME}`. */
export type DriverDeclaration = { readonly name: string } & (
  | { readonly driver: 'toxiproxy'; readonly control: string }
  | { readonly driver: 'postgres-admin'; readonly url: string }
  | { readonly driver: 'redis-admin'; readonly url: string }
);
export type DriverKind = DriverDeclaration['driver'];

export interface PlannedFault {
  /** `1.2` for the second fault of the first step, or the file's own id; unique in the experiment. */
  readonly id: string;
  /** Driver that carries it; absent for the data plane. */
  readonly driver?: string;
  /** For a driver without proxies, the driver's own name. */
  readonly proxy: string;
  readonly type: string;
  readonly stream?: Stream;
  readonly toxicity: Ramp;
  readonly match: Match;
  readonly attributes: Readonly<Record<string, AttributeValue | Ramp>>;
  /** The fault in a sentence: "delay each chunk by 250 ms ± 50 ms". */
  readonly sentence: string;
}

export interface InjectedExpectation {
  readonly operator: Operator;
  readonly bound: number;
}

export interface PlannedStep {
  readonly name: string;
  readonly durationMs: number;
  /** Wait for the steady state, unbroken this long, before the step. */
  readonly gateMs?: number;
  readonly faults: readonly PlannedFault[];
  /** Takes the place of the run's load while the step lasts. */
  readonly load?: LoadSpec;
  /** On each fault of the step; `unproven` when nobody counts. */
  readonly injected: InjectedExpectation | 'unproven';
  /** The step is a try of a search; it is played only while the search has no answer. */
  readonly search?: SearchTry;
}

/**
 * One try of a search for the breaking point. What it plays depends on the tries before it; its fault is planned with the whole
 * span, from `from` to `to`.
 */
export interface SearchTry {
  /** The step's name in the file; its tries share it. */
  readonly name: string;
  /** Attribute of the step's one fault, or `toxicity`. */
  readonly attribute: string;
  /** Of the attribute: `ms`, `share`, `bytes`… */
  readonly unit: string;
  /** The mildest value, which is expected to hold. */
  readonly from: number;
  /** The harshest; never passed. */
  readonly to: number;
  /** How near the last good and the first bad value shall come, as a share of the milder one. */
  readonly within: number;
  /** From 1. */
  readonly number: number;
  /** At most. */
  readonly of: number;
}

interface ProbeCommon {
  readonly name: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Span of rates and percentiles, ms. */
  readonly windowMs: number;
  readonly expect: readonly Expectation[];
}

/** Texts in `url`, `headers` and `env` may hold `${NAME}`; they are expanded at the moment of use only. */
export type ProbeSpec = ProbeCommon &
  (
    | {
        readonly kind: 'http';
        readonly url: string;
        readonly method: string;
        readonly headers: Readonly<Record<string, string>>;
        readonly body?: string;
      }
    | { readonly kind: 'postgres'; readonly url: string; readonly query: string }
    | { readonly kind: 'redis'; readonly url: string; readonly command: readonly string[] }
    | {
        readonly kind: 'prometheus';
        readonly url: string;
        readonly metric: string;
        readonly headers: Readonly<Record<string, string>>;
      }
    | {
        readonly kind: 'command';
        readonly run: readonly string[];
        readonly env: Readonly<Record<string, string>>;
      }
  );

export interface LoadSpec {
  readonly target: string;
  /** With `traffic`, the most that are open at once. */
  readonly connections: number;
  /** Requests a second over all connections; with `traffic`, the most that it asks for at any time. */
  readonly rate: number;
  /** What is sent at a steady rate; empty with `traffic`. */
  readonly requests: readonly LoadRequest[];
  /** Sent in place of a steady rate. */
  readonly traffic?: LoadTraffic;
}

/** Traffic as users bring it: how many come when, and what they do. */
export interface LoadTraffic {
  /** Name of the profile; `own` where the file says everything itself. */
  readonly profile: string;
  /** One after the other; what the last one ends with goes on. All count users, or all count a rate. */
  readonly stages: readonly LoadStage[];
  /** Pause of a user after each answer, drawn evenly, ms. */
  readonly thinkMs: Ramp;
  readonly scenarios: readonly LoadScenario[];
  readonly thresholds: readonly LoadThreshold[];
  /** Stages were made so many times shorter. */
  readonly timeScale: number;
  /** A request without its whole answer is given up after this, counted from its intended start, ms. */
  readonly timeoutMs: number;
  readonly seed: number;
}

export interface LoadStage {
  readonly name: string;
  readonly durationMs: number;
  /** Users, each with a request at a time; or scenarios begun a second, whatever becomes of those before. */
  readonly counts: 'users' | 'rate';
  readonly level: Ramp;
}

/** What a user does in one go: its requests, one after the other; the first that fails ends it. */
export interface LoadScenario {
  readonly name: string;
  /** Share, relative to the others' weights. */
  readonly weight: number;
  readonly requests: readonly ScenarioRequest[];
}

export interface ScenarioRequest {
  readonly method: string;
  /** May hold placeholders, as the body may: `{1..60}`, `{user}`, `{n}`, `{text:4KiB}`, and what was saved. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A Redis command, for a target that is one. */
  readonly command?: readonly string[];
  /** What makes an answer right; without `status` any 2xx. */
  readonly check: { readonly status?: number; readonly json?: Readonly<Record<string, JsonScalar>> };
  /** Values of the answer's JSON, by the name that later requests of the scenario have for them. */
  readonly save: Readonly<Record<string, string>>;
}

export type JsonScalar = string | number | boolean | null;

export interface LoadThreshold {
  /** Of this scenario alone. */
  readonly scenario?: string;
  /** Of this stage alone. */
  readonly stage?: string;
  /** The scenario or stage, after the kind of `scenario` or `stage`, whose figure a relative expectation is a factor of. */
  readonly against?: string;
  readonly expect: Expectation;
}

export interface LoadRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Share of the requests, relative to the others' weights. */
  readonly weight: number;
}

/** What a run will do, worked out before anything is touched. */
export interface Plan {
  readonly name: string;
  readonly title: string;
  readonly hypothesis: string;
  readonly tags: readonly string[];
  readonly seed: number;
  readonly source: {
    readonly file: string;
    /** SHA-256 of the file as it stands on the disk, hex. */
    readonly hash: string;
    /** The file's text with secrets masked. */
    readonly text: string;
  };
  readonly proxies: readonly ProxyDeclaration[];
  /** Drivers beside the data plane; absent where there are none. */
  readonly drivers?: readonly DriverDeclaration[];
  /** Address of the data plane's control API. */
  readonly control: string;
  readonly load?: LoadSpec;
  readonly baselineMs: number;
  readonly probes: readonly ProbeSpec[];
  /** The stricter of the file's and of the limits'. */
  readonly abortWhen: readonly AbortRule[];
  /** How much worse than its baseline a probe may be, where the file is stricter than the limits. */
  readonly tolerate?: Tolerance;
  readonly steps: readonly PlannedStep[];
  readonly recoveryMs: number;
  /** How far the steps go. */
  readonly reach: Reach;
}
