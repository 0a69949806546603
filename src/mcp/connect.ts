import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod/v4';
import { type Structure, structure } from './app.ts';

/** A server started as a host starts one, with what the demo needs of it. */
export type Connection = {
  readonly server: string;
  readonly tools: readonly string[];
  call(name: string, args: Structure): Promise<{ structure: Structure; isError: boolean }>;
  close(): Promise<void>;
};

const answer = z.object({ structuredContent: structure, isError: z.boolean().default(false) });

/**
 * Starts `command` and speaks MCP with it over stdio, by the SDK's own client. Whatever the server asks is shown to `asked`
 * and answered with yes.
 */
export async function connect(
  command: string,
  args: readonly string[],
  asked: (question: string) => void,
): Promise<Connection> {
  const client = new Client({ name: 'pipedrive-mcp demo', version: '1' }, { capabilities: { elicitation: {} } });
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked(params.message);
    return { action: 'accept', content: { confirm: true } };
  });
  await client.connect(new StdioClientTransport({ command, args: [...args], stderr: 'inherit' }));
  const { tools } = await client.listTools();
  const info = client.getServerVersion();
  return {
    server: `${info?.name} ${info?.version}`,
    tools: tools.map((tool) => tool.name),
    async call(name, given) {
      const { structuredContent, isError } = answer.parse(await client.callTool({ name, arguments: given }));
      return { structure: structuredContent, isError };
    },
    close: () => client.close(),
  };
}
