/** Where the parts of the sandbox listen, on 127.0.0.1. */
export interface SandboxPorts {
  readonly postgres: number;
  readonly redis: number;
  readonly provider: number;
  readonly platform: number;
}

/** Of the demo: below the range from which systems lend ports to outgoing connections. */
export const DEMO_PORTS: SandboxPorts = { postgres: 15431, redis: 16378, provider: 14011, platform: 13000 };
