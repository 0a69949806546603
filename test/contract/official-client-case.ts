import type { Json } from './official-client.ts';
import type { Scene } from './scene.ts';

/** A plain request, without the client, a GET unless said; `data` is undefined where the answer is an error, hex of a file. */
export type See = (path: string, method?: string) => Promise<{ status: number; data: unknown }>;

/** What one operation is called with and, where it writes, what shows that it has done its work. */
export type Case = {
  /** The client's parameters by name, those of the path aside where a scene has the record; `body` is the JSON body. */
  given?(scene: Scene): Promise<Json> | Json;
  /** What a plain GET shows of it, before the call without and after it with the answer's `data`. */
  look?(see: See, given: Json, data: unknown): Promise<unknown>;
  /** What that is after the call, and not before: the body where this is left out. */
  shows?(given: Json, data: unknown): unknown;
};

export function rows(value: unknown): Json[] {
  return (value ?? []) as Json[];
}

export function row(value: unknown): Json {
  return (value ?? {}) as Json;
}

export const hasNot = (found: Json[], key: string, value: unknown) => !found.some((one) => one[key] === value);
