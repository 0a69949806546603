import { randomUUID } from 'node:crypto';
import type { StateDirectory } from './directory.ts';

/** How often a server says that it is there, and after how long one that says nothing counts as gone. */
const BEAT_MS = 5_000;
const GONE_MS = 15_000;

/**
 * Servers of one token on one machine find out how many they are: each touches a file of its own. `heard` is told the
 * number at the start and whenever it changes; `failed` why that can't be known, once.
 */
export class Heartbeat {
  readonly #directory: StateDirectory;
  readonly #name = `${process.pid}-${randomUUID().slice(0, 8)}.alive`;
  readonly #heard: (servers: number) => void;
  readonly #failed: (error: unknown) => void;
  #servers = 1;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(directory: StateDirectory, heard: (servers: number) => void, failed: (error: unknown) => void) {
    this.#directory = directory;
    this.#heard = heard;
    this.#failed = failed;
  }

  /** Resolves when the first count is there. */
  async start(): Promise<void> {
    try {
      await this.#beat();
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (!this.#stopped) this.#timer = setTimeout(() => this.start(), BEAT_MS).unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#directory.remove(this.#name).catch(this.#failed);
  }

  async #beat(): Promise<void> {
    await this.#directory.touch(this.#name);
    const now = Date.now();
    const beats = await this.#directory.list('.alive');
    const alive = beats.filter(({ at }) => now - at < GONE_MS);
    for (const { name } of beats.filter(({ at }) => now - at > 20 * GONE_MS)) await this.#directory.remove(name);
    const servers = Math.max(1, alive.length);
    if (servers === this.#servers) return;
    this.#servers = servers;
    this.#heard(servers);
  }
}
