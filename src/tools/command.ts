import { entries } from './definitions.ts';

/** Every tool of the whole catalogue: as JSON for programs, or a line each. */
export function printTools(asJson: boolean): string {
  if (!asJson) {
    return entries
      .map(({ definition, toolset, kind }) => `${definition.name} (${toolset}, ${kind}): ${definition.description}`)
      .join('\n');
  }
  const tools = entries.map(({ definition, toolset, kind, endpoints, cost, core }) => ({
    name: definition.name,
    toolset,
    kind,
    ...(endpoints.length === 1 ? { endpoint: endpoints[0] } : { endpoints }),
    cost,
    core,
    bytes: Buffer.byteLength(JSON.stringify(definition)),
  }));
  return JSON.stringify(tools, null, 2);
}
