import { buildSimulator } from './server.ts';

const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);

const app = buildSimulator({
  seed: number('SIMULATOR_SEED', 42),
  apiKey: process.env.SIMULATOR_API_KEY,
  rhythm: {
    firstToken: number('SIMULATOR_FIRST_TOKEN_MS', 150),
    betweenTokens: number('SIMULATOR_TOKEN_MS', 8),
    tokens: number('SIMULATOR_TOKENS', 24),
  },
});

process.once('SIGTERM', () => process.exit(0));
const address = await app.listen({ host: '127.0.0.1', port: number('PORT', 14011) });
console.log(`OpenAI simulator listens on ${address}`);
