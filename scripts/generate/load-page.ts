import type { LoadStage, LoadThreshold } from '../../src/core/plan.ts';
import { formatDuration, formatShare } from '../../src/core/units.ts';
import type { Profile } from '../../src/load/profiles/contract.ts';
import { PROFILES, profileOf } from '../../src/load/profiles/index.ts';
import { ROLES } from '../../src/load/resources/roles.ts';
import { table } from './markdown.ts';

/** `docs/load.md`: how load is sent, and every profile. */
export function loadPage(): string {
  return `${[
    INTRODUCTION,
    `## Profiles\n\n${table(
      ['profile', 'plays', 'stages', 'pause of a user', 'must meet'],
      PROFILES.map((profile) => [
        `\`${profile.name}\``,
        profile.sentence,
        stagesOf(profile),
        profile.stages[0]!.counts === 'rate'
          ? 'none'
          : `${profile.think.from / 1000} to ${profile.think.to / 1000} s`,
        profile.thresholds
          .filter(({ scenario, against }) => !scenario || against)
          .map(textOf)
          .join('; '),
      ]),
    )}`,
    AFTER_PROFILES,
    `## What users do\n\nAll profiles but \`task-creations\`, \`agents\` and \`redis-connections\` send this mix, to the routes that the sandbox's platform has. For another system write \`scenarios\` of its own.\n\n${table(
      ['scenario', 'share', 'requests', 'p95 in normal-day and peak-hours'],
      mixRows(),
    )}`,
    LOAD_FILE,
    JUDGING,
    `## Resources of the target\n\n${RESOURCES}\n\n${table(
      ['role', 'metrics, the first that the page has'],
      Object.entries(ROLES).map(([role, names]) => [
        `\`${role}\``,
        names.map((name) => `\`${name}\``).join(' '),
      ]),
    )}`,
    IN_EXPERIMENTS,
  ].join('\n\n')}\n`;
}

function stagesOf({ stages }: Profile): string {
  return stages.map((stage) => `${levelOf(stage)} for ${formatDuration(stage.durationMs)}`).join(', ');
}

function levelOf({ level: { from, to }, counts }: LoadStage): string {
  const amount = from === to ? String(to) : `${from} → ${to}`;
  return `${amount}${counts === 'users' ? '' : '/s'}`;
}

function textOf({ scenario, stage, against, expect }: LoadThreshold): string {
  const place = scenario ?? stage;
  const text = expect.text.replace('of baseline', `of \`${against}\``);
  return place === undefined ? text : `\`${place}\` ${text}`;
}

function mixRows(): string[][] {
  const { scenarios, thresholds } = profileOf('peak-hours');
  return scenarios.map(({ name, weight, requests }) => [
    name,
    formatShare(weight / 100),
    requests.map(({ method, path }) => `\`${method} ${path}\``).join(', '),
    thresholds.find(({ scenario }) => scenario === name)?.expect.text.replace('p95 ', '') ?? '',
  ]);
}

const INTRODUCTION = `# Load

The tables are generated from the code by \`npm run generate\`.

\`\`\`sh
faultline load peak-hours --target http://127.0.0.1:3000                        # ten minutes
faultline load peak-hours --target http://127.0.0.1:3000 --time-scale 20        # the same in half a minute
faultline load --file my-load.yaml --metrics http://127.0.0.1:3000/metrics --compare last
\`\`\`

A load has stages (how many come when), scenarios (what they do) and thresholds (what the answers must meet). It goes only where [safety limits](safety.md) allow: the same gates as before an
experiment judge environment, target, window, stop file, reach (\`connections\`, \`requestsPerSecond\`) and approvals. \`faultline halt\` and Ctrl-C end it. Its results are in \`.faultline/loads/ID/\`: \`result.json\`,
\`windows.csv\`, \`figures.csv\`, \`report.html\`. Its last two lines are \`verdict: WORD\` and \`report: PATH\`.

| exit code | verdict | means |
|---|---|---|
| 0 | \`held\` | every threshold is met |
| 1 | \`deviated\` | one is missed, or \`--compare\` found a regression |
| 2 | | invalid input |
| 5 | \`inconclusive\` | ended early, or fewer than 20 requests for a rate or a percentile |
| 6 | | refused by the safety limits, or nothing listens at the target |`;

const AFTER_PROFILES = `\`--time-scale N\` makes stages N times shorter; levels, rates and pauses stay, so that the load is as heavy as without and only sooner over. A short one may have too few requests to be judged. \`--users N\` sets the
highest level; the other stages follow it.

**Users** (\`users:\`) wait for each answer, pause, and ask again: a slow target is asked less often. Their pauses bound their rate, so none is shorter than 10 ms. **A rate** (\`rate:\`) begins scenarios when they are due,
whatever became of those before: a target that stalls is asked as often. There each latency counts from the *intended* start, so that what waits behind a stall, for a free connection too, is in the figures; time-outs are in them with the time they took.`;

const LOAD_FILE = `## A load file

\`\`\`yaml
# yaml-language-server: $schema=../schemas/load.schema.json
target: http://127.0.0.1:3000
profile: peak-hours               # what is left out below is the profile's
stages:
  - { name: rise, for: 1m, users: { from: 1, to: 50 } }
  - { name: top, for: 5m, users: 50 }          # or rate: 20, scenarios begun a second
think: { from: 1s, to: 3s }
scenarios:
  - name: upload
    weight: 1
    requests:
      - method: POST
        path: /uploads
        body: '{"name":"notes-{n}.txt","content":"{text:16KiB}"}'
        expect: { status: 202 }
        save: { upload: id }                   # of the answer's JSON
      - { path: "/uploads/{upload}", expect: { json: { state: done } } }
  - { name: read, weight: 9, requests: [{ path: "/workspaces/{1..60}" }] }
thresholds:
  - { p95: "< 3s", errorRate: "< 1%", throughput: ">= 600/min", cacheHitRate: "> 70%" }
  - { scenario: upload, p99: "< 30s" }
  - { stage: top, against: rise, ratio: "p95 < 2x" }
metrics: { url: "http://127.0.0.1:3000/metrics", cores: 2, memory: 4GiB }
\`\`\`

Placeholders of \`path\`, \`body\` and \`command\`: \`{1..60}\` a whole number, drawn by the \`seed\`; \`{text:4KiB}\` that much text; \`{n}\` the number of the go; \`{user}\` the user's; \`{name}\` what was saved. An answer is right when its status is the
expected one (any 2xx by default) and its JSON has the expected values; the first that is not ends the go. \`\${NAME}\` stands only in headers. For a \`redis://\` target a request is a \`command: [SET, key, value]\`, and each user has a connection of its own.`;

const JUDGING = `## How it is judged

A threshold is an expectation as of a probe (\`p50 p95 p99 errorRate throughput cacheHitRate\`), of the whole load, of a scenario, or of a stage; \`ratio\` holds one scenario or stage against another. \`throughput\` counts right answers. A measure of fewer than 20 requests is
not judged, and a \`cacheHitRate\` without metrics is left out.

\`--compare FILE\`, \`ID\` or \`last\` (the newest of the profile) compares with an earlier result of the same stages, pauses and scenarios. p95 has regressed when it is more than 10% above the earlier one **and** that is not noise: windows of the same moment are paired, and the
99% interval of the mean of the logarithms of their ratios, by a moving block bootstrap (Künsch 1989), lies above 1. With fewer than ten pairs of windows nothing is said.

Where three or more levels rise, the breaking point is told: the last level that was served, and the first at which more than 5% failed or p95 was three times that of the first stage.`;

const RESOURCES = `With \`--metrics URL\` the target's Prometheus page is read during the load. CPU above 80% of its cores, memory above 85% of its limit, callers that wait for a database connection (or more than 80% of the connections in use), and fewer than 70% cache hits count as a
bottleneck; the most used up one is the likely one, and each has a suggestion: what, from, to, priority, effort, expected gain. What the page does not tell is *not assessed*. Names of your own go under \`metrics.names\`.`;

const IN_EXPERIMENTS = `## In an experiment

\`load:\` of an experiment takes a steady \`rate\` over \`connections\` as before, or \`profile\`, \`users\`, \`timeScale\`, \`stages\`, \`scenarios\` and \`think\` as here. It is sent from the baseline to the end of recovery; what its last stage ends with goes on. A step's own \`load:\` takes the place of the run's while the step lasts.

\`thresholds:\` of a load with stages and scenarios are judged over all that it sent, faults and all: one that is missed makes the run \`deviated\`, one that cannot be told (fewer than 20 requests) \`inconclusive\`. A profile's own thresholds are said of days without faults and do not count here,
\`cacheHitRate\` is for a probe, and a step that searches has none. The report tells each load by stage, scenario and threshold, with latencies from the intended start.

\`\`\`yaml
load: { target: "http://127.0.0.1:3000", profile: normal-day }
steps:
  - name: everybody comes while OpenAI is slow
    duration: 2m
    load: { target: "http://127.0.0.1:3000", profile: spike, timeScale: 5, thresholds: [{ errorRate: "< 5%" }] }
    faults: [{ proxy: openai, type: ai_ttft, attributes: { latency: 4s } }]
\`\`\``;
