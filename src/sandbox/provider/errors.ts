/** An error in OpenAI's envelope. */
export interface ProviderError {
  readonly status: number;
  readonly body: {
    readonly error: { message: string; type: string; param: string | null; code: string | null };
  };
}

function invalid(
  status: number,
  message: string,
  code: string | null,
  param: string | null = null,
): ProviderError {
  return { status, body: { error: { message, type: 'invalid_request_error', param, code } } };
}

export const noKey = (): ProviderError =>
  invalid(401, "You didn't provide an API key. Send it as a bearer token. (This is a simulator.)", null);

export const wrongKey = (key: string): ProviderError =>
  invalid(401, `Incorrect API key provided: ${masked(key)}. (This is a simulator.)`, 'invalid_api_key');

export const noSuchModel = (model: string): ProviderError =>
  invalid(404, `The model \`${model}\` does not exist or you do not have access to it.`, 'model_not_found');

export const missing = (param: string): ProviderError =>
  invalid(400, `Missing required parameter: '${param}'.`, 'missing_required_parameter', param);

export const noSuchRoute = (method: string, path: string): ProviderError =>
  invalid(404, `Invalid URL (${method} ${path}). (This is a simulator.)`, null);

function masked(key: string): string {
  return key.length <= 8 ? '***' : `${key.slice(0, 2)}***${key.slice(-4)}`;
}
