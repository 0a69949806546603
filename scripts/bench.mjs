// Measures the budgets side by side in one run, as ratios where times are concerned. Needs a build. With --write the
// README gets the table.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Agent, request } from 'undici';
import { fill } from './readme.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const OURS = join(root, 'dist', 'pipedrive-mcp.mjs');

/** A one-tool server on the same SDK, bundled the same way: what nobody can be faster than by much. */
const BARE = `
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
const server = new Server({ name: 'bare', version: '1' }, { capabilities: { tools: {} } });
server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [{ name: 'one', inputSchema: { type: 'object' } }] }));
server.setRequestHandler(CallToolRequestSchema, () => ({ content: [] }));
await server.connect(new StdioServerTransport());`;

class Rpc {
  constructor(script, args = [], env = {}) {
    this.child = spawn(process.execPath, [script, ...args], {
      env: { ...process.env, PIPEDRIVE_STATE_DIR: folder, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.waiting = new Map();
    this.id = 0;
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const message = JSON.parse(line);
      this.waiting.get(message.id)?.({ message, bytes: Buffer.byteLength(line) });
      this.waiting.delete(message.id);
    });
  }
  ask(method, params = {}) {
    const id = ++this.id;
    const answer = new Promise((resolve) => this.waiting.set(id, resolve));
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return answer;
  }
  async initialize() {
    const clientInfo = { name: 'bench', version: '1' };
    await this.ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  }
  async call(name, args = {}) {
    const { message } = await this.ask('tools/call', { name, arguments: args });
    if (message.error || message.result.isError) throw new Error(`${name}: ${JSON.stringify(message)}`);
    return message.result;
  }
  async memory() {
    const status = await readFile(`/proc/${this.child.pid}/status`, 'utf8').catch(() => '');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
  }
  end() {
    return new Promise((resolve) => {
      this.child.once('exit', resolve);
      this.child.stdin.end();
    });
  }
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const ms = (value) => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
const rows = [];
const report = (what, measured, budget, holds) => {
  rows.push(`| ${what} | ${measured} | ${budget} |`);
  process.stdout.write(`${holds === false ? 'OVER' : '    '} ${what}: ${measured} (budget: ${budget})\n`);
  if (holds === false) process.exitCode = 1;
};

async function startTime(script, args = []) {
  const begun = performance.now();
  const rpc = new Rpc(script, args);
  await rpc.initialize();
  const time = performance.now() - begun;
  const list = performance.now();
  const { bytes } = await rpc.ask('tools/list');
  const listed = performance.now() - list;
  await new Promise((resolve) => setTimeout(resolve, 200));
  const memory = await rpc.memory();
  await rpc.end();
  return { time, listed, memory, bytes };
}

async function startAndMemory(bare) {
  const runs = { bare: [], core: [], all: [] };
  for (let i = 0; i < 15; i++) {
    runs.bare.push(await startTime(bare));
    runs.core.push(await startTime(OURS));
    runs.all.push(await startTime(OURS, ['--toolsets', 'all']));
  }
  const of = (name, key) => median(runs[name].map((run) => run[key]));
  const ratio = of('core', 'time') / of('bare', 'time');
  report(
    'start to `initialize`, core',
    `${ratio.toFixed(2)} × a bare server (${ms(of('core', 'time'))} to ${ms(of('bare', 'time'))})`,
    '< 1.2 ×',
    ratio < 1.2,
  );
  const all = of('all', 'time') / of('bare', 'time');
  report('start to `initialize`, all', `${all.toFixed(2)} × a bare server`, '< 1.2 ×', all < 1.2);
  report('first `tools/list`, core / all', `${ms(of('core', 'listed'))} / ${ms(of('all', 'listed'))}`, '');
  for (const name of ['core', 'all']) {
    const memory = of(name, 'memory');
    report(
      `memory after \`tools/list\`, ${name}`,
      `${memory.toFixed(0)} MB (bare server ${of('bare', 'memory').toFixed(0)} MB)`,
      '< 75 MB',
      memory < 75,
    );
  }
}

async function sizes() {
  for (const [name, most] of [
    ['core', 36_000],
    ['all', Number.POSITIVE_INFINITY],
  ]) {
    const rpc = new Rpc(OURS, ['--toolsets', name]);
    await rpc.initialize();
    const { message } = await rpc.ask('tools/list');
    const bytes = Buffer.byteLength(JSON.stringify(message.result));
    const count = message.result.tools.length;
    if (name === 'core')
      report(
        '`tools/list`, core',
        `${count} tools, ${bytes} bytes`,
        '≤ 40 tools, ≤ 36,000 bytes',
        count <= 40 && bytes <= most,
      );
    else
      report(
        '`tools/list`, all',
        `${count} tools, ${Math.round(bytes / count)} bytes a tool`,
        '≤ 700 bytes a tool',
        bytes / count <= 700,
      );
    await rpc.end();
  }
}

async function startSandbox(...args) {
  const child = spawn(process.execPath, [OURS, 'sandbox', '--now', '2026-11-20T10:00:00Z', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  return { ...JSON.parse(line), stop: () => child.kill() };
}

async function calls() {
  const sandbox = await startSandbox();
  const env = { PIPEDRIVE_API_TOKEN: sandbox.token, PIPEDRIVE_BASE_URL: sandbox.url, PIPEDRIVE_PLAN: 'ultimate' };
  const rpc = new Rpc(OURS, [], env);
  await rpc.initialize();
  const listed = await rpc.call('list_deals');
  const agent = new Agent();
  const direct = async (path) => {
    const { body } = await request(sandbox.url + path, {
      dispatcher: agent,
      headers: { 'x-api-token': sandbox.token },
    });
    return body.text();
  };
  const raw = await direct('/api/v2/deals?sort_by=update_time&sort_direction=desc&limit=25');
  const tokens = Math.round(listed.content[0].text.length / 4);
  report(
    '25 deals in the default columns',
    `${tokens} tokens, ${(raw.length / 4 / tokens).toFixed(1)} × less than raw JSON (bytes / 4)`,
    '≤ 1,500 tokens',
    tokens <= 1500,
  );

  const viaTool = [];
  const viaUndici = [];
  for (let i = 0; i < 100; i++) {
    // Far enough apart that no call waits for a slot of the limiter.
    await new Promise((resolve) => setTimeout(resolve, 45));
    let begun = performance.now();
    await direct('/api/v2/deals/1');
    viaUndici.push(performance.now() - begun);
    begun = performance.now();
    await rpc.call('get_deal', { id: 1 });
    viaTool.push(performance.now() - begun);
  }
  const limiter = await limiterJob();
  const own = median(viaTool) - median(viaUndici) - limiter;
  report(
    "server's own time in a read call",
    `${ms(own)} over a direct undici request (${ms(median(viaTool))} to ${ms(median(viaUndici))}), besides the limiter's job of ${ms(limiter)}`,
    '< 3 ms at the median',
    own < 3,
  );
  await rpc.end();
  await agent.close();
  sandbox.stop();
}

/** What one job costs in Bottleneck alone, at the same pace. */
async function limiterJob() {
  const { default: Bottleneck } = await import('bottleneck');
  const limiter = new Bottleneck({ reservoir: 1000 });
  const times = [];
  for (let i = 0; i < 100; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    const begun = performance.now();
    await limiter.schedule(async () => {});
    times.push(performance.now() - begun);
  }
  return median(times);
}

/** 500 reads asked at once of one server or several, on a sandbox that keeps a plan's limits. */
async function burst({ what, plan, allowed, told, servers = 1 }) {
  const sandbox = await startSandbox('--plan', plan, '--deals', '700');
  const headers = { 'x-api-token': sandbox.token };
  const pages = await Promise.all(
    ['', '&status=won'].map(async (more) =>
      (await fetch(`${sandbox.url}/api/v2/deals?limit=500${more}`, { headers })).json(),
    ),
  );
  const ids = [...new Set(pages.flatMap((page) => page.data.map((deal) => deal.id)))];
  const env = { PIPEDRIVE_API_TOKEN: sandbox.token, PIPEDRIVE_BASE_URL: sandbox.url, PIPEDRIVE_DEADLINE: '600' };
  if (told) env.PIPEDRIVE_PLAN = plan;
  const all = Array.from({ length: servers }, () => new Rpc(OURS, ['--toolsets', 'all'], env));
  for (const rpc of all) {
    await rpc.initialize();
    await rpc.call('get_current_user');
  }
  // Each knows of the others within one heartbeat; and the window is whole again.
  await new Promise((resolve) => setTimeout(resolve, servers > 1 ? 5_500 : 2_500));
  const before = (await logOf(sandbox)).length;
  const begun = performance.now();
  // Each of another deal, since equal reads under way share one request.
  const asked = ids
    .slice(0, 500)
    .map((deal_id, index) => all[index % servers].call('list_deal_followers', { deal_id }).catch((error) => error));
  const failed = (await Promise.all(asked)).filter((one) => one instanceof Error);
  const took = performance.now() - begun;
  const log = (await logOf(sandbox)).slice(before);
  const refused = log.filter((entry) => entry.status === 429).length;
  // The first window is free, and nobody could send the last one before so many others are over.
  const ideal = (Math.ceil(log.length / allowed) - 1) * 2_000;
  const rate = ideal / took;
  report(
    what,
    `${(rate * 100).toFixed(0)} % of the allowed rate, ${refused} × 429 (${log.length} requests in ${(took / 1000).toFixed(1)} s)`,
    '≥ 95 %, none',
    ids.length >= 500 && rate >= 0.95 && refused === 0 && failed.length === 0,
  );
  if (failed[0]) process.stdout.write(`     ${failed.length} failed, the first: ${failed[0].message.slice(0, 300)}\n`);
  for (const rpc of all) await rpc.end();
  sandbox.stop();
}

async function logOf(sandbox) {
  return (await fetch(`${sandbox.url}/_sandbox/log`)).json();
}

/** Looks through 10,000 deals for a condition that the API lacks, as fast as the pages of 500 may come. */
async function bulkRead() {
  const sandbox = await startSandbox('--plan', 'lite', '--deals', '10000');
  const env = { PIPEDRIVE_API_TOKEN: sandbox.token, PIPEDRIVE_BASE_URL: sandbox.url, PIPEDRIVE_PLAN: 'lite' };
  const rpc = new Rpc(OURS, [], env);
  await rpc.initialize();
  await rpc.call('list_deals', { limit: 1, where: ['value > 1'] });
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  const before = (await logOf(sandbox)).length;
  const begun = performance.now();
  await rpc.call('list_deals', { limit: 1, where: ['value > 1'] });
  const took = performance.now() - begun;
  const asked = (await logOf(sandbox)).slice(before);
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  // What nobody can be faster than: the same pages, one after the other, with undici alone.
  const agent = new Agent();
  const headers = { 'x-api-token': sandbox.token };
  const direct = performance.now();
  for (const { path } of asked) {
    const { body } = await request(sandbox.url + path, { dispatcher: agent, headers });
    await body.json();
  }
  const alone = performance.now() - direct;
  await agent.close();
  report(
    'looking through 10,000 deals',
    `${asked.length} requests in ${ms(took)}, ${(took / alone).toFixed(2)} × the same requests with undici alone`,
    'a page of 500 a request, two at most beside',
    asked.length <= 22,
  );
  await rpc.end();
  sandbox.stop();
}

/** How an answer's time and tokens grow with the account: as many deals, and as many custom fields. */
/** 2,000 deals changed by update_many, as many calls as that takes, and taken back. */
async function bulkWrite() {
  const sandbox = await startSandbox('--plan', 'growth', '--deals', '2150', '--latency', '50');
  const env = {
    PIPEDRIVE_API_TOKEN: sandbox.token,
    PIPEDRIVE_BASE_URL: sandbox.url,
    PIPEDRIVE_PLAN: 'growth',
    PIPEDRIVE_MODE: 'open',
    PIPEDRIVE_STATE_DIR: join(folder, 'bulk'),
  };
  const rpc = new Rpc(OURS, ['--toolsets', 'core'], env);
  await rpc.initialize();
  const work = async (name, args) => (await rpc.call(name, args)).structuredContent;
  const set = { entity: 'deal', where: ['id <= 2100'], set: { probability: 33 } };
  const { plan_code: plan, would } = await work('update_many', set);
  const run = async (what, first, next) => {
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const before = (await logOf(sandbox)).length;
    const begun = performance.now();
    let answer = await first();
    let calls = 1;
    for (; answer.left; calls++) answer = await next(answer);
    const took = performance.now() - begun;
    const log = (await logOf(sandbox)).slice(before);
    const writes = log.filter(({ method }) => method === 'PATCH');
    const refused = log.filter(({ status }) => status === 429).length;
    const isOnce = new Set(writes.map(({ path }) => path)).size === writes.length;
    // The first window is free, and nobody could send the last one before so many others are over.
    const rate = ((Math.ceil(log.length / 40) - 1) * 2_000) / took;
    report(
      what,
      `${(rate * 100).toFixed(0)} % of the allowed rate, ${refused} × 429 (${writes.length} writes, each ${isOnce ? 'once' : 'NOT ONCE'}, in ${log.length} requests, ${calls} calls, ${(took / 1000).toFixed(1)} s)`,
      '≥ 95 %, none',
      rate >= 0.95 && refused === 0 && isOnce && would.includes(String(writes.length)),
    );
    return answer;
  };
  const done = await run(
    '2,000 deals changed by update_many on Growth',
    () => work('update_many', { ...set, plan }),
    ({ job }) => work('update_many', { resume: job }),
  );
  const back = () => work('undo_changes', { change: done.job });
  await run('the same taken back by undo_changes', back, back);
  await rpc.end();
  sandbox.stop();
}

async function growth() {
  const seen = [];
  for (const [what, deals, fields] of [
    ['the sample company', '150', 0],
    ['10,000 deals', '10000', 0],
    ['200 custom fields more', '150', 200],
  ]) {
    const sandbox = await startSandbox('--deals', deals);
    const headers = { 'x-api-token': sandbox.token, 'content-type': 'application/json' };
    for (let i = 0; i < fields; i++) {
      const body = JSON.stringify({ field_name: `Field ${i}`, field_type: 'varchar' });
      await fetch(`${sandbox.url}/api/v2/dealFields`, { method: 'POST', headers, body });
    }
    const env = { PIPEDRIVE_API_TOKEN: sandbox.token, PIPEDRIVE_BASE_URL: sandbox.url, PIPEDRIVE_PLAN: 'ultimate' };
    const rpc = new Rpc(OURS, [], env);
    await rpc.initialize();
    let { content } = await rpc.call('list_deals');
    const times = [];
    for (let i = 0; i < 15; i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const begun = performance.now();
      ({ content } = await rpc.call('list_deals'));
      times.push(performance.now() - begun);
    }
    seen.push(`${what}: ${Math.round(content[0].text.length / 4)} tokens in ${ms(median(times))}`);
    await rpc.end();
    sandbox.stop();
  }
  report('25 deals as the account grows', seen.join('; '), '');
}

async function sandboxOfTenThousand() {
  const starts = [];
  for (let i = 0; i < 5; i++) {
    const begun = performance.now();
    const sandbox = await startSandbox('--deals', '10000');
    starts.push(performance.now() - begun);
    sandbox.stop();
  }
  const start = median(starts);
  report('the sandbox starts with 10,000 deals', ms(start), '< 3 s at the median', start < 3_000);
  const sandbox = await startSandbox('--deals', '10000');
  const agent = new Agent();
  const pages = [];
  for (let i = 0; i < 60; i++) {
    const begun = performance.now();
    const { body } = await request(`${sandbox.url}/api/v2/deals?limit=500`, {
      dispatcher: agent,
      headers: { 'x-api-token': sandbox.token },
    });
    await body.text();
    pages.push(performance.now() - begun);
  }
  const page = median(pages);
  report('the sandbox lists 500 of 10,000 deals', ms(page), '< 20 ms at the median', page < 20);
  await agent.close();
  sandbox.stop();
}

const folder = await mkdtemp(join(root, 'node_modules', '.bench-'));
try {
  await writeFile(join(folder, 'bare.js'), BARE);
  const bare = join(folder, 'bare.mjs');
  const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };
  await build({
    entryPoints: [join(folder, 'bare.js')],
    outfile: bare,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.18',
    minify: true,
    keepNames: true,
    banner,
    logLevel: 'error',
  });
  await startAndMemory(bare);
  await sizes();
  await calls();
  const plans = [
    { what: 'a burst of 500 reads on Lite, 20 allowed in 2 s', plan: 'lite', allowed: 20, told: true },
    { what: 'the same on Growth, 40 allowed, which the server is not told', plan: 'growth', allowed: 40, told: false },
    { what: 'the same on Lite by two servers that share the token', plan: 'lite', allowed: 20, told: true, servers: 2 },
  ];
  for (const one of plans) await burst(one);
  await bulkRead();
  await bulkWrite();
  await growth();
  await sandboxOfTenThousand();
} finally {
  await rm(folder, { recursive: true });
}
if (process.argv.includes('--write')) {
  const when = `Measured on ${new Date().toISOString().slice(0, 10)} on two cores, Node ${process.versions.node}, by \`npm run bench\`:`;
  const table = `${when}\n\n| what | measured | budget |\n|---|---|---|\n${rows.join('\n')}`;
  const readme = await readFile('README.md', 'utf8');
  await writeFile('README.md', fill(readme, 'bench', table));
}
