import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod/v3';
import { type JsonSchema7Type, zodToJsonSchema } from 'zod-to-json-schema';
import { catalog } from '../catalog/index.ts';
import { type Endpoint, endpoints, type Kind, type Operation, type Toolset } from '../catalog/operation.ts';
import type { JsonObject } from '../pipedrive/json.ts';
import { type Pinned, type Scoping, scopingOf } from './writing/scope.ts';

/** A tool as `tools/list` shows it. */
export type ToolDefinition = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: { type: 'object'; [key: string]: unknown };
  readonly annotations: JsonObject;
};

export type ToolEntry = {
  readonly definition: ToolDefinition;
  readonly toolset: Toolset;
  readonly kind: Kind;
  /** The kind of record it is about. */
  readonly record: string;
  readonly core: boolean;
  readonly cost: number;
  readonly endpoints: readonly Endpoint[];
  /** How it keeps within a scope; left out where it cannot. */
  readonly scoping: { readonly [K in Pinned]?: Scoping };
};

const plainTypes = z.array(z.object({ type: z.enum(['integer', 'number', 'string', 'boolean', 'null']) }).strict());

/**
 * Every tool of the catalogue. The build runs this module once and puts its value in its place, so that neither zod nor
 * the catalogue is loaded to list tools.
 */
export const entries: readonly ToolEntry[] = catalog.map((operation) => ({
  definition: define(operation),
  toolset: operation.toolset,
  kind: operation.kind,
  record: operation.entity.name,
  core: operation.core ?? false,
  cost: operation.cost,
  endpoints: endpoints(operation),
  scoping: {
    ...within('owner', scopingOf(operation, 'owner')),
    ...within('pipeline', scopingOf(operation, 'pipeline')),
  },
}));

function within(pinned: Pinned, scoping: Scoping | undefined): { readonly [K in Pinned]?: Scoping } {
  return scoping ? { [pinned]: scoping } : {};
}

function define(operation: Operation): ToolDefinition {
  const { name, title, summary, details, kind } = operation;
  const { $schema: _, ...schema } = zodToJsonSchema(operation.input, { $refStrategy: 'none', postProcess: briefly });
  return {
    name,
    title,
    description: details ? `${summary} ${details}` : summary,
    // Objects within are as strict, and say it in their errors: here it would be paid for in every conversation.
    inputSchema: { ...schema, additionalProperties: false, type: 'object' },
    annotations: annotate(kind),
  };
}

/** `{"type": ["integer", "string"]}` where the converter says at length `{"anyOf": [{"type": "integer"}, …]}`. */
function briefly(schema: JsonSchema7Type | undefined): JsonSchema7Type | undefined {
  if (!schema) return schema;
  // Any value at all is what an object takes anyway.
  if ('additionalProperties' in schema && isDeepStrictEqual(schema.additionalProperties || {}, {})) {
    const { additionalProperties: _, ...rest } = schema;
    return rest;
  }
  if (!('anyOf' in schema)) return schema;
  const { anyOf, ...rest } = schema;
  const { data } = plainTypes.safeParse(anyOf);
  return data ? { ...rest, type: data.map(({ type }) => type) } : schema;
}

/** Hints of MCP: the two that hosts act on are always spelt out, others where they differ from the protocol's default. */
function annotate(kind: Kind): JsonObject {
  if (kind === 'read') return { readOnlyHint: true };
  if (kind === 'create') return { destructiveHint: false };
  return { destructiveHint: true, ...(kind === 'convert' || kind === 'merge' ? {} : { idempotentHint: true }) };
}
