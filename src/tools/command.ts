import { omitted, shut } from '../catalog/omitted.ts';
import { allTools } from './entries.ts';

/** Every tool of the whole catalogue: as JSON for programs, or a line each. */
export function printTools(asJson: boolean): string {
  const entries = allTools();
  if (!asJson) {
    return entries
      .map(({ definition, toolset, kind }) => `${definition.name} (${toolset}, ${kind}): ${definition.description}`)
      .concat(shut.map((endpoint) => `No tool: ${endpoint}, shut by Pipedrive`))
      .join('\n');
  }
  const superseded = omitted.flatMap(({ operations }) => Object.entries(operations));
  const tools = entries.map(({ definition, toolset, kind, endpoints, cost, core }) => ({
    name: definition.name,
    toolset,
    kind,
    ...(endpoints.length === 1 ? { endpoint: endpoints[0] } : { endpoints }),
    ...supersedes(definition.name),
    cost,
    core,
    bytes: Buffer.byteLength(JSON.stringify(definition)),
  }));
  return JSON.stringify(tools, null, 2);

  function supersedes(name: string) {
    const old = superseded.filter(([, tool]) => tool === name).map(([endpoint]) => endpoint);
    return old.length > 0 ? { supersedes: old } : {};
  }
}
