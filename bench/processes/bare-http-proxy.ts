import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { KEPT } from '../../src/proxy/http/agent.ts';
import { createProxyServer } from '../../src/proxy/http/library.ts';
import { listening } from './child.ts';

/** http-proxy as its own documentation uses it, in front of the port it is given. */
const proxy = createProxyServer({
  target: `http://127.0.0.1:${process.argv[2]}`,
  agent: new http.Agent(KEPT),
});
proxy.on('error', () => {});
const server = http.createServer({ noDelay: true }, (request, response) => proxy.web(request, response));
server.listen(0, '127.0.0.1', () => listening((server.address() as AddressInfo).port));
