import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod/v3';
import { methods } from '../route.ts';

/**
 * What goes wrong with the next requests that match: those of a method and of a path that begins so, `skip` of them
 * passed over, `count` of them hit. Unless it is `handled` first, a request with a `status` or a `reset` does nothing.
 */
const fault = z
  .object({
    method: z.enum(methods).optional(),
    path: z.string().default('/'),
    skip: z.number().int().min(0).default(0),
    count: z.number().int().min(1).default(1),
    /** The request is carried out before it goes wrong. */
    handled: z.boolean().default(false),
    /** Milliseconds before anything is done. */
    delay_ms: z.number().min(0).default(0),
    /** Nothing is answered, and the connection stays open. */
    silent: z.boolean().default(false),
    /** The connection is cut instead of an answer. */
    reset: z.boolean().default(false),
    /** An answer of another status, and its body where it has one: text as it is, anything else as JSON. */
    status: z.number().int().min(200).max(599).optional(),
    headers: z.record(z.string()).default({}),
    body: z.unknown(),
    /** The connection is cut in the middle of the body. */
    truncate: z.boolean().default(false),
    /** Milliseconds between twenty parts of the body. */
    drip_ms: z.number().min(0).default(0),
    /** How far the answer's date is off. */
    clock_skew_seconds: z.number().default(0),
  })
  .strict();
export type Fault = z.infer<typeof fault>;
export const faultList = z.array(fault);

const PARTS = 20;

/** The faults that were asked for over HTTP, in their order: the first that matches a request hits it. */
export class Faults {
  #left: Fault[] = [];

  set(faults: readonly Fault[]): void {
    this.#left = faults.map((one) => ({ ...one }));
  }

  take(method: string, path: string): Fault | undefined {
    for (const one of this.#left) {
      if ((one.method !== undefined && one.method !== method) || !path.startsWith(one.path)) continue;
      if (one.skip > 0) {
        one.skip -= 1;
        continue;
      }
      one.count -= 1;
      if (one.count === 0) this.#left = this.#left.filter((other) => other !== one);
      return one;
    }
    return undefined;
  }
}

/** Is the request itself left undone? */
export function isUndone({ handled, status, reset, silent }: Fault): boolean {
  return !handled && (status !== undefined || reset || silent);
}

/** Sends a body in the way of the fault, or none. */
export async function sendBadly(
  response: ServerResponse,
  { reset, silent, truncate, drip_ms }: Fault,
  status: number,
  body: Buffer,
): Promise<void> {
  if (silent) return;
  if (reset) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-length': body.length });
  if (truncate) {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
    return;
  }
  const size = Math.max(1, Math.ceil(body.length / PARTS));
  for (let at = 0; drip_ms > 0 && at < body.length && !response.destroyed; at += size) {
    response.write(body.subarray(at, at + size));
    await sleep(drip_ms, undefined, { ref: false });
  }
  response.end(drip_ms > 0 ? undefined : body);
}
