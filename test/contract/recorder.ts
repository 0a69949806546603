import { createServer, request } from 'node:http';
import { text } from 'node:stream/consumers';

export type Exchange = {
  method: string;
  path: string;
  query: Record<string, string>;
  contentType: string | undefined;
  /** As parsed JSON; undefined where none was sent. */
  body: unknown;
  status: number;
  answer: unknown;
};

export type Recorder = { readonly url: string; readonly exchanges: Exchange[]; close(): Promise<void> };

/** Passes everything on to `target` and keeps what went each way on the wire. */
export async function startRecorder(target: string): Promise<Recorder> {
  const exchanges: Exchange[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const sent = await text(incoming);
    const { method = 'GET', url = '/', headers } = incoming;
    const forward = request(
      `${target}${url}`,
      { method, headers: { ...headers, host: new URL(target).host } },
      async (back) => {
        const received = await text(back);
        const { pathname, searchParams } = new URL(url, target);
        const query: Record<string, string> = {};
        for (const name of new Set(searchParams.keys())) query[name] = searchParams.getAll(name).join(',');
        exchanges.push({
          method,
          path: pathname,
          query,
          contentType: headers['content-type'],
          body: sent === '' ? undefined : JSON.parse(sent),
          status: back.statusCode ?? 0,
          answer: JSON.parse(received),
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
