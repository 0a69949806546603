import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { BUILT, Host, startSandboxProcess } from './host.ts';

const hello = `${JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
})}\n`;

function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [BUILT, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return { child, out: () => stdout, err: () => stderr };
}

test('with no token and no network it starts, lists tools and resources, and stays silent but for the protocol', async () => {
  const { child, out, err } = start([]);
  child.stdin.write(hello);
  await once(child.stdout, 'data');
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  for (const [id, method] of [
    [2, 'tools/list'],
    [3, 'resources/list'],
    [4, 'resources/templates/list'],
  ] as const) {
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method })}\n`);
  }
  child.stdin.end();
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(err()).toBe('');
  const messages = out()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(messages.map((message) => message.id).sort()).toEqual([1, 2, 3, 4]);
  for (const message of messages) expect(message.error).toBeUndefined();
  expect(Buffer.byteLength(messages[0].result.instructions)).toBeLessThanOrEqual(1500);
});

test('the first call without a token says what to set and offers the sandbox', async () => {
  const host = await Host.start();
  const said = await host.fails('list_deals');
  expect(said).toContain('PIPEDRIVE_API_TOKEN');
  expect(said).toContain('--sandbox');
  await host.close();
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it cleanly', async (signal) => {
  const { child, err } = start(['--sandbox']);
  child.stdin.write(hello);
  await once(child.stdout, 'data');
  child.kill(signal);
  const [code, by] = await once(child, 'exit');
  expect([code, by]).toEqual([0, null]);
  expect(err()).toBe('');
});

test('a killed host ends it: nothing is left running', async () => {
  const script = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, [${JSON.stringify(BUILT)}, '--sandbox'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdout.once('data', () => console.log(child.pid));
    child.stdin.write(${JSON.stringify(hello)});
    setInterval(() => {}, 1000);`;
  const host = spawn(process.execPath, ['-e', script]);
  const [chunk] = await once(host.stdout, 'data');
  const pid = Number(String(chunk));
  expect(() => process.kill(pid, 0)).not.toThrow();
  host.kill('SIGKILL');
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a write under way when stdin closes is finished, not torn', async () => {
  const sandbox = await startSandboxProcess(['--latency', '400']);
  const { child } = start([], sandbox.env);
  child.stdin.write(hello);
  await once(child.stdout, 'data');
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  child.stdin.write(
    `${JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'create_deal', arguments: { title: 'Kept at the end' } } })}\n`,
  );
  await expect
    .poll(async () => (await sandbox.log()).some((entry) => entry.method === 'POST'), { timeout: 10_000 })
    .toBe(true);
  child.stdin.end();
  await once(child, 'exit');
  const posts = (await sandbox.log()).filter((entry) => entry.method === 'POST');
  expect(posts.map((entry) => entry.status)).toEqual([200]);
  await sandbox.stop();
});

test('a wrong setting ends the start with one clear line', async () => {
  const { child, err } = start(['--toolsets', 'deels']);
  const [code] = await once(child, 'exit');
  expect(code).toBe(1);
  expect(err()).toContain('Did you mean "deals"');
  expect(err().trim().split('\n')).toHaveLength(1);
});

test('a base URL on another host gets no token and a clear answer', async () => {
  for (const url of [
    'https://pipedrive.com.evil.example',
    'http://acme.pipedrive.com',
    'https://user:x@acme.pipedrive.com',
  ]) {
    const host = await Host.start([], { PIPEDRIVE_API_TOKEN: 'x'.repeat(40), PIPEDRIVE_BASE_URL: url });
    expect(await host.fails('list_deals')).toContain('PIPEDRIVE_BASE_URL');
    await host.close();
  }
});

test('placeholders and empty fields of a bundle count as not set', async () => {
  const host = await Host.start([], {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a host passes on when a field is left empty
    PIPEDRIVE_TOOLSETS: '${user_config.toolsets}',
    PIPEDRIVE_MODE: '',
  });
  const { tools } = await host.client.listTools();
  expect(tools.map((tool) => tool.name)).toContain('create_deal');
  await host.close();
});
