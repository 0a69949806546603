import { pipeline } from 'node:stream/promises';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { type App, structure as structureForm } from './app.ts';
import { wholeLines } from './lines.ts';

const RESOURCE_NOT_FOUND = -32002;

/** The longest message read: a call with the largest upload, 50 MB, in base64. In bytes. */
const LONGEST_MESSAGE = 72 * 1024 * 1024;

/** The protocol's side of an app: MCP requests in, its answers out. */
function createProtocolServer(app: App): Server {
  const server = new Server(
    { name: app.name, title: 'Pipedrive', version: app.version },
    { capabilities: { tools: {}, resources: {}, prompts: {}, completions: {} }, instructions: app.instructions },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: app.listTools().map((tool) => ({ ...tool })) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, sendNotification }) => {
    const progressToken = params._meta?.progressToken;
    const notify = (said: { progress: number; total?: number; message?: string }) => {
      if (progressToken === undefined) return;
      // A host that is gone hears no progress; that it is gone ends the process elsewhere.
      sendNotification({ method: 'notifications/progress', params: { progressToken, ...said } }).catch(() => undefined);
    };
    const progress = (done: number, of?: number) =>
      notify({ progress: done, ...(of === undefined ? {} : { total: of }) });
    const canAsk = server.getClientCapabilities()?.elicitation !== undefined;
    const ask = (question: string) => elicit(server, question, signal, notify);
    const args = structureForm.parse(params.arguments ?? {});
    const caller = { signal, progress, ...(canAsk ? { ask } : {}) };
    const { structure, isError, attachments } = await app.callTool(params.name, args, caller);
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
  server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: app.listPrompts().map((one) => ({ ...one })) }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => {
    const prompt = app.getPrompt(params.name, params.arguments ?? {});
    if ('refused' in prompt) throw new McpError(ErrorCode.InvalidParams, prompt.refused);
    const { description, text } = prompt;
    return { description, messages: [{ role: 'user', content: { type: 'text', text } }] };
  });
  server.setRequestHandler(CompleteRequestSchema, async ({ params: { ref, argument } }, { signal }) => {
    const { name, value } = argument;
    const values =
      ref.type === 'ref/resource'
        ? await app.completeResource(ref.uri, value)
        : await app.completePrompt(ref.name, name, value, signal);
    return { completion: { values: values.slice(0, 100), total: values.length, hasMore: values.length > 100 } };
  });
  return server;
}

/** How long a person has to answer: hosts give up a call after a minute. */
const ANSWER_MS = 50_000;
const STILL_WAITING_MS = 5_000;

/** Asks the person for a plain yes. Only a form that says so is one; an error of the host is as good as silence. */
async function elicit(
  server: Server,
  message: string,
  signal: AbortSignal,
  notify: (said: { progress: number; message: string }) => void,
): Promise<'accept' | 'decline' | 'cancel' | 'silent'> {
  const asked = Date.now();
  const waiting = setInterval(
    () =>
      notify({ progress: Math.round((Date.now() - asked) / 1000), message: 'Waiting for the answer of the person' }),
    STILL_WAITING_MS,
  );
  const confirm = {
    type: 'boolean',
    title: 'Do it',
    description: 'Yes, change the account so',
    default: false,
  } as const;
  try {
    const { action, content } = await server.elicitInput(
      { message, requestedSchema: { type: 'object', properties: { confirm }, required: ['confirm'] } },
      { timeout: ANSWER_MS, signal },
    );
    return action === 'accept' && content?.['confirm'] !== true ? 'decline' : action;
  } catch {
    // Of a call that was cancelled nobody waited for an answer.
    signal.throwIfAborted();
    // The host declared that it can ask and could not: nobody has said yes.
    return 'silent';
  } finally {
    clearInterval(waiting);
  }
}

/**
 * Serves stdio until stdin closes or the process is told to end. Resolves when all is put away. `failed` hears of messages
 * that cannot be read.
 */
export async function serveStdio(app: App, failed: (error: Error) => void): Promise<void> {
  const server = createProtocolServer(app);
  server.onerror = failed;
  const lines = wholeLines(LONGEST_MESSAGE);
  const transport = new StdioServerTransport(lines, process.stdout, { maxBufferSize: LONGEST_MESSAGE });
  const ended = new Promise<void>((resolve) => {
    lines.once('close', resolve);
    // A host that is gone can't be written to: that is an end too, not a crash.
    process.stdout.on('error', () => resolve());
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    // A message that is longer still closes the transport: nothing more would be heard.
    server.onclose = () => resolve();
  });
  await server.connect(transport);
  const input = pipeline(process.stdin, lines).catch(() => 'the host is gone');
  await ended;
  await app.close();
  await server.close();
  lines.destroy();
  await input;
}
