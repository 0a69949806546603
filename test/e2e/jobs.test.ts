import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SandboxProcess, startSandboxProcess } from './host.ts';
import { day } from './jobs/day.ts';
import { totals } from './jobs/totals.ts';
import { upkeep } from './jobs/upkeep.ts';
import { type Cost, type Job, Work } from './jobs/work.ts';

/** Written with WRITE_JOBS=1, compared without. */
const DOCUMENT = 'WHAT-TO-ASK.md';
const jobs: readonly Job[] = [...day, ...totals, ...upkeep];
const costs = new Map<string, Cost>();
let sandbox: SandboxProcess;

beforeAll(async () => {
  sandbox = await startSandboxProcess();
});
afterAll(() => sandbox.stop());

test.each(jobs)('$ask', async (job) => {
  const work = await Work.start(sandbox, job.toolsets);
  try {
    await job.before?.(work);
    work.forget();
    const check = await job.run(work);
    const { cost } = work;
    await check();
    expect(cost.calls.length).toBeLessThanOrEqual(3);
    expect(cost.answerTokens).toBeLessThanOrEqual(2500);
    costs.set(job.ask, cost);
  } finally {
    await work.close();
  }
});

test(`${DOCUMENT} tells what they took`, () => {
  expect([...costs.keys()]).toEqual(jobs.map(({ ask }) => ask));
  const text = document();
  if (process.env['WRITE_JOBS'] === '1') writeFileSync(DOCUMENT, text);
  expect(existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : '').toBe(text);
});

function document(): string {
  const table = jobs.map((job, index) => {
    const { calls, requests, apiTokens, answerTokens } = costOf(job);
    const row = [index + 1, job.ask, calls.length, requests, apiTokens, answerTokens];
    return `| ${row.join(' | ')} |`;
  });
  const sections = jobs.map((job, index) => {
    const needs = job.toolsets ? `\nNeeds \`PIPEDRIVE_TOOLSETS=core,${job.toolsets.join(',')}\`.\n` : '';
    return `### ${index + 1}. ${job.ask}\n${needs}\n\`\`\`\n${costOf(job).calls.join('\n')}\n\`\`\`\n`;
  });
  return `# What to ask

Jobs of a day in sales, each with the calls that it takes. \`test/e2e/jobs.test.ts\` runs every one of them through the built
server on the sandbox's sample company, in the default mode, checks what comes of it against the sandbox's own data, and
writes this document (\`WRITE_JOBS=1 npx vitest run test/e2e/jobs.test.ts\`).

Requests and API tokens are those of a server that has just started and knows no names yet: asked again, the same takes
fewer. Answer tokens are bytes / 4, up to the next 50. \`<plan_code>\` is what the call before gave, once the person has said
yes.

| | ask | calls | requests | API tokens | answer tokens |
|---|---|---|---|---|---|
${table.join('\n')}

${sections.join('\n')}`;
}

function costOf(job: Job): Cost {
  const cost = costs.get(job.ask);
  if (!cost) throw new Error(`"${job.ask}" was not done`);
  return cost;
}
