import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackExtension } from '@anthropic-ai/mcpb';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { expect, test } from 'vitest';
import { z } from 'zod/v3';
import { startSandboxProcess } from './host.ts';

const manifest = z.object({
  manifest_version: z.literal('0.3'),
  server: z.object({
    entry_point: z.string(),
    mcp_config: z.object({ command: z.string(), args: z.array(z.string()), env: z.record(z.string()) }),
  }),
  user_config: z.record(z.object({ sensitive: z.boolean().optional(), required: z.boolean() })),
  tools: z.array(z.object({ name: z.string(), description: z.string() })),
});

test('the bundle unpacks to a server that starts as its manifest says and lists the tools it names', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  const file = join(folder, 'server.mcpb');
  execFileSync(process.execPath, [
    '-e',
    `import('./scripts/bundle.mjs').then(({ pack }) => pack(${JSON.stringify(file)}))`,
  ]);
  const unpacked = join(folder, 'unpacked');
  expect(await unpackExtension({ mcpbPath: file, outputDir: unpacked, silent: true })).toBe(true);
  expect(readdirSync(unpacked, { recursive: true }).filter((name) => String(name).endsWith('.node'))).toEqual([]);

  const told = manifest.parse(JSON.parse(readFileSync(join(unpacked, 'manifest.json'), 'utf8')));
  expect(told.user_config['api_token']).toMatchObject({ sensitive: true, required: true });
  const sandbox = await startSandboxProcess();
  const values: Record<string, string> = { api_token: sandbox.token };
  const fill = (text: string) =>
    text
      .replace(/\$\{__dirname\}/, unpacked)
      .replace(/\$\{user_config\.(\w+)\}/, (whole, key: string) => values[key] ?? whole);
  const { command, args, env } = told.server.mcp_config;
  const client = new Client({ name: 'desktop', version: '1' });
  const filled = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)]));
  await client.connect(
    new StdioClientTransport({
      command: command === 'node' ? process.execPath : command,
      args: args.map(fill),
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', ...filled, PIPEDRIVE_BASE_URL: sandbox.url },
    }),
  );
  const { tools } = await client.listTools();
  expect(tools.map(({ name, description }) => ({ name, description }))).toEqual(told.tools);
  const { isError } = await client.callTool({ name: 'list_deals', arguments: { limit: 1 } });
  expect(isError).toBeFalsy();
  await client.close();
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});
