import type { JsonObject } from '../pipedrive/json.ts';
import { resources } from './index.ts';

const KEEP_MS = 5 * 60_000;

/** Answers of resources that change rarely, kept for five minutes or until a write touches what they tell of. */
export class Shelf {
  version = 0;
  readonly #kept = new Map<string, { structure: JsonObject; at: number }>();

  get(uri: string): JsonObject | undefined {
    const kept = this.#kept.get(uri);
    if (!kept || Date.now() - kept.at > KEEP_MS) return undefined;
    return { ...kept.structure, age_seconds: Math.round((Date.now() - kept.at) / 1000) };
  }

  /** Keeps an answer, unless a write came between `version` and now: it may tell of before. */
  put(uri: string, structure: JsonObject, version: number): void {
    if (version !== this.version) return;
    this.#kept.set(uri, { structure, at: Date.now() });
  }

  /** A write of this kind of record was begun or has ended. */
  touched(kind: string): void {
    this.version += 1;
    for (const resource of resources) if (resource.of.includes(kind)) this.#kept.delete(resource.uri);
  }
}
