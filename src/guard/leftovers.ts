import { uptime } from 'node:os';
import { PipedriveError } from '../pipedrive/errors.ts';
import { isRunning } from '../state/directory.ts';
import { Problem } from '../vocabulary/problem.ts';
import type { JournalRules } from './client.ts';
import type { Entry, Journal } from './journal.ts';
import type { Reading } from './record.ts';
import { type Settled, settle } from './settle.ts';

/**
 * Writes whose end nobody put down, since their process ended first. Each process looks once, before its first write, so
 * that what a crash left is settled or said before more is written. Those of processes that still run are theirs.
 */
export class Leftovers {
  readonly #journal: Journal;
  readonly #isRunning: (pid: number) => boolean;
  readonly #looked = new Map<string, Promise<readonly Settled[]>>();

  constructor(journal: Journal, running: (pid: number) => boolean = isRunning) {
    this.#journal = journal;
    this.#isRunning = running;
  }

  /** What was found for this account; told once, to the call that looks. A journal that can't be read rejects if required. */
  async look(
    account: string,
    reading: Reading,
    { isRequired, failed }: Pick<JournalRules, 'isRequired' | 'failed'>,
  ): Promise<readonly Settled[]> {
    const before = this.#looked.get(account);
    if (before) {
      await before.catch(() => undefined);
      if (this.#looked.has(account)) return [];
      return this.look(account, reading, { isRequired, failed });
    }
    const looking = this.#settle(account, reading);
    this.#looked.set(account, looking);
    try {
      return await looking;
    } catch (error) {
      // The next write looks again.
      this.#looked.delete(account);
      if (isRequired || !(error instanceof Problem)) throw error;
      failed(error);
      return [];
    }
  }

  async #settle(account: string, reading: Reading): Promise<readonly Settled[]> {
    const { entries } = await this.#journal.read();
    const own = entries.filter((entry) => entry.account === account);
    return settle(own, this.#journal, reading, (entry) => this.#isLeft(entry));
  }

  #isLeft({ id, state, pid, at }: Entry): boolean {
    if (state !== 'open') return state === 'unknown';
    if (this.#journal.isOwn(id)) return false;
    // Numbers of processes are given anew, and from the first one after a restart of the machine.
    return pid === process.pid || at < Date.now() - uptime() * 1000 || !this.#isRunning(pid);
  }
}

/** Looks up at once what a call left open. Gives nothing where the look-up itself came to nothing. */
export async function settleCall(
  call: string,
  journal: Journal,
  reading: Reading,
): Promise<readonly Settled[] | undefined> {
  const { entries } = await journal.read();
  try {
    return await settle(entries, journal, reading, (entry) => entry.call === call);
  } catch (error) {
    if (error instanceof PipedriveError || error instanceof Problem) return undefined;
    throw error;
  }
}
