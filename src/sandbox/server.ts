import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod/v3';
import { type AccountOptions, Keeper, openAccount } from './account.ts';
import { ApiError, report } from './error.ts';
import { parseBody, queryOf, readBody } from './front/body.ts';
import { type Fault, Faults, faultList, isUndone, sendBadly } from './front/faults.ts';
import { Limits, type Plan } from './front/limits.ts';
import { isLoopbackHost } from './front/loopback.ts';
import { activeUsers } from './resources/users.ts';
import type { Reply } from './route.ts';
import { match, methodsOf } from './routes.ts';

export type SandboxOptions = Omit<AccountOptions, 'seed'> & {
  /** 0 picks a free one. */
  port?: number | undefined;
  seed?: number | undefined;
  /** Milliseconds added to each answer. */
  latency?: number | undefined;
  plan?: Plan | undefined;
};

/** `authenticated`, of storage alone: whether a token was sent there. `fault`: it was hit by one, handled or not. */
type LogEntry = {
  time: string;
  method: string;
  path: string;
  status: number;
  tokens: number;
  authenticated?: boolean;
  fault?: 'handled' | 'not handled';
};

export type Sandbox = { readonly url: string; readonly token: string; close(): Promise<void> };

/** Ten years at most, since dates end somewhere. */
const clockBody = z
  .object({
    advance_seconds: z
      .number()
      .min(0)
      .max(10 * 365 * 86_400),
  })
  .strict();

/** Starts a local Pipedrive on 127.0.0.1. Throws where the port is taken or the file is not one of ours. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const seed = options.seed ?? 1;
  const token = sandboxToken(seed);
  const log: LogEntry[] = [];
  let world = openAccount({ ...options, seed });
  const keeper = new Keeper(options.file, world);
  let limits = newLimits();
  const faults = new Faults();

  function newLimits(): Limits {
    return new Limits(options.plan, activeUsers(world).length, () => world.clock.now());
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A page of another site can send a request here, a reset too, under any name that leads here.
    const { host, origin } = request.headers;
    if (!isLoopbackHost(host) || (origin !== undefined && !isLoopbackHost(origin.replace(/^https?:\/\//, '')))) {
      send(response, 403, { success: false, error: 'This sandbox answers requests from and to a loopback host only' });
      return;
    }
    const { url: target = '/', method = 'GET' } = request;
    if (!target.startsWith('/')) {
      send(response, 400, new ApiError(400, 'Bad request: the target is not a path').body);
      return;
    }
    // Not resolved against a base, to which `//x` is another host.
    const url = new URL(`http://sandbox${target}`);
    if (url.pathname.startsWith('/_sandbox/')) return control(request, url.pathname, response);
    if (url.pathname.startsWith('/_storage/')) return storage(request, url, response);

    const headers = new Map<string, string>();
    const entry: LogEntry = {
      time: world.clock.now().toISOString(),
      method,
      path: `${url.pathname}${url.search}`,
      status: 0,
      tokens: 0,
    };
    log.push(entry);
    const fault = faults.take(method, entry.path);
    if (fault) entry.fault = isUndone(fault) ? 'not handled' : 'handled';
    if (fault?.delay_ms) await sleep(fault.delay_ms, undefined, { ref: false });
    const reply =
      fault && isUndone(fault)
        ? ({ status: fault.status ?? 0, body: {} } satisfies Reply)
        : await answer(request, method, url, headers, entry).catch((error: unknown): Reply => {
            if (error instanceof ApiError) return { status: error.status, body: error.body };
            // That a client went away before its body was here is no fault of the sandbox.
            if (request.complete && !response.destroyed) report(error);
            return { status: 500, body: new ApiError(500, 'Internal server error').body };
          });
    entry.status = fault?.status ?? reply.status;
    const date = world.clock.now().getTime() + (fault?.clock_skew_seconds ?? 0) * 1000;
    response.setHeader('date', new Date(date).toUTCString());
    for (const [name, value] of headers) response.setHeader(name, value);
    for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
    if (options.latency) await new Promise((resolve) => setTimeout(resolve, options.latency));
    if (fault) await spoil(request, response, fault, reply);
    else if ('bytes' in reply) response.writeHead(reply.status).end(reply.bytes);
    else send(response, reply.status, reply.body);
  }

  /** The answer as the fault makes it. */
  async function spoil(request: IncomingMessage, response: ServerResponse, fault: Fault, reply: Reply): Promise<void> {
    // What is not handled was not read either, and a client that still sends would not see the answer.
    request.resume();
    const { status = reply.status, body } = fault;
    const given =
      body ?? (fault.status === undefined && 'body' in reply ? reply.body : new ApiError(status, 'Fault').body);
    const text = typeof given === 'string' ? given : JSON.stringify(given);
    response.setHeader('content-type', typeof body === 'string' ? 'text/html' : 'application/json; charset=utf-8');
    for (const [name, value] of Object.entries(fault.headers)) response.setHeader(name, value);
    await sendBadly(response, fault, status, Buffer.from(text));
  }

  /**
   * The storage that downloads are sent on to, as Pipedrive's: whoever knows an id reads it, so no token should come here.
   * A URL that says when it `expires` is dead from then on.
   */
  function storage(request: IncomingMessage, url: URL, response: ServerResponse): void {
    const path = url.pathname;
    const expires = url.searchParams.get('expires');
    const isOver = expires !== null && !(Date.parse(expires) > world.clock.now().getTime());
    const blob = isOver ? undefined : world.db.blobs.get(path.slice('/_storage/'.length));
    const authenticated = request.headers['x-api-token'] !== undefined;
    const time = world.clock.now().toISOString();
    log.push({ time, method: 'GET', path, status: blob ? 200 : 404, tokens: 0, authenticated });
    if (!blob) send(response, 404, { error: 'The specified key does not exist' });
    else {
      const name = `attachment; filename*=UTF-8''${encodeURIComponent(blob.name)}`;
      const headers = { 'content-type': blob.type, 'content-disposition': name };
      response.writeHead(200, headers).end(Buffer.from(blob.content, 'base64'));
    }
  }

  async function answer(
    request: IncomingMessage,
    method: string,
    url: URL,
    headers: Map<string, string>,
    entry: LogEntry,
  ): Promise<Reply> {
    const body = await readBody(request);
    const given = request.headers['x-api-token'] ?? (isV2(url.pathname) ? null : url.searchParams.get('api_token'));
    if (given !== token) {
      headers.set('x-401-by-gw', 'true').set('x-correlation-id', randomUUID());
      const error = 'unauthorized access';
      const more = 'Please check developers.pipedrive.com';
      return { status: 401, body: { success: false, error, errorCode: 401, error_info: more } };
    }
    const found = match(method, url.pathname);
    if (!found) {
      const allowed = methodsOf(url.pathname);
      if (allowed.length === 0) throw new ApiError(404, 'Unknown method . ');
      headers.set('allow', allowed.join(', '));
      throw new ApiError(405, 'Method not allowed');
    }
    const type = request.headers['content-type'];
    limits.take(found.route.cost, found.route.search, headers);
    entry.tokens = found.route.cost;
    return found.route.run(world, found.params, queryOf(url), await parseBody(body, type, isV2(url.pathname)));
  }

  async function control(request: IncomingMessage, path: string, response: ServerResponse): Promise<void> {
    const { method } = request;
    if (method === 'GET' && path === '/_sandbox/log') {
      send(response, 200, log);
      return;
    }
    if (method === 'POST' && path === '/_sandbox/reset') {
      world.clock.close();
      world = Object.assign(openAccount({ ...options, seed, file: undefined }), { port: world.port });
      keeper.keep(world);
      limits = newLimits();
      log.length = 0;
      faults.set([]);
      send(response, 200, { success: true });
      return;
    }
    if (method === 'POST' && (path === '/_sandbox/clock' || path === '/_sandbox/faults')) {
      const body = await parseBody(await readBody(request), 'application/json', true).catch(() => undefined);
      const isClock = path === '/_sandbox/clock';
      const asked = isClock ? clockBody.safeParse(body) : faultList.safeParse(body);
      if (!asked.success) {
        const [issue] = asked.error.issues;
        const where = issue?.path.join('.') || 'the body';
        send(response, 400, { success: false, error: `${where}: ${issue?.message ?? 'is not right'}` });
        return;
      }
      if ('advance_seconds' in asked.data) world.clock.advance(asked.data.advance_seconds * 1000);
      else faults.set(asked.data);
      send(response, 200, { success: true, now: world.clock.now().toISOString() });
      return;
    }
    send(response, 404, {
      success: false,
      error: 'POST /_sandbox/reset, /_sandbox/clock and /_sandbox/faults and GET /_sandbox/log are what there is',
    });
  }

  // Where the file cannot be written, the start is the time to say so.
  keeper.save();

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the sandbox has no port');
  const { port } = address;
  world.port = port;
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    async close() {
      world.clock.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      keeper.close();
    },
  };
}

/** The one token of a sandbox: 40 hexadecimal characters as Pipedrive's, and no secret. */
function sandboxToken(seed: number): string {
  return `5a4db0c5${seed.toString(16).padStart(32, '0')}`;
}

function isV2(path: string): boolean {
  return path.startsWith('/api/v2/');
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
