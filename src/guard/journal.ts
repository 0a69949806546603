import { randomUUID } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Json, parseJson } from '../pipedrive/json.ts';
import type { StateDirectory } from '../state/directory.ts';
import { Problem } from '../vocabulary/problem.ts';
import { type Entry, form, type Intent, type Line, object, opened, UNDER_WAY_MS } from './entries.ts';
import { redacted, withoutSecrets } from './secrets.ts';

export type { Entry, Intent };

const ENDING = '.journal';
/** A file is left for a new one at this size, and old files go when all together are larger, or older. */
const LARGEST_FILE = 4 * 1024 * 1024;
const LARGEST_ALL = 64 * 1024 * 1024;
/** What was written within the last hour stays all the same: a job may go by it. */
const YOUNG_MS = 3600 * 1000;
const LARGEST_YOUNG = 256 * 1024 * 1024;
const OLDEST_MS = 90 * 24 * 3600 * 1000;
/** What was read is kept so long. */
const KEPT_MS = 5_000;

/** Of one file: its lines, those that cannot be read, and how far it was read, in bytes. */
type Seen = { readonly lines: Line[]; damaged: number; size: number };

/**
 * Every write of an account, before it is sent and after it has ended: JSON lines in one file a process, read together. A
 * line is on the disk before `begin` resolves. Lines that a crash cut off are passed over and counted.
 */
export class Journal {
  readonly #directory: StateDirectory;
  readonly #secrets: readonly string[];
  #file: FileHandle | undefined;
  #opening: Promise<FileHandle> | undefined;
  #size = 0;
  /** What was read of each file: undoing many writes reads the journal anew for each. */
  readonly #seen = new Map<string, Seen>();
  #forgetSeen: NodeJS.Timeout | undefined;
  #reading: Promise<unknown> = Promise.resolve();
  /** Lines go in one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  /** What this process has begun: after a restart in a container another may have had its number. */
  readonly #own = new Set<string>();
  /** Writes of which it is not known how they ended, and from when on a look tells for certain. */
  readonly #unsure = new Map<string, number>();
  /** Ends that could not be put down go in with the next line that can. */
  #owed = '';

  /** `secrets` are put down nowhere, whatever holds them. */
  constructor(directory: StateDirectory, secrets: readonly string[] = []) {
    this.#directory = directory;
    this.#secrets = secrets;
  }

  /** Rejects where it cannot be written: then nothing may be sent. */
  async begin(what: Omit<Intent, 'event' | 'id' | 'at' | 'pid'>): Promise<string> {
    const id = randomUUID();
    this.#own.add(id);
    const { body, before, ...rest } = what;
    await this.#append({
      event: 'intent',
      id,
      at: Date.now(),
      pid: process.pid,
      ...rest,
      ...(body === undefined ? {} : { body: withoutSecrets(body) }),
      ...(before === undefined ? {} : { before: object.parse(withoutSecrets(before)) }),
    });
    return id;
  }

  settle(
    id: string,
    event: 'done' | 'failed' | 'unknown',
    facts: { after?: Json; error?: string; ended?: boolean },
  ): Promise<void> {
    const { after, error, ended } = facts;
    if (event === 'unknown') this.lookAgain(id, Date.now() + (ended ? 0 : UNDER_WAY_MS));
    return this.#append({
      event,
      id,
      at: Date.now(),
      ...(after === undefined ? {} : { after: withoutSecrets(after) }),
      ...(error === undefined ? {} : { error }),
      ...(ended ? { ended } : {}),
    });
  }

  /** A look-up of this write is worth it from this time on. */
  lookAgain(id: string, at: number): void {
    this.#unsure.set(id, at);
  }

  /** The writes that are to be looked up by now. They are given once. */
  due(): ReadonlySet<string> {
    const ids = [...this.#unsure].filter(([, at]) => at <= Date.now()).map(([id]) => id);
    for (const id of ids) this.#unsure.delete(id);
    return new Set(ids);
  }

  /**
   * Runs `work` while no other does work of this name, having waited for it `until` then (epoch ms). Rejects with a Problem
   * where that cannot be made sure.
   */
  async alone<T>(name: string, until: number, work: () => Promise<T>): Promise<T> {
    const free = await this.#directory.hold(name, until).catch((cause: unknown) => {
      const problem = new Problem(
        'Nothing was changed: it cannot be made sure that no other server does the same.',
        `The state directory cannot be used: ${cause instanceof Error ? cause.message : String(cause)}.`,
        'The user has to mend it, or set PIPEDRIVE_STATE_DIR to another directory.',
        'no',
      );
      throw Object.assign(problem, { cause });
    });
    if (!free) {
      throw new Problem(
        'Nothing was changed by this call: the same is under way already, in this server or another.',
        'Two at once would do it twice.',
        'Wait for its end; list_changes shows what was done.',
        'no',
      );
    }
    try {
      return await work();
    } finally {
      await free();
    }
  }

  isOwn(id: string): boolean {
    return this.#own.has(id);
  }

  /** All that is kept of every process, in the order of time; `damaged` lines could not be read. Rejects with a Problem. */
  async read(): Promise<{ entries: Entry[]; damaged: number }> {
    const reading = this.#reading.then(() => this.#read());
    // One at a time: two would take the same new lines in twice. What was read is not held on to.
    this.#reading = reading.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await reading;
    } catch (cause) {
      const problem = new Problem(
        'The journal of what this server has written cannot be read.',
        `The state directory cannot be used: ${cause instanceof Error ? cause.message : String(cause)}.`,
        'The user has to mend it, or set PIPEDRIVE_STATE_DIR to another directory.',
        'no',
      );
      throw Object.assign(problem, { cause });
    }
  }

  async #read(): Promise<{ entries: Entry[]; damaged: number }> {
    await this.#last.catch(() => undefined);
    const entries = new Map<string, Entry>();
    const ends: Line[] = [];
    let damaged = 0;
    const files = await this.#directory.list(ENDING);
    for (const name of this.#seen.keys()) if (!files.some((file) => file.name === name)) this.#seen.delete(name);
    for (const { name, size } of files) {
      const seen = await this.#lines(name, size);
      damaged += seen.damaged;
      for (const one of seen.lines) {
        if (one.event === 'intent') entries.set(one.id, opened(one));
        else ends.push(one);
      }
    }
    clearTimeout(this.#forgetSeen);
    this.#forgetSeen = setTimeout(() => this.#seen.clear(), KEPT_MS).unref();
    for (const end of ends.sort((a, b) => a.at - b.at)) {
      const entry = entries.get(end.id);
      if (!entry || end.event === 'intent') continue;
      entries.set(end.id, {
        ...entry,
        state: end.event,
        overAt: end.at + (end.ended ? 0 : UNDER_WAY_MS),
        ...(end.after === undefined ? {} : { after: end.after }),
        ...(end.error === undefined ? {} : { error: end.error }),
      });
    }
    return { entries: [...entries.values()].sort((a, b) => a.at - b.at), damaged };
  }

  /** The lines of a file. Files only grow: what was read of one before is not read again. */
  async #lines(name: string, size: number): Promise<Seen> {
    const before = this.#seen.get(name);
    const known = before && before.size <= size ? before : { lines: [], damaged: 0, size: 0 };
    if (known.size === size) return known;
    const text = (await this.#directory.read(name, known.size)) ?? '';
    // The last line may still be under way.
    const end = text.lastIndexOf('\n') + 1;
    for (const line of text.slice(0, end).split('\n')) {
      if (line === '') continue;
      const parsed = form.safeParse(parseJson(line));
      if (parsed.success) known.lines.push(parsed.data);
      else known.damaged += 1;
    }
    known.size += Buffer.byteLength(text.slice(0, end));
    this.#seen.set(name, known);
    if (end === text.length) return known;
    const last = form.safeParse(parseJson(text.slice(end)));
    return last.success ? { ...known, lines: [...known.lines, last.data] } : { ...known, damaged: known.damaged + 1 };
  }

  async close(): Promise<void> {
    clearTimeout(this.#forgetSeen);
    await this.#last.catch(() => undefined);
    await this.#leave();
  }

  async #leave(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    this.#opening = undefined;
  }

  #append(entry: Line): Promise<void> {
    const work = this.#last
      .catch(() => undefined)
      .then(async () => {
        const text = `${this.#owed}${redacted(JSON.stringify(entry), this.#secrets)}\n`;
        if (entry.event !== 'intent') this.#owed = text;
        const file = await this.#open();
        try {
          await file.appendFile(text);
          // What a crash of the machine takes away must not have been sent.
          await file.datasync();
        } catch (error) {
          // Half a line, as a full disk leaves it, would spoil the next one.
          await file.truncate(this.#size);
          throw error;
        }
        this.#owed = '';
        this.#size += Buffer.byteLength(text);
        if (this.#size >= LARGEST_FILE) await this.#leave();
      });
    this.#last = work;
    return work;
  }

  async #open(): Promise<FileHandle> {
    // A file that was removed takes lines that nobody will read.
    if (this.#file && (await this.#file.stat()).nlink > 0) return this.#file;
    await this.#leave();
    this.#opening ??= this.#make();
    try {
      this.#file = await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
    return this.#file;
  }

  async #make(): Promise<FileHandle> {
    const name = `${Date.now()}-${process.pid}-${randomUUID().slice(0, 8)}${ENDING}`;
    await this.#directory.touch(name);
    this.#size = 0;
    await this.#forget();
    return open(join(this.#directory.path, name), 'a', 0o600);
  }

  /** Old files go, the oldest first. */
  async #forget(): Promise<void> {
    const files = (await this.#directory.list(ENDING)).sort((a, b) => b.at - a.at);
    let all = 0;
    for (const { name, at, size } of files) {
      all += size;
      const age = Date.now() - at;
      if (all > (age < YOUNG_MS ? LARGEST_YOUNG : LARGEST_ALL) || age > OLDEST_MS) await this.#directory.remove(name);
    }
  }
}
