import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Host, startSandboxProcess } from './host.ts';

// Few bytes are kept of a row: the heap is too small for the rows of the large file.
test('memory does not grow with the file', async () => {
  const sandbox = await startSandboxProcess();
  const allowed = mkdtempSync(join(tmpdir(), 'pipedrive-import-'));
  const lean = await Host.start(['--toolsets', 'all'], {
    ...sandbox.env,
    PIPEDRIVE_FILES: allowed,
    PIPEDRIVE_DEADLINE: '300',
    NODE_OPTIONS: '--max-old-space-size=64',
  });
  const peak = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${lean.pid}/status`, 'utf8'))?.[1]);
  const check = async (rows: number) => {
    const lines = Array.from(
      { length: rows },
      (_, row) => `Company ${row} of the long list,https://www.company-${row}.example`,
    );
    writeFileSync(join(allowed, `${rows}.csv`), `Name,Website\n${lines.join('\n')}\n`);
    const args = { entity: 'organization', path: `${rows}.csv` };
    const result = await lean.client.callTool({ name: 'import_records', arguments: args }, undefined, {
      timeout: 300_000,
    });
    expect(result.structuredContent).toMatchObject({ rows, create: rows });
    return peak();
  };
  const small = await check(1_000);
  expect((await check(50_000)) / small).toBeLessThan(1.4);
  await lean.close();
  await sandbox.stop();
}, 300_000);
