import type { JsonObject } from './json.ts';

const MORE = 'Please check developers.pipedrive.com for more information about Pipedrive API.';

/** An answer that is an error. `extra` goes over the usual envelope where a service has a form of its own. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: JsonObject;

  constructor(status: number, message: string, extra: JsonObject = {}) {
    super(message);
    this.status = status;
    this.body = { success: false, error: message, error_info: MORE, data: null, additional_data: null, ...extra };
  }
}

export function invalid(message: string): ApiError {
  return new ApiError(400, message);
}

/** v2's answer to a body or parameter of the wrong shape. */
export function schemaError(path: string, reason: string): ApiError {
  return new ApiError(400, `Validation failed: ${path}: ${reason}`, { code: 'ERR_SCHEMA_VALIDATION_FAILED' });
}

export function notFound(what: string): ApiError {
  return new ApiError(404, `${what} not found`);
}

/** Tells of an error that is the sandbox's own: one JSON line on stderr, as every log of the program. */
export function report(error: unknown): void {
  const sandbox = String(error instanceof Error ? error.stack : error);
  process.stderr.write(`${JSON.stringify({ level: 'error', sandbox })}\n`);
}

export function forbidden(message: string): ApiError {
  return new ApiError(403, message);
}
