import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Of a file that says which process has something under way, and how long another waits for it. */
const HELD = '.held';
const LONGEST_HOLD_MS = 60_000;

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
   * Takes a name for this caller alone, waiting for whoever has it; gives what frees it. What a process that is gone has
   * left behind holds nobody up. Rejects where it cannot be written, or when another has it for too long.
   */
  async hold(name: string): Promise<() => Promise<void>> {
    await this.#make();
    const file = `${name}${HELD}`;
    const path = join(this.path, file);
    for (const since = Date.now(); ; await sleep(20)) {
      try {
        await writeFile(path, String(process.pid), { mode: 0o600, flag: 'wx' });
        return () => rm(path, { force: true });
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error;
      }
      const holder = Number((await this.read(file)) ?? process.pid);
      const waited = Date.now() - since;
      // An empty file is just being written, or was left by a crash at that very moment.
      if (holder === 0 ? waited > 1_000 : !isRunning(holder)) await rm(path, { force: true });
      else if (waited > LONGEST_HOLD_MS) throw new Error(`process ${holder} has had ${name} for a minute`);
    }
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
