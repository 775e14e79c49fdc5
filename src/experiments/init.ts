import { basename } from 'node:path';

/**
 * A commented experiment to start from, as YAML. It loads without a change and with the built-in safety limits.
 * @param file names the experiment, without folder and extension
 */
export function starterExperiment(file: string): string {
  return `# yaml-language-server: $schema=./node_modules/faultline/schemas/experiment.schema.json
name: ${nameFrom(file)}
title: Redis answers late

# What you believe will hold while the fault is there. The report sets it against what was measured.
hypothesis: Pages stay fast while every answer of Redis is delayed by up to a quarter of a second.
seed: 42

# Faultline listens on "listen" and forwards to "upstream". Point your system at "listen" before the run.
# Proxies that several experiments share can stand in a faultline.yaml beside this file instead.
proxies:
  redis: { protocol: redis, listen: "127.0.0.1:16379", upstream: "127.0.0.1:6379" }

# Traffic to send, where your system has none of its own now.
# load: { target: "http://127.0.0.1:3000", connections: 10, rate: 20, paths: ["/"] }

# Health as your users feel it: measured before, during and after the faults.
steadyState:
  baseline: 30s
  probes:
    - name: home-page
      http: { url: "http://127.0.0.1:3000/" }
      every: 500ms
      timeout: 2s
      expect: { status: 200, errorRate: "< 1%", p95: "< 500ms", vsBaseline: "p95 < 3x" }

# Takes everything back at once. Comes on top of safety-limits.yaml, and can only be tighter.
abortWhen:
  - { probe: home-page, errorRate: "> 20%", for: 5s }

steps:
  # Half of the connections, slower and slower. Any number can be such a ramp.
  - name: growing delay
    duration: 60s
    faults:
      - proxy: redis
        type: latency
        toxicity: 50%
        attributes: { latency: { from: 10ms, to: 250ms }, jitter: 10ms }

  # A gate takes the faults back and waits until health has been as expected for that long.
  - name: connections killed
    gate: 10s
    duration: 30s
    faults:
      - { proxy: redis, type: kill, attributes: { fraction: 50% } }

# Everything must be as expected again this long after the faults are gone.
recovery: { within: 60s }

# Next:  faultline plan ${basename(file)}      what a run would do, in sentences
#        faultline limits ${basename(file)}    what it may do, and how near it comes to that
#        faultline run ${basename(file)}       runs it
#        faultline faults       what else can be injected
`;
}

function nameFrom(file: string): string {
  const name = basename(file)
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  return name === '' ? 'experiment' : name;
}
