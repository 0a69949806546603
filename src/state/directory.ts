import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Of a file that says which process has something under way. No call takes longer than that. */
const HELD = '.held';
const LONGEST_HOLD_MS = 60 * 60_000;
/** What this process has under way now. */
const held = new Set<string>();

/** Does a process of that number run? */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs and is somebody else's.
    return isCode(error, 'EPERM');
  }
}

/** The system's own place for what a program keeps between runs. */
export function systemPlace(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const name = 'pipedrive-mcp';
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), name);
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', name);
  return join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), name);
}

/**
 * What outlives a process, for one token at one address: a folder that only the user can read, named so that the token
 * can't be read off it.
 */
export class StateDirectory {
  readonly path: string;

  constructor(place: string, account: { token: string; base: string }) {
    const key = createHash('sha256').update(`${account.base} ${account.token}`).digest('hex').slice(0, 16);
    this.path = join(place, key);
  }

  /** The text of a file, from so many bytes on; undefined where there is none. Rejects where it can't be read. */
  async read(name: string, from = 0): Promise<string | undefined> {
    try {
      const bytes = await readFile(join(this.path, name));
      return bytes.toString('utf8', from);
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /** Replaces a file whole: who reads it meanwhile sees the old one or the new one. */
  async write(name: string, text: string): Promise<void> {
    await this.#make();
    const path = join(this.path, name);
    // Two of one process may write it at once.
    const fresh = `${path}.${process.pid}-${randomUUID().slice(0, 8)}.tmp`;
    await writeFile(fresh, text, { mode: 0o600 });
    await rename(fresh, path);
  }

  /** Makes a file, or its time the present one. */
  async touch(name: string): Promise<void> {
    const path = join(this.path, name);
    const now = new Date();
    try {
      await utimes(path, now, now);
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error;
      await this.#make();
      await writeFile(path, '', { mode: 0o600 });
    }
  }

  /**
   * Takes a name for this caller alone and gives what frees it; waits `until` then (epoch ms) for whoever has it, and gives
   * nothing where it is still held. What a process that is gone has left behind holds nobody up. Rejects where it cannot be
   * written.
   */
  async hold(name: string, until = 0): Promise<(() => Promise<void>) | undefined> {
    await this.#make();
    const file = `${name}${HELD}`;
    const path = join(this.path, file);
    const mine = `${process.pid} ${randomUUID()}`;
    for (;;) {
      try {
        await writeFile(path, mine, { mode: 0o600, flag: 'wx' });
        held.add(mine);
        return async () => {
          held.delete(mine);
          await rm(path, { force: true });
        };
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error;
      }
      if (await this.#isLeft(file)) await rm(path, { force: true });
      else if (Date.now() >= until) return undefined;
      else await sleep(20);
    }
  }

  /** Was it left behind, by a process that is gone? Numbers of processes are given anew. */
  async #isLeft(file: string): Promise<boolean> {
    const found = (await this.list(HELD)).find(({ name }) => name === file);
    const holder = found && (await this.read(file));
    if (!found || holder === undefined) return false;
    const age = Date.now() - found.at;
    // An empty one is just being written.
    if (holder === '') return age > 1_000;
    const pid = Number(holder.split(' ')[0]);
    return pid === process.pid ? !held.has(holder) : age > LONGEST_HOLD_MS || !isRunning(pid);
  }

  remove(name: string): Promise<void> {
    return rm(join(this.path, name), { force: true });
  }

  /** The files with this ending, their size in bytes and when each was last written or touched, in epoch ms. */
  async list(ending: string): Promise<{ name: string; at: number; size: number }[]> {
    const names = (await this.#names()).filter((name) => name.endsWith(ending));
    const found = await Promise.all(
      names.map(async (name) => {
        // It may be gone since it was listed.
        const stats = await stat(join(this.path, name)).catch(() => undefined);
        return stats ? [{ name, at: stats.mtimeMs, size: stats.size }] : [];
      }),
    );
    return found.flat();
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.path);
    } catch (error) {
      if (isCode(error, 'ENOENT')) return [];
      throw error;
    }
  }

  async #make(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
