import type { AI_PROTOCOLS, Protocol } from '../../../core/protocol.ts';
import { anthropic } from './anthropic/index.ts';
import type { Provider } from './contract.ts';
import { gemini } from './gemini/index.ts';
import { openai } from './openai/index.ts';

const PROVIDERS: Readonly<Record<(typeof AI_PROTOCOLS)[number], Provider>> = { openai, anthropic, gemini };

/** Whether an AI provider is behind a proxy of this protocol. */
export function isProvider(protocol: Protocol): boolean {
  return Object.hasOwn(PROVIDERS, protocol);
}

/** How the provider behind a proxy shapes what it sends. @throws Error for a protocol that is no AI provider's. */
export function providerOf(protocol: Protocol): Provider {
  const provider = (PROVIDERS as Readonly<Record<string, Provider>>)[protocol];
  if (!provider) throw new Error(`"${protocol}" is not the protocol of an AI provider`);
  return provider;
}
