import type { ToolDefinition, ToolEntry } from './definitions.ts';
import { allTools, toolNames } from './entries.ts';
import { refuseUnknown, type Selection, select } from './selection.ts';

type Made = {
  readonly definitions: readonly ToolDefinition[];
  readonly byName: ReadonlyMap<string, ToolEntry>;
  readonly listed: ReadonlySet<string>;
  readonly excluded: ReadonlySet<string>;
  /** Those that can keep to the scope. */
  readonly kept: ReadonlySet<string>;
};

/** Which tools the settings list: worked out when it is first asked for, since a start need not know. */
export class Listing {
  readonly #selection: Selection;
  #made: Made | undefined;

  /** Throws for settings that cannot work. */
  constructor(selection: Selection) {
    refuseUnknown(toolNames, selection);
    this.#selection = selection;
  }

  get definitions(): readonly ToolDefinition[] {
    return this.#all.definitions;
  }

  /** The tool of that name, listed or not. */
  entry(name: string): ToolEntry | undefined {
    return this.#all.byName.get(name);
  }

  isListed(name: string): boolean {
    return this.#all.listed.has(name);
  }

  isKept(name: string): boolean {
    return this.#all.kept.has(name);
  }

  /** Excluding a tool excludes the resources that show its answers, and so does a scope that it can't keep to. */
  isExcluded(name: string): boolean {
    return this.#all.excluded.has(name) || !this.isKept(name);
  }

  get #all(): Made {
    this.#made ??= this.#make();
    return this.#made;
  }

  #make(): Made {
    const entries = allTools();
    const { exclude, scope } = this.#selection;
    const definitions = select(entries, this.#selection).map(({ definition }) => definition);
    const names = (toolsets: readonly string[], of?: Selection['scope']) =>
      new Set(
        select(entries, { toolsets, exclude: [], readOnly: false, scope: of }).map(({ definition }) => definition.name),
      );
    return {
      definitions,
      byName: new Map(entries.map((entry) => [entry.definition.name, entry])),
      listed: new Set(definitions.map(({ name }) => name)),
      excluded: names(exclude),
      kept: names(['all'], scope),
    };
  }
}
