import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createProxyServer } from '../../src/proxy/http/library.ts';
import { targetOf } from '../../src/proxy/http/target.ts';
import { listening } from './child.ts';

/** http-proxy as its own documentation uses it, in front of the port it is given. */
const target = targetOf({
  name: 'bench',
  protocol: 'http',
  listen: '127.0.0.1:0',
  upstream: `127.0.0.1:${process.argv[2]}`,
});
const proxy = createProxyServer({
  target: `http://127.0.0.1:${process.argv[2]}`,
  agent: target.agent,
});
proxy.on('error', () => {});
const server = http.createServer({ noDelay: true }, (request, response) => proxy.web(request, response));
server.listen(0, '127.0.0.1', () => listening((server.address() as AddressInfo).port));
