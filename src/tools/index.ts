import { setMaxListeners } from 'node:events';
import { GUARDING } from '../catalog/arguments.ts';
import { catalog } from '../catalog/index.ts';
import type { Operation } from '../catalog/operation.ts';
import { redacted, secretsIn } from '../guard/secrets.ts';
import { isShort } from '../pipedrive/budget.ts';
import type { CallOptions, Client, Limits } from '../pipedrive/client.ts';
import { PipedriveError } from '../pipedrive/errors.ts';
import type { JsonObject } from '../pipedrive/json.ts';
import { fold } from '../vocabulary/fold.ts';
import { Vocabulary } from '../vocabulary/vocabulary.ts';
import { signature } from './answers/answer.ts';
import { explain } from './answers/errors.ts';
import { fit } from './answers/fit.ts';
import { Marks, unmarkedIn } from './answers/outside.ts';
import { visible } from './answers/visible.ts';
import { execute } from './execute.ts';
import { type Attachment, Files } from './files.ts';
import { askedFor, refuseOtherList } from './lists/cursor.ts';
import { refuseOtherCompany } from './names/link.ts';
import { doubtNames, resolveNames } from './names/resolve.ts';
import type { Run } from './run.ts';
import { Seen } from './seen.ts';
import { nowIn } from './time.ts';
import type { Ask, Guard } from './writing/guard.ts';
import type { Scope } from './writing/scope.ts';
import { fillScope, refuseForged, refuseOutside } from './writing/scoped.ts';
import { write } from './writing/writing.ts';

export type ToolAnswer = {
  readonly structure: JsonObject;
  readonly isError: boolean;
  /** Pictures and files beside it. */
  readonly attachments?: readonly Attachment[];
};

/** How long a person who types waits for names. */
const COMPLETION_MS = 3000;

/** A daily budget that runs short is worth a word in every answer. */
function shortBudget(daily: Limits['daily']): string | undefined {
  if (!isShort(daily)) return undefined;
  return `Only ${daily.left} of the company's ${daily.limit} API tokens are left today: ask for what is needed and no more`;
}

/** The tools of one account, by name. Which of them are listed is decided by `select`. */
export class Tools {
  readonly seen = new Seen();
  readonly #client: Client;
  readonly #vocabulary: Vocabulary;
  readonly #deadline: number;
  readonly #files: Files;
  readonly #guard: Guard | undefined;
  readonly #scope: Scope | undefined;
  readonly #operations = new Map(catalog.map((operation) => [operation.name, operation]));
  readonly #writes = new Set<Promise<unknown>>();
  /** The last update of each record under way, so that one that reads before it writes never reads too early. */
  readonly #updates = new Map<string, Promise<unknown>>();
  #introduced = false;

  /**
   * `deadline`: milliseconds after which every call has ended. `directories` are those that files may be in. Without a
   * guard writes are just done.
   */
  constructor(client: Client, deadline: number, directories: readonly string[] = [], guard?: Guard, scope?: Scope) {
    this.#client = client;
    this.#vocabulary = new Vocabulary(client);
    this.#deadline = deadline;
    this.#files = new Files(directories);
    this.#guard = guard;
    this.#scope = scope;
  }

  /** Runs a tool. What the caller can mend comes back as an answer with `isError`; anything else is thrown. */
  async call(
    name: string,
    args: JsonObject,
    signal: AbortSignal,
    host: { progress?: CallOptions['progress']; ask?: Ask } = {},
  ): Promise<ToolAnswer> {
    const operation = this.#operations.get(name);
    if (!operation) throw new Error(`There is no tool ${name}`);
    const sent = unmarkedIn(args);
    const marks = new Marks(sent);
    const shown = (structure: JsonObject) => {
      // What others wrote speaks from an error and from what a write shows as well.
      if (marks.used) this.#guard?.taint.note();
      return fit(marks.tidy(structure));
    };
    try {
      const attachments: Attachment[] = [];
      const attach = (content: Attachment) => attachments.push(marks.file(content));
      const deadline = Date.now() + this.#deadline;
      const { progress, ask } = host;
      const options = { signal, deadline, spent: { requests: 0, tokens: 0 }, ...(progress ? { progress } : {}) };
      const structure = await this.#run(operation, sent, options, { attach, marks, ask });
      return { structure: shown(structure), isError: false, ...(attachments.length > 0 ? { attachments } : {}) };
    } catch (error) {
      if (error instanceof PipedriveError && error.code === 'cancelled') signal.throwIfAborted();
      const said = explain(error, operation, this.#vocabulary.account.known?.zone ?? 'UTC');
      const secrets = secretsIn(args);
      // Pipedrive names custom fields by code; where our own errors do, it is to tell two of one label apart.
      const named = (text: string) => (error instanceof PipedriveError ? this.#vocabulary.withLabels(text) : text);
      const labelled = Object.entries(said).map(([key, value]) => [
        key,
        typeof value === 'string' ? redacted(named(value), secrets) : value,
      ]);
      return { structure: shown(Object.fromEntries(labelled)), isError: true };
    }
  }

  /** What of the account begins with `prefix`: users and pipelines by name, of records those that answers showed. */
  async complete(kind: string, prefix: string, signal: AbortSignal): Promise<string[]> {
    if (kind !== 'user' && kind !== 'pipeline') return this.seen.labels(kind, prefix).map(visible);
    const options = { signal, deadline: Date.now() + COMPLETION_MS };
    const names = await this.#vocabulary.names(kind).get(options);
    const labels = names.entries.filter(({ retired }) => retired !== true).map(({ id }) => names.label(id) ?? '');
    const wanted = fold(prefix);
    return [...(kind === 'user' ? ['me'] : []), ...labels]
      .filter((label) => fold(label).startsWith(wanted))
      .map(visible);
  }

  /** Resolves when no write is under way any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writes);
  }

  async #run(
    operation: Operation,
    given: JsonObject,
    options: CallOptions,
    beside: Pick<Run, 'attach' | 'marks' | 'ask'>,
  ): Promise<JsonObject> {
    // One call may wait for many requests at once, each of which listens for its end.
    setMaxListeners(0, options.signal);
    const filled = this.#scope ? fillScope(operation, given, this.#scope) : given;
    const { args: whole, ...place } = askedFor(operation, filled);
    const [own, guarding] = split(whole);
    const asked = { args: own, ...place };
    const account = await this.#vocabulary.account.get(options);
    refuseOtherCompany(given, account);
    const vocabulary = this.#vocabulary;
    const checked = { operation, ...asked, account, vocabulary, client: this.#client, options, seen: this.seen };
    const args = await resolveNames(checked, given);
    if (this.#scope) refuseForged({ ...checked, args }, asked.before, this.#scope);
    refuseOtherList(operation, asked, args);
    if (this.#scope) await refuseOutside({ ...checked, args }, this.#scope);
    const run = { ...checked, args, guarding, guard: this.#guard, scope: this.#scope, files: this.#files, ...beside };
    const structure = await (operation.kind === 'read'
      ? execute(run)
      : this.#write(operation, args, () => (this.#guard ? write(run, this.#guard, execute) : execute(run))));
    const introduce = !this.#introduced && !('as' in structure);
    this.#introduced = true;
    const now = nowIn(account.zone, this.#client.limits().clockAhead);
    const known = introduce ? { as: signature(account), now, ...structure } : structure;
    const short = shortBudget(this.#client.limits().daily);
    return short === undefined ? known : { ...known, budget: short };
  }

  /** Writes to one record go one after the other. */
  async #write(operation: Operation, args: JsonObject, work: () => Promise<JsonObject>): Promise<JsonObject> {
    const key = `${operation.entity.name} ${String(args['id'])}`;
    const before = operation.kind === 'update' ? this.#updates.get(key) : undefined;
    const run = before ? before.then(work, work) : work();
    this.#writes.add(run);
    if (operation.kind === 'update') this.#updates.set(key, run);
    this.#vocabulary.touched(operation.entity.name);
    try {
      return await run;
    } catch (error) {
      if (error instanceof PipedriveError && /^(invalid|not_found)$/.test(error.code)) {
        doubtNames(operation, args, this.#vocabulary);
      }
      throw error;
    } finally {
      this.#vocabulary.touched(operation.entity.name);
      this.#writes.delete(run);
      if (this.#updates.get(key) === run) this.#updates.delete(key);
    }
  }
}

/** The arguments of the operation, and those that say how it is to be done. */
function split(args: JsonObject): [own: JsonObject, guarding: JsonObject] {
  const entries = Object.entries(args);
  const isGuarding = ([name]: [string, unknown]) => GUARDING.includes(name);
  return [
    Object.fromEntries(entries.filter((entry) => !isGuarding(entry))),
    Object.fromEntries(entries.filter(isGuarding)),
  ];
}
