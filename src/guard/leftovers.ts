import { uptime } from 'node:os';
import { PipedriveError } from '../pipedrive/errors.ts';
import { isRunning } from '../state/directory.ts';
import { Problem } from '../vocabulary/problem.ts';
import type { JournalRules } from './client.ts';
import type { Entry, Journal } from './journal.ts';
import type { Reading } from './record.ts';
import { type Settled, settle } from './settle.ts';

/**
 * Writes whose end nobody knows, since their process ended first or no answer came. Each process looks before its first write,
 * so that what a crash left is settled or said before more is written, and again when one that may have been under way is over
 * for certain. Those that other processes have under way are theirs.
 */
export class Leftovers {
  readonly #journal: Journal;
  readonly #isRunning: (pid: number) => boolean;
  readonly #looked = new Map<string, Promise<readonly Settled[]>>();

  constructor(journal: Journal, running: (pid: number) => boolean = isRunning) {
    this.#journal = journal;
    this.#isRunning = running;
  }

  /**
   * What was found for this account; told once, to the call that looks. Without anything to look for it sends and reads
   * nothing. A journal that can't be read rejects if required.
   */
  async look(
    account: string,
    reading: Reading,
    { isRequired, failed }: Pick<JournalRules, 'isRequired' | 'failed'>,
  ): Promise<readonly Settled[]> {
    const before = this.#looked.get(account);
    if (before) {
      await before.catch(() => undefined);
      if (this.#looked.has(account)) return this.#lookAgain(account, reading, { isRequired, failed });
      return this.look(account, reading, { isRequired, failed });
    }
    const looking = this.lookAt(account, reading, () => true);
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

  async #lookAgain(
    account: string,
    reading: Reading,
    { isRequired, failed }: Pick<JournalRules, 'isRequired' | 'failed'>,
  ): Promise<readonly Settled[]> {
    const due = this.#journal.due();
    if (due.size === 0) return [];
    try {
      return await this.lookAt(account, reading, ({ id }) => due.has(id));
    } catch (error) {
      // The next write looks again; this one is not held up by what Pipedrive does not say of another.
      for (const id of due) this.#journal.lookAgain(id, Date.now());
      if (error instanceof PipedriveError) return [];
      if (isRequired || !(error instanceof Problem)) throw error;
      failed(error);
      return [];
    }
  }

  /** Looks up those that are meant of the account's writes of unknown end. */
  async lookAt(account: string, reading: Reading, isMeant: (entry: Entry) => boolean): Promise<readonly Settled[]> {
    const { entries } = await this.#journal.read();
    const own = entries.filter((entry) => entry.account === account);
    return settle(own, this.#journal, reading, (entry) => isMeant(entry) && this.#isLeft(entry));
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
