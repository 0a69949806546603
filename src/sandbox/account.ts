import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod/v3';
import { Clock } from './clock.ts';
import { report } from './error.ts';
import { recordHistory } from './history.ts';
import { company } from './model.ts';
import { keepParticipants } from './participants.ts';
import { fillEmpty, fillSample, sampleCompany } from './sample/index.ts';
import { roleOf } from './visibility.ts';
import { deliverWebhooks } from './webhooks/delivery.ts';
import { createWorld, type World } from './world.ts';

export type AccountOptions = {
  seed: number;
  /** The account's time at its start; its sample dates are relative to it. */
  now?: Date | undefined;
  deals?: number | undefined;
  empty?: boolean | undefined;
  /** Keeps the data: read at the start where it exists, written after changes. */
  file?: string | undefined;
};

/** An account that was kept in a file, or a new one. Throws where the file is not one of ours. */
export function openAccount({ seed, now, deals, empty, file }: AccountOptions): World {
  const clock = new Clock(now ?? new Date());
  if (file !== undefined && existsSync(file)) return watched(readAccount(file, clock));
  const world = createWorld(clock, sampleCompany);
  if (empty) fillEmpty(world, seed);
  else fillSample(world, seed, deals);
  return watched(world);
}

const kept = z.object({ company, tables: z.record(z.unknown()) });

function readAccount(file: string, clock: Clock): World {
  const text = readFileSync(file, 'utf8');
  try {
    const content = kept.parse(JSON.parse(text));
    const world = createWorld(clock, content.company);
    // An older version kept fewer kinds of record: those that it lacks begin empty.
    for (const [name, table] of Object.entries(world.db)) {
      if (content.tables[name] !== undefined) table.load(content.tables[name]);
    }
    // Nothing works without the owner and the owner's role.
    roleOf(world, world.me());
    return world;
  } catch (cause) {
    const remedy = 'It stays as it is: move it away, or name another file.';
    throw new Error(`${file} does not hold the data of a sandbox. ${remedy}`, { cause });
  }
}

/** From now on every change has its consequences. */
function watched(world: World): World {
  recordHistory(world);
  keepParticipants(world);
  deliverWebhooks(world);
  return world;
}

/** Keeps an account in its file, if it has one: written soon after a change. */
export class Keeper {
  readonly #file: string | undefined;
  #world: World;
  #saving: NodeJS.Timeout | undefined;
  #pause = 50;

  constructor(file: string | undefined, world: World) {
    this.#file = file;
    this.#world = world;
    this.keep(world);
  }

  /** It is this account that the file is to hold from now on. */
  keep(world: World): void {
    this.#world = world;
    world.listen(() => this.#saveSoon());
    this.#saveSoon();
  }

  /** Throws where the file cannot be written. */
  save(): void {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    if (this.#file === undefined) return;
    const began = performance.now();
    const { company, db } = this.#world;
    writeFileSync(`${this.#file}.tmp`, JSON.stringify({ company, tables: db }), { mode: 0o600 });
    renameSync(`${this.#file}.tmp`, this.#file);
    // A big account takes long to write: most of the time is to be left for answers.
    this.#pause = Math.max(50, 10 * (performance.now() - began));
  }

  close(): void {
    if (this.#saving) this.save();
  }

  #saveSoon(): void {
    if (this.#file === undefined || this.#saving) return;
    this.#saving = setTimeout(() => {
      try {
        this.save();
      } catch (error) {
        // A full disk, say: the next change tries again.
        report(error);
      }
    }, this.#pause);
  }
}
