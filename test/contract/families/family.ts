import type { Operation } from '../../../src/catalog/operation.ts';
import type { Scene } from '../scene.ts';

export type Json = Record<string, unknown>;
export type Pick = 'first' | 'last';

/** What the contract check must know of one family of operations, to call each of them with values that mean something. */
export type Family = {
  /** The record that stands at `{…}` after a segment of a path; undefined where the segment is none of the family's. */
  at?(scene: Scene, segment: string, parent: string): Promise<unknown> | undefined;
  /** The value of an argument of one of the family's tools; undefined where the schema alone gives one. */
  value?(scene: Scene, operation: Operation, name: string, pick: Pick): Promise<unknown> | undefined;
  /** By tool: what the least call needs beyond the required arguments. */
  least?: Readonly<Record<string, readonly string[]>>;
  /** By argument: goes in no call with all the others; and what must go with it. */
  alone?: Readonly<Record<string, Json>>;
  /** By tool: its calls, where its arguments exclude each other. */
  calls?: Readonly<Record<string, (scene: Scene) => Promise<Json[]>>>;
  /** By argument: why its request is checked but not sent. */
  unsent?: Readonly<Record<string, string>>;
};
