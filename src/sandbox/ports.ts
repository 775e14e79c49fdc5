/** Where the demo's services listen: below the range from which systems lend ports to outgoing connections. */
export const DEMO_PORTS = { postgres: 15431, redis: 16378, provider: 14011, platform: 13000 } as const;
