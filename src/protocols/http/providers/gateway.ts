import type { ErrorReply, ErrorRequest } from './contract.ts';
import { hex } from './ids.ts';

/** What answers in a provider's place when the provider itself cannot be reached. */

const AIRPORTS = ['FRA', 'AMS', 'IAD', 'SJC', 'SIN'];

/** `cf-ray`: sixteen hexadecimal digits and the airport of the data centre. */
export function cfRay(random: () => number): string {
  const ray = hex(random, 16);
  return `${ray}-${AIRPORTS[Math.floor(random() * AIRPORTS.length)]}`;
}

function cloudflareHeaders(request: ErrorRequest, contentType: string): Record<string, string> {
  return { 'content-type': contentType, server: 'cloudflare', 'cf-ray': cfRay(request.random) };
}

/** Cloudflare's 502 in JSON, as captured in front of api.openai.com: `code` is a number there. */
export function cloudflareJson502(request: ErrorRequest): ErrorReply {
  return {
    status: 502,
    headers: cloudflareHeaders(request, 'application/json'),
    body: JSON.stringify({
      error: { code: 502, message: 'Bad gateway.', param: null, type: 'cf_bad_gateway' },
    }),
  };
}

/** Cloudflare's page for 502, cut down to what a client can tell it by. */
export function cloudflarePage502(request: ErrorRequest, host: string): ErrorReply {
  const headers = cloudflareHeaders(request, 'text/html; charset=UTF-8');
  const ray = headers['cf-ray']!.split('-')[0];
  return {
    status: 502,
    headers,
    body: `<!DOCTYPE html>
<html lang="en-US">
<head><title>${host} | 502: Bad gateway</title></head>
<body>
<h1>Bad gateway <span>Error code 502</span></h1>
<p>The web server reported a bad gateway error.</p>
<p>Cloudflare Ray ID: <strong>${ray}</strong></p>
</body>
</html>
`,
  };
}

/** The page of an nginx or of Google's front end. */
export function plainPage502(): ErrorReply {
  return {
    status: 502,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    body: '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n',
  };
}
