import { createHash, randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Json, JsonObject } from '../pipedrive/json.ts';

/** How long a code holds. */
const LIFE_MS = 10 * 60_000;
const MOST = 1_000;

/** What a code is sealed to: the tool, its target and values, and the present values of what they touch. */
export type Sealed = { readonly tool: string; readonly args: JsonObject; readonly present: JsonObject };

export type Verdict =
  | { readonly is: 'good' }
  | { readonly is: 'unknown' | 'used' | 'expired' | 'other tool' | 'other values' }
  /** What the code was given for has changed since. */
  | { readonly is: 'changed'; readonly changes: Differences };

/** Key → what it was and what it is. */
export type Differences = Readonly<Record<string, { was: Json; is: Json }>>;

type Issued = {
  readonly tool: string;
  readonly seal: string;
  readonly present: JsonObject;
  readonly until: number;
  used: boolean;
};

/** Codes that let one previewed write through, once. They live and end with the process. */
export class PlanCodes {
  readonly #issued = new Map<string, Issued>();
  readonly #now: () => number;

  /** `now` is for tests. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  issue({ tool, args, present }: Sealed): string {
    const code = randomBytes(5).toString('hex');
    this.#issued.set(code, { tool, seal: sealOf(args), present, until: this.#now() + LIFE_MS, used: false });
    const [oldest] = this.#issued.keys();
    if (this.#issued.size > MOST && oldest !== undefined) this.#issued.delete(oldest);
    return code;
  }

  /** A code that is good is used up by this. */
  redeem(code: string, { tool, args, present }: Sealed): Verdict {
    const issued = this.#issued.get(code);
    if (!issued) return { is: 'unknown' };
    if (issued.used) return { is: 'used' };
    if (this.#now() > issued.until) return { is: 'expired' };
    if (issued.tool !== tool) return { is: 'other tool' };
    if (issued.seal !== sealOf(args)) return { is: 'other values' };
    issued.used = true;
    const changes = differences(issued.present, present);
    return Object.keys(changes).length === 0 ? { is: 'good' } : { is: 'changed', changes };
  }
}

/** The keys whose values differ, one that is missing being null. */
export function differences(before: JsonObject, now: JsonObject): Differences {
  const changed = [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((key) => {
    const [was, is] = [before[key] ?? null, now[key] ?? null];
    return isDeepStrictEqual(was, is) ? [] : [[key, { was, is }] as const];
  });
  return Object.fromEntries(changed);
}

/** What tells one set of arguments from another, in whatever order they come. */
export function sealOf(args: JsonObject): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(args)))
    .digest('hex');
}

/** The same whatever order the keys came in. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null)]),
  );
}
