// Mixed traffic with faults against the built server for ten minutes, or as many as are asked for: `npm run soak -- 60`.
// Then the server is killed 1,000 times in the middle of writes, or as often as CRASHES says, and imports 5,000 rows.
// Shows that nothing leaks, nothing is lost, nothing is written twice and no answer says what is not so. Needs a build.
// With --write the README says when it ran and with what result.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { WebSocket } from 'undici';
import { fill } from './readme.mjs';

const OURS = fileURLToPath(new URL('../dist/pipedrive-mcp.mjs', import.meta.url));
const minutes = Number(process.argv.find((word) => /^\d+(\.\d+)?$/.test(word)) ?? 10);
const state = await mkdtemp(join(tmpdir(), 'pipedrive-soak-'));

const sandboxProcess = spawn(process.execPath, [OURS, 'sandbox', '--port', '0', '--deals', '600'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const line = await new Promise((resolve) => createInterface({ input: sandboxProcess.stdout }).once('line', resolve));
const sandbox = JSON.parse(line);
const headers = { 'x-api-token': sandbox.token, 'content-type': 'application/json' };
const ask = async (path, body) => {
  const method = body === undefined ? 'GET' : 'POST';
  return (await fetch(sandbox.url + path, { method, headers, body: body && JSON.stringify(body) })).json();
};

const transport = new StdioClientTransport({
  command: process.execPath,
  args: ['--inspect=127.0.0.1:0', OURS, '--toolsets', 'all'],
  env: {
    PATH: process.env.PATH,
    PIPEDRIVE_API_TOKEN: sandbox.token,
    PIPEDRIVE_BASE_URL: sandbox.url,
    PIPEDRIVE_PLAN: 'ultimate',
    PIPEDRIVE_DEADLINE: '10',
    PIPEDRIVE_STATE_DIR: state,
    PIPEDRIVE_MODE: 'open',
  },
  stderr: 'pipe',
});
const inspector = new Promise((resolve) => {
  createInterface({ input: transport.stderr }).on('line', (text) => {
    const [address] = /ws:\S+/.exec(text) ?? [];
    if (address) resolve(address);
  });
});
const client = new Client({ name: 'soak', version: '1' });
await client.connect(transport);
const socket = new WebSocket(await inspector);
await new Promise((resolve) => socket.addEventListener('open', resolve));
let commands = 0;
const command = (method) => {
  const id = ++commands;
  return new Promise((resolve) => {
    const onMessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.id !== id) return;
      socket.removeEventListener('message', onMessage);
      resolve(message.result);
    };
    socket.addEventListener('message', onMessage);
    socket.send(JSON.stringify({ id, method }));
  });
};
/** Megabytes in use once what can be collected is. */
async function heap() {
  await command('HeapProfiler.collectGarbage');
  const { usedSize } = await command('Runtime.getHeapUsage');
  return usedSize / 1024 / 1024;
}

const pick = (list) => list[Math.floor(Math.random() * list.length)];
const faults = [
  { status: 503, count: 2 },
  { status: 503, handled: true },
  { status: 429, headers: { 'retry-after': '1' } },
  { status: 502, body: '<html>bad gateway</html>' },
  { reset: true },
  { reset: true, handled: true },
  { truncate: true },
  { drip_ms: 20 },
  { delay_ms: 500 },
  { status: 200, body: '<html>login</html>' },
  { clock_skew_seconds: 7200 },
];

/** What was reported of each record that was to be made, by its title. */
const reported = new Map();
const counts = { calls: 0, errors: 0, faults: 0 };
let serial = 0;

async function call(name, args) {
  counts.calls++;
  const result = await client.callTool({ name, arguments: args }, undefined, { timeout: 60_000 });
  if (result.isError) counts.errors++;
  return result;
}

async function create() {
  const title = `Soak ${++serial}`;
  const result = await call('create_deal', { title, value: serial, stage_id: 'Renewals / Negotiation' });
  const { written } = result.structuredContent;
  reported.set(title, result.isError ? (written === 'unknown' ? 'unknown' : 'no') : 'yes');
}

const work = [
  create,
  create,
  () => call('list_deals', { limit: 50, cursor: undefined }),
  () => call('list_deals', { where: ['value > 50000'], limit: 10 }),
  () => call('get_deal', { id: 1 + Math.floor(Math.random() * 600) }),
  () => call('update_deal', { id: 1 + Math.floor(Math.random() * 600), value: Math.floor(Math.random() * 1e5) }),
  () => call('search_items', { term: pick(['solar', 'bio', 'lab', 'north']) }),
  () => call('list_deal_updates', { deal_id: 1 + Math.floor(Math.random() * 600) }),
  () => call('list_persons', { limit: 100 }),
  () => call('upload_file', { content: Buffer.alloc(20_000, 'x').toString('base64'), file_name: 'a.txt', deal_id: 5 }),
  () => call('get_deal', { id: 0 }),
  () => call('list_notes', { limit: 200 }),
];

const end = Date.now() + minutes * 60_000;
await call('list_fields', { entity: 'deal' });
/** The heap is compared with what it is once everything that is kept has been loaded. */
let first;
const begun = Date.now();

async function worker() {
  while (Date.now() < end) await pick(work)();
}
async function trouble() {
  while (Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    counts.faults++;
    await ask('/_sandbox/faults', [{ ...pick(faults), skip: Math.floor(Math.random() * 5) }]);
    if (first === undefined && Date.now() - begun > Math.min(60_000, minutes * 12_000)) first = await heap();
  }
  await ask('/_sandbox/faults', []);
}
await Promise.all([...Array.from({ length: 6 }, worker), trouble()]);
await new Promise((resolve) => setTimeout(resolve, 12_000));
const last = await heap();

const { structuredContent: limits } = await call('get_limits', {});
const log = await ask('/_sandbox/log');
const sent = log.filter(({ path }) => path.startsWith('/api/')).length;
const made = new Map();
for (let cursor = ''; cursor !== null; ) {
  const page = await ask(`/api/v2/deals?limit=500${cursor && `&cursor=${cursor}`}`);
  for (const { title } of page.data) made.set(title, (made.get(title) ?? 0) + 1);
  cursor = page.additional_data.next_cursor;
}
const wrong = [];
for (const [title, said] of reported) {
  const found = made.get(title) ?? 0;
  if (found > 1) wrong.push(`${title} was written ${found} times`);
  if (said === 'yes' && found !== 1) wrong.push(`${title} was reported done and is not there`);
  if (said === 'no' && found !== 0) wrong.push(`${title} was reported not done and is there`);
}
const growth = last / first - 1;
if (growth > 0.1) wrong.push(`the heap grew by ${(growth * 100).toFixed(1)} %`);
const known = limits.sent_by_this_process.requests;
if (known !== sent) wrong.push(`the server says that it sent ${known} requests, the sandbox had ${sent}`);

const uncertain = [...reported.values()].filter((said) => said === 'unknown').length;
const result =
  `${minutes} minutes of mixed traffic with ${counts.faults} faults: ${counts.calls} calls (${counts.errors} errors), ` +
  `${sent} requests, ${reported.size} deals to be made of which ${uncertain} were reported as uncertain; ` +
  `heap after collection ${first.toFixed(1)} MB, then ${last.toFixed(1)} MB; ${wrong.length} contradictions`;
process.stdout.write(`${result}\n${wrong.map((one) => `WRONG: ${one}\n`).join('')}`);
if (process.argv.includes('--write')) {
  const when = `Last run of \`npm run soak\`, on ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}: ${result}.`;
  await writeFile('README.md', fill(await readFile('README.md', 'utf8'), 'soak', when));
}
socket.close();
await client.close();
sandboxProcess.kill();
await rm(state, { recursive: true, force: true });
if (wrong.length > 0) process.exit(1);

const kills = process.env.CRASHES ?? '1000';
process.stdout.write(`Now the server is killed ${kills} times in the middle of writes, and imports 5,000 rows\n`);
for (const test of ['crash', 'import']) {
  const run = spawn('npx', ['vitest', 'run', `test/e2e/${test}.test.ts`], {
    stdio: 'inherit',
    env: { ...process.env, CRASHES: kills, ROWS: '5000' },
  });
  process.exitCode ||= await new Promise((resolve) => run.once('exit', resolve));
}
