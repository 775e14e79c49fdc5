import { SandboxError } from './error.ts';

const HERE = new Set(['127.0.0.1', 'localhost', '[::1]', '::1']);

/**
 * The address of a service that the user runs already. Only this machine is accepted: the sandbox puts load on its
 * services and breaks them, so a variable left over from other work must not lead it to a shared system.
 */
export function localUrl(variable: string, text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new SandboxError(
      `${variable} is not a URL. Unset it, and the sandbox starts a service of its own.`,
    );
  }
  if (!HERE.has(url.hostname)) {
    throw new SandboxError(
      `${variable} points to ${url.hostname}, and the sandbox uses services on this machine only. Unset it, and the sandbox starts one of its own.`,
    );
  }
  return url;
}
