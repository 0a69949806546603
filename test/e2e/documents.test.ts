import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod/v3';
import { BUILT, Host, startSandboxProcess } from './host.ts';

const readme = readFileSync('README.md', 'utf8');

test("the README's config block starts the server", async () => {
  const [, block] = /```json\n([\s\S]*?)```/.exec(readme) ?? [];
  const config = z
    .object({
      mcpServers: z.object({
        pipedrive: z.object({ command: z.literal('node'), args: z.array(z.string()), env: z.record(z.string()) }),
      }),
    })
    .parse(JSON.parse(block ?? ''));
  const { args, env } = config.mcpServers.pipedrive;
  expect(args).toHaveLength(1);
  expect(args[0]).toMatch(/dist\/pipedrive-mcp\.mjs$/);
  const sandbox = await startSandboxProcess();
  const host = await Host.start([], { ...env, PIPEDRIVE_API_TOKEN: sandbox.token, PIPEDRIVE_BASE_URL: sandbox.url });
  await host.ok('list_deals');
  await host.close();
  await sandbox.stop();
});

test('README and manifest are what the code says', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/generate.mjs', '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('the demo goes through, its only error the one it means to show', () => {
  const shown = execFileSync(process.execPath, [BUILT, 'demo'], { encoding: 'utf8' });
  const errors = shown.split('\n').filter((line) => line.trim().startsWith('! error'));
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain('has no argument "stage"');
  for (const word of [
    'Claude Desktop',
    'VS Code',
    'Cursor',
    'Created activity',
    'Created note',
    'Converted lead',
    'lost',
  ]) {
    expect(shown).toContain(word);
  }
});

test('tools --json tells every tool of the whole catalogue', async () => {
  const tools = z
    .array(
      z.object({
        name: z.string(),
        toolset: z.string(),
        kind: z.string(),
        endpoint: z.string().optional(),
        endpoints: z.array(z.string()).optional(),
        cost: z.number(),
        core: z.boolean(),
        bytes: z.number(),
      }),
    )
    .parse(JSON.parse(execFileSync(process.execPath, [BUILT, 'tools', '--json'], { encoding: 'utf8' })));
  const host = await Host.start(['--toolsets', 'all']);
  const listed = (await host.client.listTools()).tools;
  expect(tools.map((tool) => tool.name)).toEqual(listed.map((tool) => tool.name));
  expect(tools.every((tool) => (tool.endpoint === undefined) !== (tool.endpoints === undefined))).toBe(true);
  await host.close();
});

test('doctor tells company, user and limits, and fails on a wrong token', async () => {
  const sandbox = await startSandboxProcess(['--plan', 'growth']);
  const run = (token: string) =>
    spawnSync(process.execPath, [BUILT, 'doctor', '--base-url', sandbox.url], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], PIPEDRIVE_API_TOKEN: token },
    });
  const well = run(sandbox.token);
  expect(well.status).toBe(0);
  expect(well.stdout).toMatch(/company +Varsa/);
  expect(well.stdout).toMatch(/budget +\d+ of \d+/);
  const wrong = run('f00d'.repeat(10));
  expect(wrong.status).toBe(1);
  expect(wrong.stdout).toContain('did not accept the API token');
  expect(wrong.stdout + wrong.stderr).not.toContain('f00df00d');
  await sandbox.stop();
});

test('started by hand in a terminal it says what it is instead of hanging', (context) => {
  const { status, stdout, error } = spawnSync('script', ['-qec', `${process.execPath} ${BUILT}`, '/dev/null'], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  if (error) return context.skip(`no terminal to try it in: ${error.message}`);
  expect(status).toBe(0);
  expect(stdout).toContain('MCP server');
  expect(stdout).toContain('mcpServers');
});
