/** A service of the sandbox cannot be had; the message is a whole sentence that says what to do. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
}
