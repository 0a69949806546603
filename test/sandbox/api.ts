import { expect } from 'vitest';
import type { Sandbox } from '../../src/sandbox/server.ts';

type Answer = { status: number; body: { data?: unknown; error?: string } };

/** A sandbox's API over real HTTP, for tests of its resources. */
export function apiOf({ url, token }: Sandbox) {
  async function call(method: string, path: string, body?: unknown) {
    const response = await fetch(url + path, {
      method,
      headers: { 'x-api-token': token, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  }
  return {
    call,
    async ok(method: string, path: string, body?: unknown, status = 200) {
      const answer = await call(method, path, body);
      expect(answer, `${method} ${path}`).toMatchObject({ status, body: { success: true } });
      return answer.body;
    },
    async fails(method: string, path: string, body: unknown, status: number, text: string) {
      const answer: Answer = await call(method, path, body);
      expect(answer, `${method} ${path}`).toMatchObject({ status, body: { success: false } });
      expect(answer.body.error).toContain(text);
    },
  };
}
export type Api = ReturnType<typeof apiOf>;
