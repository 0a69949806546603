import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { JournalingClient } from '../../src/guard/client.ts';
import { Leftovers } from '../../src/guard/leftovers.ts';
import type { CallOptions } from '../../src/pipedrive/client.ts';
import { PipedriveError } from '../../src/pipedrive/errors.ts';
import { ACCOUNT, type Account, account, within } from './account.ts';

let of: Account;
beforeEach(async () => {
  of = await account();
});
afterEach(async () => {
  vi.useRealTimers();
  await of.close();
});

/** A write that gets no answer: `status` is that of an answer that says nothing of it. */
async function unanswered(title: string, status?: number): Promise<void> {
  const { rules, provenance } = of.undoing();
  const call = { method: 'POST' as const, path: '/api/v2/deals', attempts: 1, token: undefined };
  const error = new PipedriveError({
    code: status === undefined ? 'deadline' : 'unavailable',
    call,
    applied: 'unknown',
    ...(status === undefined ? {} : { status }),
  });
  const lost = Object.create(of.client, {
    request: {
      async value(_: unknown, options: CallOptions) {
        await options.onTurn?.();
        throw error;
      },
    },
  });
  const request = { method: 'POST' as const, path: '/api/v2/deals', cost: 5, body: { title } };
  await expect(new JournalingClient(lost, rules, provenance).request(request, within())).rejects.toBe(error);
}

const requests = () => of.client.limits().requests;

test('a write that may be under way is looked up again once it is over, by any later write, and told once', async () => {
  const leftovers = new Leftovers(of.journal);
  const look = () => leftovers.look(ACCOUNT, of.reading(), of.undoing().rules);
  expect(await look()).toEqual([]);
  await unanswered('Slow');
  const before = requests();
  expect(await look()).toEqual([]);
  expect(requests()).toBe(before);
  vi.useFakeTimers({ now: Date.now() + 119_000, toFake: ['Date'] });
  expect(await look()).toEqual([]);
  vi.setSystemTime(Date.now() + 2_000);
  expect(await look()).toMatchObject([{ state: 'failed', says: expect.stringContaining('there is no such record') }]);
  expect(await look()).toEqual([]);
});

test('a write that Pipedrive had ended with is looked up again at once', async () => {
  const leftovers = new Leftovers(of.journal);
  const look = () => leftovers.look(ACCOUNT, of.reading(), of.undoing().rules);
  await look();
  await unanswered('Refused', 500);
  expect(await look()).toMatchObject([{ state: 'failed' }]);
});

test('a new process looks at all that is unknown, and again at what is not over yet', async () => {
  await unanswered('Slow');
  const leftovers = new Leftovers(of.journal);
  const look = () => leftovers.look(ACCOUNT, of.reading(), of.undoing().rules);
  expect(await look()).toMatchObject([{ state: 'unknown', overAt: expect.any(Number) }]);
  expect(await look()).toEqual([]);
  vi.useFakeTimers({ now: Date.now() + 121_000, toFake: ['Date'] });
  expect(await look()).toMatchObject([{ state: 'failed' }]);
});
