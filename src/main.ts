import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, flagOf, readConfig, settings } from './config.ts';
import { createLog, discreet } from './log.ts';
import { NAME, VERSION } from './version.ts';
import { didYouMean } from './vocabulary/problem.ts';

const commands = ['serve', 'sandbox', 'demo', 'tools', 'doctor'] as const;
type Command = (typeof commands)[number];

/** Options of the embedded sandbox; with `serve` they carry the prefix `sandbox-`. */
const sandboxFlags = {
  port: { type: 'string', value: 'N', help: 'Port (0, the default, picks a free one)' },
  seed: { type: 'string', value: 'N', help: 'Another sample company for each number (default 1)' },
  now: { type: 'string', value: 'ISO', help: "The sandbox's time at its start; sample dates are relative to it" },
  deals: { type: 'string', value: 'N', help: 'Scale the company to this many deals (default 150)' },
  empty: { type: 'boolean', value: '', help: 'No sample company: an owner, a pipeline and the built-in fields' },
  latency: { type: 'string', value: 'MS', help: 'Delay each answer' },
  plan: { type: 'string', value: 'off|lite|growth|premium|ultimate', help: 'Rate limits of a plan (default off)' },
  file: { type: 'string', value: 'PATH', help: 'Keep the data in this file' },
} as const;

/** Runs the command line and gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  // A reader that has gone, such as a closed pipe, is no reason to fall: what is under way still has to end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    const { command, flags } = parse(argv);
    if (flags['help']) return print(help());
    if (flags['version']) return print(`${NAME} ${VERSION}`);
    return await run(command, flags);
  } catch (error) {
    process.stderr.write(`${NAME}: ${discreet(error instanceof Error ? error.message : String(error))}\n`);
    return 1;
  }
}

type Flags = Readonly<Record<string, string | boolean | undefined>>;

async function run(command: Command, flags: Flags): Promise<number> {
  switch (command) {
    case 'sandbox': {
      const { runSandbox } = await (await import('./later.ts')).commands.sandbox();
      return runSandbox(flags);
    }
    case 'tools': {
      const { printTools } = await import('./tools/command.ts');
      return print(printTools(flags['json'] === true));
    }
    case 'demo': {
      const { demo } = await (await import('./later.ts')).commands.demo();
      return demo();
    }
    case 'doctor': {
      const { doctor } = await (await import('./later.ts')).commands.doctor();
      return withAccount(flags, (config) => doctor(config));
    }
    case 'serve':
      if (process.stdin.isTTY) {
        process.stderr.write(`${terminal()}\n`);
        return 0;
      }
      return withAccount(flags, serve);
  }
}

async function serve(config: Config): Promise<number> {
  const [{ createApp }, { serveStdio }] = await Promise.all([import('./server.ts'), import('./mcp/serve.ts')]);
  const log = createLog(config.logLevel, config.apiToken);
  // Node would print all that hangs on the error.
  process.once('uncaughtException', (error) => {
    process.stderr.write(`${discreet(String(error.stack), config.apiToken)}\n`);
    process.exit(1);
  });
  await serveStdio(createApp(config, log), ({ message: error }) =>
    log('warn', 'A message could not be read', { error }),
  );
  return 0;
}

/** Runs `work` with the account that the settings name, or with a sandbox of its own that ends with it. */
async function withAccount(flags: Flags, work: (config: Config) => Promise<number>): Promise<number> {
  const config = readConfig(flags, process.env);
  if (!flags['sandbox']) return work(config);
  const { sandboxOptions, startSandbox } = await (await import('./later.ts')).commands.sandbox();
  const options = sandboxOptions(flags, 'sandbox-');
  const sandbox = await startSandbox(options);
  let temporary: string | undefined;
  try {
    // The limits to keep are those the sandbox has; without any the highest there are cost no waiting.
    const plan = config.plan ?? options.plan ?? 'ultimate';
    const account = { apiToken: sandbox.token, baseUrl: sandbox.url, companyDomain: undefined };
    // What a sandbox without a file holds ends with it, and so does what is kept of it.
    temporary = options.file === undefined ? await mkdtemp(join(tmpdir(), 'pipedrive-mcp-')) : undefined;
    return await work({ ...config, plan, ...account, stateDir: config.stateDir ?? temporary });
  } finally {
    await sandbox.close();
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  }
}

function parse(argv: readonly string[]): { command: Command; flags: Flags } {
  const [first, ...rest] = argv;
  const named = first !== undefined && !first.startsWith('-');
  const command = named ? commands.find((one) => one === first) : 'serve';
  if (!command) {
    const near = didYouMean(String(first), commands);
    throw new Error(
      `"${first}" is no command.${near ? ` Did you mean "${near}"?` : ''} Commands: ${commands.join(', ')}.`,
    );
  }
  const options = {
    ...optionsOf(command),
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ args: named ? rest : [...argv], options, strict: true, allowPositionals: false });
  return { command, flags: values };
}

type Option = { type: 'string' | 'boolean' };

function optionsOf(command: Command): Record<string, Option> {
  const options: Record<string, Option> = {};
  if (command === 'sandbox') for (const [name, { type }] of Object.entries(sandboxFlags)) options[name] = { type };
  if (command === 'tools') options['json'] = { type: 'boolean' };
  if (command === 'serve' || command === 'doctor') {
    for (const { env } of Object.values(settings)) options[flagOf(env)] = { type: 'string' };
    options['sandbox'] = { type: 'boolean' };
    for (const [name, { type }] of Object.entries(sandboxFlags)) options[`sandbox-${name}`] = { type };
  }
  return options;
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function terminal(): string {
  const script = process.argv[1] ?? 'pipedrive-mcp.mjs';
  return `${NAME} ${VERSION}: Pipedrive for AI agents, as an MCP server over stdio.
It is started by an MCP host (Claude Desktop, VS Code, Cursor, ...), not by hand.

To add it to a host, put this into its configuration:
${JSON.stringify({ mcpServers: { pipedrive: { command: 'node', args: [script], env: { PIPEDRIVE_API_TOKEN: '...', PIPEDRIVE_COMPANY_DOMAIN: '...' } } } }, null, 2)}

Without an account: add "--sandbox" to args. To see it at work: node ${script} demo. All options: node ${script} --help`;
}

export function help(): string {
  const row = (name: string, text: string) => `  ${name.padEnd(34)} ${text}`;
  const flags = Object.values(settings).map(({ env, value, help: text }) =>
    row(`--${flagOf(env)} ${value}`, `${text} [${env}]`),
  );
  const sandbox = Object.entries(sandboxFlags).map(([name, { value, help: text }]) =>
    row(`--${name} ${value}`.trim(), text),
  );
  return `${NAME} ${VERSION}: Pipedrive for AI agents, as an MCP server over stdio.

Usage: pipedrive-mcp [command] [options]

Commands:
${row('serve', 'Serve MCP over stdio (the default)')}
${row('sandbox', 'Run the embedded Pipedrive alone; prints {"url":...,"token":...}')}
${row('demo', 'Watch an MCP client work a sample company')}
${row('tools [--json]', 'Print every tool of the catalogue')}
${row('doctor', 'Check token, company, user, limits, clock, proxy')}

Settings of serve and doctor, as options or environment variables (options win):
${flags.join('\n')}
${row('--sandbox', 'Use an embedded sandbox instead of an account; its options carry the prefix --sandbox-')}

Options of sandbox:
${sandbox.join('\n')}
`;
}
