import { type Toolset, toolsets } from '../catalog/toolsets.ts';
import { didYouMean } from '../vocabulary/problem.ts';
import type { ToolEntry } from './definitions.ts';

type Selection = {
  /** Names of toolsets, `core`, `all`, or single tools. */
  readonly toolsets: readonly string[];
  readonly exclude: readonly string[];
  readonly readOnly: boolean;
};

/**
 * The tools to list, in the catalogue's order. First what is asked for, then what is excluded, then read-only: the last
 * two always win. Throws for a name that is neither a toolset nor a tool.
 */
export function select(entries: readonly ToolEntry[], selection: Selection): ToolEntry[] {
  const wanted = matcher(entries, selection.toolsets, 'PIPEDRIVE_TOOLSETS');
  const excluded = matcher(entries, selection.exclude, 'PIPEDRIVE_EXCLUDE');
  return entries
    .filter(wanted)
    .filter((entry) => !excluded(entry))
    .filter((entry) => !selection.readOnly || entry.kind === 'read');
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
