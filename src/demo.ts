import { z } from 'zod/v3';
import type { Structure } from './mcp/app.ts';
import { type Connection, connect } from './mcp/connect.ts';

const WIDTH = 150;

/** A morning's work, by an MCP client through this server on the sample company, each call and answer shown. */
export async function demo(): Promise<number> {
  const script = process.argv[1];
  if (script === undefined) throw new Error('the demo cannot find its own file');
  // The person behind this client agrees with everything.
  const asked = (question: string) => {
    for (const line of question.split('\n')) process.stdout.write(`   ? ${line}\n`);
    process.stdout.write('   ? … yes\n');
  };
  const server = await connect(process.execPath, [script, '--sandbox', '--toolsets', 'core'], asked);
  say(
    `Connected to ${server.server}: ${server.tools.length} tools. No account: it works a sample company in the embedded sandbox.`,
  );
  try {
    await morning(server);
  } finally {
    await server.close();
  }
  say('That was all real: MCP over stdio, HTTP to a local Pipedrive. To add it to a host, paste this:');
  process.stdout.write(`${configBlocks(script)}\n`);
  return 0;
}

async function morning(server: Connection): Promise<void> {
  const step = steps(server);
  const me = await step('Who am I here, and what day is it?', 'get_current_user', {});
  const [today = ''] = String(me['now']).split(' ');
  const open = await step('What is open, newest first?', 'list_deals', { status: ['open'], limit: 5 });
  const deal = first(open, 'person');
  const personId = idIn(deal['person']);
  const person = record(await step('Who is behind the first of them?', 'get_person', { id: personId }), 'person');
  await step('Find them by name, as a model would.', 'search_items', {
    term: String(person['name']),
    item_types: ['person', 'deal'],
    limit: 4,
  });
  await step('All their deals.', 'list_deals', { person_id: personId });

  const pipelines = await step('Which stages are there?', 'list_pipelines', {});
  const next = laterStage(pipelines, String(deal['stage']));
  await step('Log the call of this morning.', 'create_activity', {
    subject: 'Call about the proposal',
    type: 'call',
    deal_id: deal['id'] ?? 0,
    participants: [{ person_id: personId, primary: true }],
    due_date: today,
    due_time: '08:30',
    duration: '00:20',
    done: true,
  });
  await step('Move the deal on.', 'update_deal', { id: deal['id'] ?? 0, stage_id: next });
  await step('Keep what was said.', 'create_note', {
    deal_id: deal['id'] ?? 0,
    content: '**Call:** wants a start in January.\n- send the revised offer\n- ask legal about the term',
  });

  const leads = await step('Leads that wait.', 'list_leads', { limit: 3 });
  await step('Convert the newest one to a deal.', 'convert_lead_to_deal', { id: first(leads, 'id')['id'] ?? '' });
  const second = rows(open).find((row) => row['id'] !== deal['id']) ?? deal;
  await step('Another deal is lost, and why.', 'update_deal', {
    id: second['id'] ?? 0,
    status: 'lost',
    lost_reason: 'Went with an in-house solution',
  });
  await step('Where does the pipeline stand?', 'get_deals_summary', { status: 'open' });
  await step('And a mistake, to see what an error says.', 'update_deal', { id: deal['id'] ?? 0, stage: 3 });
}

function steps(server: Connection) {
  let count = 0;
  return async (why: string, tool: string, args: Structure): Promise<Structure> => {
    count += 1;
    const { structure, isError } = await server.call(tool, args);
    process.stdout.write(`\n${count}. ${why}\n   > ${tool} ${JSON.stringify(args)}\n`);
    for (const line of picture(structure)) process.stdout.write(`   ${isError ? '!' : '<'} ${line}\n`);
    return structure;
  };
}

/** An answer in a few lines: a list as a table, anything else key by key. */
function picture(structure: Structure): string[] {
  const lines: string[] = [];
  for (const [key, value] of Object.entries(structure)) {
    if (key === 'columns') lines.push(clip(z.array(z.string()).parse(value).join(' | ')));
    else if (key === 'rows')
      lines.push(
        ...z
          .array(z.array(z.unknown()))
          .parse(value)
          .slice(0, 4)
          .map((row) => clip(row.join(' | '))),
      );
    else if (key === 'next_cursor') lines.push('next_cursor: ...');
    else if (key === 'pipelines')
      lines.push(
        ...pipelineList
          .parse(value)
          .map(({ name, stages }) =>
            clip(`${name}: ${stages.map((stage) => `${stage.id} ${stage.name}`).join(' > ')}`),
          ),
      );
    else if (key === 'summary') lines.push(...totals(value));
    else lines.push(clip(`${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`));
  }
  return lines;
}

function clip(line: string): string {
  return line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line;
}

function rows(list: Structure): Structure[] {
  const columns = z.array(z.string()).parse(list['columns']);
  const cells = z.array(z.array(z.union([z.string(), z.number(), z.boolean()]))).parse(list['rows']);
  return cells.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? ''])));
}

/** The first row whose `column` is filled. */
function first(list: Structure, column: string): Structure {
  const found = rows(list).find((row) => row[column] !== '' && row[column] !== undefined);
  if (!found) throw new Error(`the sample company has no record with ${column}`);
  return found;
}

function record(answer: Structure, key: string): Structure {
  return z.record(z.custom<Structure[string]>()).parse(answer[key]);
}

const pipelineList = z.array(
  z.object({ name: z.string(), stages: z.array(z.object({ id: z.number(), name: z.string() })) }),
);
const summary = z.object({
  values_total: z.record(z.object({ value: z.number(), count: z.number() })),
  total_count: z.number(),
  total_currency_converted_value: z.number(),
});

/** The totals, a line a currency. */
function totals(value: unknown): string[] {
  const { values_total, total_count, total_currency_converted_value } = summary.parse(value);
  const each = Object.entries(values_total).map(
    ([currency, { value: sum, count }]) => `${currency}: ${sum} in ${count} deals`,
  );
  return [...each, `all, converted: ${total_currency_converted_value} in ${total_count} deals`];
}

/** The stage after `Pipeline / Stage`, or the one before where it is the last. */
function laterStage(pipelines: Structure, shown: string): number {
  for (const { name, stages } of pipelineList.parse(pipelines['pipelines'])) {
    const index = stages.findIndex((stage) => `${name} / ${stage.name}` === shown);
    if (index >= 0) return (stages[index + 1] ?? stages[index - 1])?.id ?? 0;
  }
  throw new Error(`no pipeline has stage ${shown}`);
}

/** 14 of `Kevin Lindgren (14)`. */
function idIn(shown: unknown): number {
  return Number(/\((\d+)\)$/.exec(String(shown))?.[1]);
}

function say(text: string): void {
  process.stdout.write(`\n${text}\n`);
}

/** What to paste into which host; the first is tried by a test. */
function configBlocks(script: string): string {
  const env = { PIPEDRIVE_API_TOKEN: 'your token', PIPEDRIVE_COMPANY_DOMAIN: 'your company' };
  const server = { command: 'node', args: [script], env };
  const block = (key: string, value: object) => JSON.stringify({ [key]: { pipedrive: value } }, null, 2);
  return `
Claude Desktop (claude_desktop_config.json) and Cursor (.cursor/mcp.json):
${block('mcpServers', server)}

VS Code (.vscode/mcp.json):
${block('servers', { type: 'stdio', ...server })}

Without an account: "args": [${JSON.stringify(script)}, "--sandbox"] and no env.`;
}
