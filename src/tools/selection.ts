import { type Toolset, toolsets } from '../catalog/toolsets.ts';
import { didYouMean } from '../vocabulary/problem.ts';
import type { ToolEntry } from './definitions.ts';
import type { Scope } from './writing/scope.ts';

type Selection = {
  /** Names of toolsets, `core`, `all`, or single tools. */
  readonly toolsets: readonly string[];
  readonly exclude: readonly string[];
  readonly readOnly: boolean;
  /** What the tools must be able to keep to. */
  readonly scope?: Scope | undefined;
};

/**
 * The tools to list, in the catalogue's order. First what is asked for, then what is excluded, then read-only, then what
 * can't keep to the scope: the last three always win. Throws for a name that is neither a toolset nor a tool.
 */
export function select(entries: readonly ToolEntry[], selection: Selection): ToolEntry[] {
  const wanted = matcher(entries, selection.toolsets, 'PIPEDRIVE_TOOLSETS');
  const excluded = matcher(entries, selection.exclude, 'PIPEDRIVE_EXCLUDE');
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

function matcher(
  entries: readonly ToolEntry[],
  names: readonly string[],
  setting: string,
): (entry: ToolEntry) => boolean {
  const known = ['core', 'all', ...toolsets, ...entries.map((entry) => entry.definition.name)];
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = didYouMean(name, known);
    throw new Error(
      `${setting}: "${name}" is neither a toolset nor a tool.${near ? ` Did you mean "${near}"?` : ''} Toolsets: core, all, ${toolsets.join(', ')}.`,
    );
  }
  const asked = new Set<string>(names);
  return ({ definition, toolset, core }) =>
    asked.has('all') ||
    (core && asked.has('core')) ||
    asked.has(toolset satisfies Toolset) ||
    asked.has(definition.name);
}
