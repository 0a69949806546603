import type { JsonObject } from '../pipedrive/json.ts';

/** Arguments that name a record: by name, by id or by a link. */
export const recordKinds = ['deal', 'person', 'organization', 'lead'] as const;
export type RecordKind = (typeof recordKinds)[number];

/** What an argument is, and what completes it: names of the account, records seen, periods; `text` nothing. */
export type ArgumentKind = RecordKind | 'user' | 'pipeline' | 'period' | 'text';

export type Argument = {
  readonly name: string;
  readonly description: string;
  readonly kind: ArgumentKind;
  readonly required?: true;
  /** What it is where it is not given; it needs no cleaning. */
  readonly otherwise?: string;
};

/**
 * One call that a step names. In `args`, `{owner}` stands for the prompt's argument `owner`; a value that mentions one
 * that was not given is left out, except that a record not given yet is `<id of the deal>`, to be found out. Such angle
 * brackets also stand for what only the conversation will tell.
 */
export type Call = {
  readonly tool: string;
  readonly args: JsonObject;
  /** The argument without which the call is not made. */
  readonly needs?: string;
};

export type Step = {
  readonly say: string;
  /** Ways to do it, best first: the first of which a tool is listed is taken, with those of its tools that are. */
  readonly ways: readonly (readonly Call[])[];
  /** The prompt is not listed where no main step can be done. */
  readonly main?: true;
  /** Only where none of the prompt's records was given. */
  readonly unless?: 'given';
};

/** A day's work of sales people, as they would ask a colleague for it. */
export type Prompt = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly Argument[];
  readonly goal: string;
  readonly steps: readonly Step[];
  /** Steps that write, each after the person's word. */
  readonly writes?: readonly Step[];
  /** What the answer is to look like. */
  readonly answer: string;
};
