import type { PipedriveError } from './errors.ts';

const ATTEMPTS = 4;
const BASE_MS = 250;
const CAP_MS = 4_000;

export type Attempt = { isRead: boolean; attempt: number; now: number; deadline: number };
export type Decision = { retry: true; waitMs: number } | { retry: false };

/**
 * Whether a failed attempt (the first is 1) is made again, and after how many milliseconds. A write is repeated only
 * where it provably did not happen: it was refused by the rate limit, or never sent.
 */
export function decide(error: PipedriveError, at: Attempt, random: () => number = Math.random): Decision {
  // Our own full queue is 'rate_limited' too, but has no status.
  const limited = error.code === 'rate_limited' && error.status === 429;
  const lost = error.code === 'connection_lost' || [502, 503, 504].includes(error.status ?? 0);
  if (!(limited || error.code === 'unreachable' || (lost && at.isRead)) || at.attempt >= ATTEMPTS) {
    return { retry: false };
  }
  const backoff = random() * Math.min(CAP_MS, BASE_MS * 2 ** (at.attempt - 1));
  const asked = limited ? (error.retryAt ?? at.now) - at.now : 0;
  const waitMs = Math.max(0, asked) + backoff;
  return at.now + waitMs < at.deadline ? { retry: true, waitMs } : { retry: false };
}
