import type { IncomingMessage } from 'node:http';
import { ApiError } from '../error.ts';
import type { JsonObject } from '../json.ts';
import { readMultipart } from './upload.ts';

const LARGEST = 64 * 1024 * 1024;

/** A parameter given more than once is joined with commas, as the official client's arrays are read. */
export function queryOf(url: URL): JsonObject {
  const query: JsonObject = {};
  for (const key of new Set(url.searchParams.keys())) query[key] = url.searchParams.getAll(key).join(',');
  return query;
}

/** v2 takes JSON and files only, v1 forms as well. */
export async function parseBody(body: Buffer, type: string | undefined, isV2: boolean): Promise<unknown> {
  if (body.length === 0) return undefined;
  if (type?.startsWith('multipart/form-data')) {
    return readMultipart(body, type).catch((cause: unknown) => {
      throw Object.assign(new ApiError(400, 'Bad request: the body is not valid multipart/form-data'), { cause });
    });
  }
  if (!isV2 && type?.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(body.toString('utf8')));
  }
  if (type !== undefined && !/^application\/([\w.-]+\+)?json\b/i.test(type)) {
    throw new ApiError(400, `Bad request: a body of type ${type} is not supported, send application/json`);
  }
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw Object.assign(new ApiError(400, 'Bad request: the body is not valid JSON'), { cause });
  }
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size <= LARGEST) chunks.push(bytes);
  }
  // Read to its end all the same: a client that is still sending would not see the answer.
  if (size > LARGEST) throw new ApiError(413, 'Payload too large');
  return Buffer.concat(chunks);
}
