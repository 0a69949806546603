import { z } from 'zod/v3';
import { type JsonObject, parseJson } from '../pipedrive/json.ts';
import type { StateDirectory } from '../state/directory.ts';
import { Problem } from '../vocabulary/problem.ts';

const form = z.object({
  id: z.string(),
  tool: z.string(),
  account: z.string(),
  /** Epoch ms. */
  at: z.number(),
  /** It was let through: before that it is a plan. */
  begun: z.boolean(),
  /** How many of its items the journal knew when it was last worked on. */
  noted: z.number().optional(),
  /** What is to be done, in the tool's own form. */
  work: z.custom<JsonObject>((value) => typeof value === 'object' && value !== null),
});

/** A call of many writes as it was planned. What of it is done is in the journal, under its id. */
export type Job = Readonly<z.infer<typeof form>>;

const ENDING = '.job';
/** Of one that is only planned: there may be many, and they are good for minutes. */
const PLANNED = '.plan';
/** A job that nobody went on with for so long is forgotten. */
const OLDEST_MS = 7 * 24 * 3600 * 1000;
/** Plans that are kept, the newest. */
const MOST = 100;

/** Jobs of one account, a file each in the state directory, so that one is gone on with after a crash. */
export class Jobs {
  readonly #directory: StateDirectory;

  constructor(directory: StateDirectory) {
    this.#directory = directory;
  }

  /** Rejects with a Problem where it cannot be kept: then none of it may be done, since it could not be gone on with. */
  async save(job: Job): Promise<void> {
    try {
      await this.#directory.write(job.id + (job.begun ? ENDING : PLANNED), JSON.stringify(job));
    } catch (cause) {
      const problem = new Problem(
        'Nothing was changed: a job of many writes must be put down first, and it cannot be.',
        `The state directory cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
        'The user has to make room, or set PIPEDRIVE_STATE_DIR to a directory that can be written.',
        'no',
      );
      throw Object.assign(problem, { cause });
    }
    if (job.begun) await this.#directory.remove(job.id + PLANNED);
    const plans = (await this.#directory.list(PLANNED)).sort((a, b) => b.at - a.at);
    for (const { name } of plans.slice(MOST)) await this.#directory.remove(name);
    const jobs = await this.#directory.list(ENDING);
    for (const { name, at } of jobs) if (Date.now() - at > OLDEST_MS) await this.#directory.remove(name);
  }

  /** Undefined where there is none of that id. */
  async load(id: string): Promise<Job | undefined> {
    if (!/^[0-9a-f]{10}$/.test(id)) return undefined;
    const text = (await this.#directory.read(id + ENDING)) ?? (await this.#directory.read(id + PLANNED));
    return text === undefined ? undefined : form.safeParse(parseJson(text)).data;
  }
}
