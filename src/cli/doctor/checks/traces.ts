import { tracesWanted } from '../../../notify/index.ts';
import { type Check, ok, warning } from '../contract.ts';
import { whyUnreachable } from './upstreams.ts';

const PROTOCOLS = ['http/json', 'http/protobuf'];

export const traces: Check = {
  name: 'traces',
  async look({ environment }) {
    if (!tracesWanted(environment)) return [];
    const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own, OTEL_EXPORTER_OTLP_ENDPOINT: general } = environment;
    const protocol = environment.OTEL_EXPORTER_OTLP_PROTOCOL || 'http/json';
    if (!PROTOCOLS.includes(protocol))
      return [
        warning(
          `OTEL_EXPORTER_OTLP_PROTOCOL is ${protocol}, and traces are sent over HTTP`,
          'Name an endpoint of OTLP over HTTP, usually port 4318.',
        ),
      ];
    const endpoint = (own || general)!;
    if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint))
      return [warning('the endpoint of OpenTelemetry is no address', 'Write it as http://HOST:4318.')];
    // What stands beside the host may be a key.
    const { host } = new URL(endpoint);
    const reason = await whyUnreachable(endpoint);
    if (reason === undefined) return [ok(`traces of runs go to ${host}`)];
    return [
      warning(
        `traces do not reach ${host}: ${reason}`,
        'Start the collector, or correct OTEL_EXPORTER_OTLP_ENDPOINT; runs go on without.',
      ),
    ];
  },
};
