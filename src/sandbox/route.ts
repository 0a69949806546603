import { z } from 'zod/v3';
import { ApiError, schemaError } from './error.ts';
import type { JsonObject } from './json.ts';
import type { World } from './world.ts';

export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof methods)[number];
type Head = { status: number; headers?: Readonly<Record<string, string>> };
export type JsonReply = Head & { body: JsonObject };
/** An answer: JSON, or the bytes of a file. */
export type Reply = JsonReply | (Head & { bytes: Buffer });

/** One request of an operation, its query and body already checked. */
export type Call<Q, B> = {
  readonly query: Q;
  readonly body: B;
  /** A path parameter as text; `int` as a whole number, 400 where it is none. */
  text(parameter: string): string;
  int(parameter: string): number;
};

export type Route = {
  readonly method: Method;
  readonly version: 'v1' | 'v2';
  /** `/deals/{id}`, without the version. */
  readonly path: string;
  /** API tokens, `x-token-cost` of the operation. */
  readonly cost: number;
  /** Counts against the search window. */
  readonly search: boolean;
  run(world: World, params: Readonly<Record<string, string>>, query: JsonObject, body: unknown): Reply;
};

type Endpoint = `${Method} /${'v1' | 'v2'}/${string}`;
type Spec<Q extends z.ZodTypeAny, B extends z.ZodTypeAny> = {
  cost: number;
  search?: boolean;
  /** Unknown parameters are ignored, as Pipedrive does. */
  query?: Q;
  body?: B;
  handle(world: World, call: Call<z.output<Q>, z.output<B>>): Reply;
};

const anything = z.object({});

/** Declares one operation: how it is reached, what it takes, what it does. */
export function route<Q extends z.ZodTypeAny = typeof anything, B extends z.ZodTypeAny = typeof anything>(
  endpoint: Endpoint,
  spec: Spec<Q, B>,
): Route {
  const match = /^(GET|POST|PUT|PATCH|DELETE) \/(v1|v2)(\/.*)$/.exec(endpoint);
  const method = z.enum(methods).parse(match?.[1]);
  const version = z.enum(['v1', 'v2']).parse(match?.[2]);
  return {
    method,
    version,
    path: z.string().parse(match?.[3]),
    cost: spec.cost,
    search: spec.search ?? false,
    run(world, params, query, body) {
      const text = (parameter: string): string => {
        const value = params[parameter];
        if (value === undefined) throw new Error(`${endpoint} has no parameter ${parameter}`);
        return value;
      };
      return spec.handle(world, {
        query: spec.query ? check(spec.query, query) : {},
        body: spec.body ? check(spec.body, body ?? {}) : {},
        text,
        int(parameter) {
          const value = text(parameter);
          if (!/^\d{1,15}$/.test(value)) throw schemaError(parameter, `The value is not a valid 'integer'`);
          return Number(value);
        },
      });
    },
  };
}

function check<T extends z.ZodTypeAny>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (!issue) throw new ApiError(400, 'Validation failed');
  if (issue.code === 'unrecognized_keys')
    throw schemaError(issue.path.join('.') || 'body', `Unknown key '${issue.keys[0]}'`);
  const path = issue.path.join('.') || 'body';
  if (issue.code === 'invalid_type') {
    throw schemaError(
      path,
      issue.received === 'undefined' ? 'Field is required' : `The value is not a valid '${issue.expected}'`,
    );
  }
  throw schemaError(path, issue.message);
}

/** v2's success envelope. */
export function ok(data: JsonObject[string], additional?: JsonObject): JsonReply {
  return { status: 200, body: { success: true, data, ...(additional ? { additional_data: additional } : {}) } };
}

export function created(data: JsonObject[string]): JsonReply {
  return { status: 201, body: { success: true, data } };
}

/** The envelope of answers that come whole and say so with an empty `additional_data`. */
export function whole(data: JsonObject[string], status = 200): JsonReply {
  return { status, body: { success: true, data, additional_data: null } };
}
