import { entries, type ToolEntry } from './definitions.ts';

/** The names of all tools: what a start needs of them. The build puts the value in the place of this module. */
export const toolNames: readonly string[] = entries.map(({ definition }) => definition.name);

/** Every tool. In the build they are made when they are first asked for, since that takes a tenth of a start. */
export function allTools(): readonly ToolEntry[] {
  return entries;
}
