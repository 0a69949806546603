// Writes what is generated from the code: manifest.json and the marked parts of README.md. With --check it only compares.
import { readFile, writeFile } from 'node:fs/promises';
import { format } from 'node:util';
import { evaluate } from './build.mjs';
import { fill } from './readme.mjs';

const packageJson = JSON.parse(await readFile('package.json', 'utf8'));
const { entries } = await evaluate('src/tools/definitions.ts');
const { omitted, shut } = await evaluate('src/catalog/omitted.ts');
const { prompts } = await evaluate('src/prompts/declared.ts');
const { settings, flagOf } = await evaluate('src/config.ts');

function manifest() {
  const core = entries.filter((entry) => entry.core);
  const fields = Object.values(settings).filter((setting) => setting.bundle);
  const key = ({ env }) => flagOf(env).replaceAll('-', '_');
  return {
    manifest_version: '0.3',
    name: packageJson.name,
    display_name: 'Pipedrive',
    version: packageJson.version,
    description: packageJson.description,
    author: { name: 'The pipedrive-agent-mcp authors' },
    license: packageJson.license,
    server: {
      type: 'node',
      entry_point: 'dist/pipedrive-mcp.mjs',
      mcp_config: {
        command: 'node',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder that the host fills in
        args: ['${__dirname}/dist/pipedrive-mcp.mjs'],
        env: Object.fromEntries(fields.map((setting) => [setting.env, `\${user_config.${key(setting)}}`])),
      },
    },
    user_config: Object.fromEntries(
      fields.map((setting) => [
        key(setting),
        {
          type: 'string',
          title: setting.bundle,
          description: setting.help,
          required: setting.secret === true,
          ...(setting.secret ? { sensitive: true } : {}),
        },
      ]),
    ),
    tools: core.map(({ definition: { name, description } }) => ({ name, description })),
    tools_generated: true,
    prompts: prompts.map((prompt) => ({
      name: prompt.name,
      description: prompt.description,
      arguments: prompt.arguments.map(({ name }) => name),
      text: prompt.goal,
    })),
    // Their text depends on the tools that are listed.
    prompts_generated: true,
    compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: packageJson.engines.node } },
  };
}

function toolTable() {
  const groups = [...new Set(entries.map((entry) => entry.toolset))];
  return groups
    .map((toolset) => {
      const rows = entries
        .filter((entry) => entry.toolset === toolset)
        .map(
          ({ definition, core, cost }) =>
            `| \`${definition.name}\`${core ? ' ●' : ''} | ${definition.description} | ${cost} |`,
        );
      return `**${toolset}**\n\n| tool | what it does | API tokens |\n|---|---|---|\n${rows.join('\n')}`;
    })
    .join('\n\n');
}

function promptTable() {
  const rows = prompts.map((prompt) => {
    const args = prompt.arguments.map(({ name, description, required }) => {
      const note = required ? ', needed' : '';
      return `\`${name}\` (${description}${note})`;
    });
    return `| \`${prompt.name}\` | ${prompt.description} | ${args.join('<br>')} |`;
  });
  return `| prompt | what it is for | arguments |\n|---|---|---|\n${rows.join('\n')}`;
}

function omittedTable() {
  const rows = omitted.map(({ why, operations }) => {
    const tools = [...new Set(Object.values(operations))].map((name) => `\`${name}\``).join(', ');
    const paths = [...new Set(Object.keys(operations).map((endpoint) => endpoint.split(' ')[1].replace('/api', '')))];
    return `| ${paths.map((path) => `\`${path}\``).join(' ')} | ${Object.keys(operations).length} | ${why} | ${tools} |`;
  });
  const closed = shut.map((endpoint) => `\`${endpoint.replace('/api', '')}\``).join(' ');
  rows.push(`| ${closed} | ${shut.length} | shut by Pipedrive on 2026-02-01 | none |`);
  return `| operations | | why | use |\n|---|---|---|---|\n${rows.join('\n')}`;
}

function settingTable() {
  const rows = Object.values(settings).map(
    ({ env, value, help }) => `| \`${env}\` | \`--${flagOf(env)} ${value.replaceAll('|', '\\|')}\` | ${help} |`,
  );
  return `| variable | option | what it sets |\n|---|---|---|\n${rows.join('\n')}`;
}

function counts() {
  const bytes = (list) => Buffer.byteLength(JSON.stringify({ tools: list.map((entry) => entry.definition) }));
  const core = entries.filter((entry) => entry.core);
  const operations = new Set(entries.flatMap((entry) => entry.endpoints)).size;
  return format(
    '%d tools for %d operations of the API; %d of them, %d bytes of `tools/list`, are listed unless you ask for more (%d bytes a tool with `all`).',
    entries.length,
    operations,
    core.length,
    bytes(core),
    Math.round(bytes(entries) / entries.length),
  );
}

async function put(path, content) {
  const before = await readFile(path, 'utf8').catch(() => '');
  if (before === content) return;
  if (process.argv.includes('--check')) {
    process.stderr.write(`${path} is not what the code says: run npm run generate\n`);
    process.exitCode = 1;
  } else await writeFile(path, content);
}

await put('manifest.json', `${JSON.stringify(manifest(), null, 2)}\n`);
let readme = await readFile('README.md', 'utf8');
readme = fill(readme, 'counts', counts());
readme = fill(readme, 'settings', settingTable());
readme = fill(readme, 'prompts', promptTable());
readme = fill(readme, 'tools', toolTable());
readme = fill(readme, 'omitted', omittedTable());
await put('README.md', readme);
