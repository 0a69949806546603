import { catalog } from '../catalog/index.ts';
import type { Client } from '../pipedrive/client.ts';
import { PipedriveError } from '../pipedrive/errors.ts';
import type { JsonObject } from '../pipedrive/json.ts';
import { AccountSource } from '../vocabulary/account.ts';
import { signature } from './answer.ts';
import { checkArguments } from './arguments.ts';
import { explain } from './errors.ts';
import { execute } from './execute.ts';
import { Seen } from './seen.ts';

export type ToolAnswer = { readonly structure: JsonObject; readonly isError: boolean };

/** The tools of one account, by name. Which of them are listed is decided by `select`. */
export class Tools {
  readonly seen = new Seen();
  readonly #client: Client;
  readonly #account: AccountSource;
  readonly #deadline: number;
  readonly #operations = new Map(catalog.map((operation) => [operation.name, operation]));
  readonly #writes = new Set<Promise<unknown>>();
  #introduced = false;

  /** `deadline`: milliseconds after which every call has ended. */
  constructor(client: Client, deadline: number) {
    this.#client = client;
    this.#account = new AccountSource(client);
    this.#deadline = deadline;
  }

  /** Runs a tool. What the caller can mend comes back as an answer with `isError`; anything else is thrown. */
  async call(name: string, args: JsonObject, signal: AbortSignal): Promise<ToolAnswer> {
    const operation = this.#operations.get(name);
    if (!operation) throw new Error(`There is no tool ${name}`);
    const options = { signal, deadline: Date.now() + this.#deadline };
    try {
      const checked = checkArguments(operation, args);
      const account = await this.#account.get(options);
      const run = execute({ operation, args: checked, account, client: this.#client, options, seen: this.seen });
      if (operation.kind !== 'read') this.#track(run);
      const structure = await run;
      const introduce = !this.#introduced && !('as' in structure);
      this.#introduced = true;
      return { structure: introduce ? { as: signature(account), ...structure } : structure, isError: false };
    } catch (error) {
      if (error instanceof PipedriveError && error.code === 'cancelled') signal.throwIfAborted();
      return { structure: explain(error, operation), isError: true };
    }
  }

  /** Resolves when no write is under way any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writes);
  }

  #track(run: Promise<unknown>): void {
    this.#writes.add(run);
    const done = () => this.#writes.delete(run);
    run.then(done, done);
  }
}
