import { type Toolset, toolsets } from '../catalog/toolsets.ts';
import { didYouMean } from '../vocabulary/problem.ts';
import type { ToolEntry } from './definitions.ts';
import type { Scope } from './writing/scope.ts';

export type Selection = {
  /** Names of toolsets, `core`, `all`, or single tools. */
  readonly toolsets: readonly string[];
  readonly exclude: readonly string[];
  readonly readOnly: boolean;
  /** What the tools must be able to keep to. */
  readonly scope?: Scope | undefined;
};

/**
 * The tools to list, in the catalogue's order. First what is asked for, then what is excluded, then read-only, then what
 * can't keep to the scope: the last three always win.
 */
export function select(entries: readonly ToolEntry[], selection: Selection): ToolEntry[] {
  const wanted = matcher(selection.toolsets);
  const excluded = matcher(selection.exclude);
  return entries
    .filter(wanted)
    .filter((entry) => !excluded(entry))
    .filter((entry) => !selection.readOnly || entry.kind === 'read')
    .flatMap((entry) => scoped(entry, selection.scope ?? {}));
}

/** The tool without the arguments that the scope has taken; none where it cannot keep to it. */
function scoped(entry: ToolEntry, scope: Scope): ToolEntry[] {
  const gone = new Set<string>();
  for (const pinned of ['owner', 'pipeline'] as const) {
    if (scope[pinned] === undefined) continue;
    const scoping = entry.scoping[pinned];
    if (!scoping) return [];
    for (const name of scoping.drops) gone.add(name);
  }
  if (gone.size === 0) return [entry];
  const { properties, ...schema } = entry.definition.inputSchema;
  const left = Object.entries(isObject(properties) ? properties : {}).filter(([name]) => !gone.has(name));
  const inputSchema = { ...schema, properties: Object.fromEntries(left) };
  return [{ ...entry, definition: { ...entry.definition, inputSchema } }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Throws for a name that is neither a toolset nor one of these tools. */
export function refuseUnknown(tools: readonly string[], { toolsets: wanted, exclude }: Selection): void {
  const known = new Set(['core', 'all', ...toolsets, ...tools]);
  for (const [setting, names] of [
    ['PIPEDRIVE_TOOLSETS', wanted],
    ['PIPEDRIVE_EXCLUDE', exclude],
  ] as const) {
    const unknown = names.find((name) => !known.has(name));
    if (unknown === undefined) continue;
    const near = didYouMean(unknown, [...known]);
    throw new Error(
      `${setting}: "${unknown}" is neither a toolset nor a tool.${near ? ` Did you mean "${near}"?` : ''} Toolsets: core, all, ${toolsets.join(', ')}.`,
    );
  }
}

function matcher(names: readonly string[]): (entry: ToolEntry) => boolean {
  const asked = new Set<string>(names);
  return ({ definition, toolset, core }) =>
    asked.has('all') ||
    (core && asked.has('core')) ||
    asked.has(toolset satisfies Toolset) ||
    asked.has(definition.name);
}
