import { afterEach, beforeEach, describe, test } from 'vitest';
import { type ProxyServer, startProxyServer } from '../../../src/proxy/serve.ts';
import { dotnet } from './libraries/dotnet.ts';
import { go } from './libraries/go.ts';
import { java } from './libraries/java.ts';
import { php } from './libraries/php.ts';
import { play } from './libraries/play.ts';
import { python } from './libraries/python.ts';
import { ruby } from './libraries/ruby.ts';
import { noxious, rust } from './libraries/rust.ts';

let server: ProxyServer;
beforeEach(async () => {
  server = await startProxyServer({ control: '127.0.0.1:0', proxies: [] });
});
afterEach(() => server.close());

describe('what a client library of Toxiproxy sends', () => {
  test('from Go, and from toxiproxy-cli (Shopify/toxiproxy, client)', () => play(go, server.control));
  test('from Ruby (Shopify/toxiproxy-ruby)', () => play(ruby, server.control));
  test('from Python (douglas/toxiproxy-python)', () => play(python, server.control));
  test('from Java (trekawek/toxiproxy-java, which Testcontainers uses)', () => play(java, server.control));
  test('from .NET (mdevilliers/Toxiproxy.Net)', () => play(dotnet, server.control));
  test('from PHP (ihsw/toxiproxy-php-client)', () => play(php, server.control));
  test('from Rust (itarato/toxiproxy_rust)', () => play(rust, server.control));
  test('from Rust (oguzbilgener/noxious, client)', () => play(noxious, server.control));
});
