import type { JsonObject } from '../../pipedrive/json.ts';
import { explain } from '../answers/errors.ts';
import type { Run } from '../run.ts';
import type { Outcome } from './work.ts';

/** Failures that are told apart, and records named of each. */
const MOST_KINDS = 20;
const MOST_NAMED = 100;

type Group = { readonly is: 'failed' | 'unknown'; readonly said: JsonObject; readonly keys: string[]; count: number };

/** What became of the records of a job: those that went wrong are named, with what to do about them. */
export class Tally {
  readonly #run: Run;
  readonly #groups = new Map<string, Group>();
  done = 0;
  failed = 0;
  unknown = 0;

  constructor(run: Run) {
    this.#run = run;
  }

  /** How many are done, or will not be tried again without a reason. */
  get ended(): number {
    return this.done + this.failed + this.unknown;
  }

  note(outcome: Outcome): void {
    if (outcome.is === 'done') {
      this.done += 1;
      return;
    }
    if (outcome.is === 'failed') this.failed += 1;
    else this.unknown += 1;
    const { operation, account, vocabulary } = this.#run;
    const { error, why, next } = explain(outcome.error, operation, account.zone);
    // The address is another one for each record.
    const text = vocabulary.withLabels(String(error).replace(/ \([A-Z]+ \/api[^)]*\)/, ''));
    const group = this.#groups.get(`${outcome.is} ${text}`) ?? {
      is: outcome.is,
      said: { error: text, why: why ?? '', next: next ?? '' },
      keys: [],
      count: 0,
    };
    this.#groups.set(`${outcome.is} ${text}`, group);
    group.count += 1;
    if (group.keys.length < MOST_NAMED) group.keys.push(outcome.key);
  }

  /** `failed` and `not_known`, the records of each kind of failure together. */
  says(): JsonObject {
    const groups = [...this.#groups.values()].sort((a, b) => b.count - a.count);
    const told = (is: Group['is']) => {
      const own = groups.filter((group) => group.is === is);
      const rest = own.slice(MOST_KINDS);
      const others = { count: rest.reduce((sum, { count }) => sum + count, 0) };
      const keys = rest.flatMap((group) => group.keys).slice(0, MOST_NAMED);
      return [
        ...own.slice(0, MOST_KINDS).map((group) => ({
          count: group.count,
          records: group.keys.map(asId),
          ...group.said,
        })),
        ...(rest.length > 0 ? [{ ...others, records: keys.map(asId), error: `${rest.length} other errors` }] : []),
      ];
    };
    const [failed, unknown] = [told('failed'), told('unknown')];
    return {
      ...(failed.length > 0 ? { failed } : {}),
      ...(unknown.length > 0 ? { not_known: unknown } : {}),
    };
  }
}

function asId(key: string): string | number {
  return /^\d+$/.test(key) ? Number(key) : key;
}
