import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { type App, structure as structureForm } from './app.ts';

const RESOURCE_NOT_FOUND = -32002;

/** The protocol's side of an app: MCP requests in, its answers out. */
function createProtocolServer(app: App): Server {
  const server = new Server(
    { name: app.name, title: 'Pipedrive', version: app.version },
    { capabilities: { tools: {}, resources: {}, completions: {} }, instructions: app.instructions },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: app.listTools().map((tool) => ({ ...tool })) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, sendNotification }) => {
    const progressToken = params._meta?.progressToken;
    const progress = (done: number, of?: number) => {
      if (progressToken === undefined) return;
      const said = { progressToken, progress: done, ...(of === undefined ? {} : { total: of }) };
      // A host that is gone hears no progress; that it is gone ends the process elsewhere.
      sendNotification({ method: 'notifications/progress', params: said }).catch(() => undefined);
    };
    const { structure, isError, attachments } = await app.callTool(
      params.name,
      structureForm.parse(params.arguments ?? {}),
      signal,
      progress,
    );
    return {
      content: [{ type: 'text', text: JSON.stringify(structure) }, ...(attachments ?? [])],
      structuredContent: structure,
      ...(isError ? { isError } : {}),
    };
  });
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: app.listResources().map((resource) => ({ ...resource, mimeType: 'application/json' })),
  }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: app.listResourceTemplates().map((one) => ({ ...one, mimeType: 'application/json' })),
  }));
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }, { signal }) => {
    const answer = await app.readResource(uri, signal);
    if (!answer) throw new McpError(RESOURCE_NOT_FOUND, `There is no resource ${uri}`);
    const { error, why, next } = answer.structure;
    if (answer.isError) throw new McpError(ErrorCode.InternalError, [error, why, next].join(' '));
    return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(answer.structure) }] };
  });
  server.setRequestHandler(CompleteRequestSchema, async ({ params: { ref, argument } }) => {
    const values = ref.type === 'ref/resource' ? await app.completeResource(ref.uri, argument.value) : [];
    return { completion: { values: values.slice(0, 100), total: values.length, hasMore: values.length > 100 } };
  });
  return server;
}

/** Serves stdio until stdin closes or the process is told to end. Resolves when all is put away. */
export async function serveStdio(app: App): Promise<void> {
  const server = createProtocolServer(app);
  const transport = new StdioServerTransport();
  const ended = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve);
    process.stdin.once('close', resolve);
    // A host that is gone can't be written to: that is an end too, not a crash.
    process.stdout.on('error', () => resolve());
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  await server.connect(transport);
  await ended;
  await app.close();
  await server.close();
}
