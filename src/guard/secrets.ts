import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';

/** What no file, error or log is to hold, whatever it is called. */
const SECRET = /password|secret|token/i;
const INSTEAD = '[secret]';
/** A shorter one stands in half of all words. */
const SHORTEST = 4;

/** A record or body with every secret in it replaced. */
export function withoutSecrets(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isObject(value)) return value;
  const kept: JsonObject = {};
  for (const [key, part] of Object.entries(value)) kept[key] = SECRET.test(key) ? INSTEAD : withoutSecrets(part);
  return kept;
}

/** The secrets that a body or arguments hold. */
export function secretsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    typeof part === 'string' && SECRET.test(key) && part.length >= SHORTEST ? [part] : secretsIn(part),
  );
}

/** A text in which none of these secrets stands. */
export function redacted(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, INSTEAD), text);
}
