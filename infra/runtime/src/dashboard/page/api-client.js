// Questions to the operator API, with the operator's token.

/** A refusal or a failure, in words for people; `status` 0 when nobody answered. */
export class ApiError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** Milliseconds until a question without an answer is given up. */
export const ASK_MS_MAX = 30_000;

/**
 * @param {string} path below `/api/v1`
 * @param {string} token
 * @param {AbortSignal} signal
 * @returns {Promise<unknown>} the answer's JSON
 * @throws {ApiError}
 */
export async function ask(path, token, signal) {
  const within = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS_MAX)]);
  const response = await request(path, token, {}, within);
  try {
    return await response.json();
  } catch {
    throw new ApiError(response.status, `the answer to ${path} is no JSON`);
  }
}

/**
 * @param {string} path
 * @param {string} token
 * @param {Record<string, string>} headers
 * @param {AbortSignal} signal
 * @returns {Promise<Response>} an answer that is no refusal
 * @throws {ApiError}
 */
export async function request(path, token, headers, signal) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(`/api/v1${path}`, {
      headers: { ...headers, authorization: `Bearer ${token}` },
      cache: 'no-store',
      credentials: 'omit',
      signal,
    });
  } catch (cause) {
    if (signal.aborted) throw new ApiError(0, 'the coordinator does not answer in time');
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError(0, `the coordinator does not answer (${detail})`);
  }
  if (response.ok) return response;
  throw new ApiError(response.status, await reasonIn(response));
}

/** @param {Response} response */
async function reasonIn(response) {
  try {
    const { error } = await response.json();
    if (typeof error === 'string') return error;
  } catch {
    // No JSON: the status is all there is to say.
  }
  return `the coordinator answered ${response.status} ${response.statusText}`.trim();
}
