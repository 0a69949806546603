import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { BUILT, type Loose, type SandboxProcess } from './host.ts';

export type Reply = 'yes' | 'no' | 'unticked' | 'cancel' | 'never' | 'broken';
export type Server = {
  client: Client;
  questions: string[];
  call(name: string, args: Loose): Promise<Loose & { isError?: boolean }>;
  close(): Promise<void>;
};

/** A server with a host that can ask its person, who replies so; or with one that can't. */
export async function asking(sandbox: SandboxProcess, mode: string, given?: Reply | (() => Reply)): Promise<Server> {
  const state = mkdtempSync(join(tmpdir(), 'pipedrive-state-'));
  const client = new Client({ name: 'guard', version: '1' }, { capabilities: given ? { elicitation: {} } : {} });
  const questions: string[] = [];
  if (given) {
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
      questions.push(params.message);
      const reply = typeof given === 'function' ? given() : given;
      if (reply === 'broken') throw new Error('no window');
      if (reply === 'never') return new Promise(() => {});
      if (reply === 'yes') return { action: 'accept', content: { confirm: true } };
      if (reply === 'unticked') return { action: 'accept', content: { confirm: false } };
      return { action: reply === 'no' ? 'decline' : 'cancel' };
    });
  }
  const env = { PATH: process.env['PATH'] ?? '', ...sandbox.env, PIPEDRIVE_MODE: mode, PIPEDRIVE_STATE_DIR: state };
  const args = [BUILT, '--toolsets', 'all'];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env, stderr: 'inherit' }));
  return {
    client,
    questions,
    async call(name, args) {
      const { structuredContent, isError } = await client.callTool({ name, arguments: args });
      return { ...(structuredContent as Loose), ...(isError ? { isError: true } : {}) };
    },
    async close() {
      await client.close();
      rmSync(state, { recursive: true, force: true });
    },
  };
}
