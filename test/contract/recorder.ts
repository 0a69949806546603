import { createServer, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

export type Exchange = {
  method: string;
  path: string;
  query: Record<string, string>;
  contentType: string | undefined;
  /** JSON parsed, the fields of a form as text, a file as its name; undefined where none was sent. */
  body: unknown;
  status: number;
  /** undefined where it is no JSON. */
  answer: unknown;
};

export type Recorder = { readonly url: string; readonly exchanges: Exchange[]; close(): Promise<void> };

async function parsed(body: Buffer, type: string): Promise<unknown> {
  if (type.startsWith('application/json')) return JSON.parse(body.toString('utf8'));
  const form = await new Response(body, { headers: { 'content-type': type } }).formData();
  return Object.fromEntries([...form].map(([name, part]) => [name, typeof part === 'string' ? part : part.name]));
}

/** Passes everything on to `target` and keeps what went each way on the wire. */
export async function startRecorder(target: string): Promise<Recorder> {
  const exchanges: Exchange[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const sent = await buffer(incoming);
    const { method = 'GET', url = '/', headers } = incoming;
    const forward = request(
      `${target}${url}`,
      { method, headers: { ...headers, host: new URL(target).host } },
      async (back) => {
        const received = await buffer(back);
        const isJson = back.headers['content-type']?.startsWith('application/json') === true;
        const { pathname, searchParams } = new URL(url, target);
        const query: Record<string, string> = {};
        for (const name of new Set(searchParams.keys())) query[name] = searchParams.getAll(name).join(',');
        exchanges.push({
          method,
          path: pathname,
          query,
          contentType: headers['content-type'],
          body: sent.length === 0 ? undefined : await parsed(sent, headers['content-type'] ?? ''),
          status: back.statusCode ?? 0,
          answer: isJson ? JSON.parse(received.toString('utf8')) : undefined,
        });
        outgoing.writeHead(back.statusCode ?? 502, back.headers).end(received);
      },
    );
    forward.on('error', (error) => outgoing.destroy(error));
    forward.end(sent);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the recorder has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    exchanges,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
