import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type ApiRequest, type CallOptions, type Client, createClient } from '../../src/pipedrive/client.ts';
import { PipedriveError } from '../../src/pipedrive/errors.ts';
import type { Throttle } from '../../src/pipedrive/throttle.ts';

export const TOKEN = '0123456789abcdef0123456789abcdef01234567';

export type Hit = {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
  /** Milliseconds on the server's clock. */
  at: number;
  /** Settles when the client's side of the exchange is gone or done. */
  closed: Promise<void>;
};
export type Respond = (response: ServerResponse, hit: Hit, count: number) => void;

/** A real HTTP server on a free port that keeps what arrived; it ends with the test. */
export async function serve(respond: Respond): Promise<{ url: string; hits: Hit[] }> {
  const hits: Hit[] = [];
  const server = createServer((request, response) => {
    const at = performance.now();
    const closed = new Promise<void>((resolve) => response.on('close', resolve));
    const { method = '', url = '', headers } = request;
    const hit: Hit = { method, url, headers, body: '', at, closed };
    hits.push(hit);
    const count = hits.length;
    request.setEncoding('utf8').on('data', (chunk: string) => {
      hit.body += chunk;
    });
    request.on('end', () => respond(response, hit, count));
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, hits };
}

/** A bare TCP server, for what no HTTP server would say. */
export async function serveSocket(
  answer: (socket: Socket, count: number) => void,
): Promise<{ url: string; heads: string[] }> {
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const server = createSocketServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data) => {
      heads.push(data.toString('utf8'));
      answer(socket, heads.length);
    });
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, heads };
}

export function listen(server: Server, port = 0): Promise<number> {
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export const fine = (data: unknown) => ({ success: true, data });
export const refused = (error: string) => ({ success: false, error, data: null, additional_data: null });

export function clientOf(baseUrl: string, throttle?: Throttle): Client {
  const settings = { token: TOKEN, baseUrl, userAgent: 'pipedrive-agent-mcp/test' };
  const client = throttle ? createClient(settings, throttle) : createClient(settings);
  onTestFinished(() => client.close());
  return client;
}

export function within(ms: number, signal = new AbortController().signal): CallOptions {
  return { signal, deadline: Date.now() + ms };
}

export const get = (path = '/api/v2/deals', more: Partial<ApiRequest> = {}): ApiRequest => ({
  method: 'GET',
  path,
  cost: 1,
  ...more,
});
export const post = (more: Partial<ApiRequest> = {}): ApiRequest => ({
  method: 'POST',
  path: '/api/v2/deals',
  body: { title: 'A deal' },
  cost: 5,
  ...more,
});

/** The PipedriveError that a promise rejects with; anything else fails the test. */
export async function errorOf(promise: Promise<unknown>): Promise<PipedriveError> {
  const outcome = await promise.then(
    () => new Error('It was fulfilled, not rejected.'),
    (error: unknown) => error,
  );
  if (outcome instanceof PipedriveError) return outcome;
  throw outcome;
}

/** A promise and what settles it. */
export function gate(): { open: () => void; opened: Promise<void> } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** Waits until something is so, on the event loop rather than on a guess. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}
