import { afterAll, beforeAll, expect, test } from 'vitest';
import { Host, type SandboxProcess, startSandboxProcess } from './host.ts';

let sandbox: SandboxProcess;
let host: Host;

beforeAll(async () => {
  sandbox = await startSandboxProcess();
  host = await Host.start(['--toolsets', 'all'], sandbox.env);
});
afterAll(async () => {
  await host.close();
  await sandbox.stop();
});

async function read(uri: string) {
  const { contents } = await host.client.readResource({ uri });
  return JSON.parse(String(contents[0] && 'text' in contents[0] ? contents[0].text : ''));
}

test('every listed resource can be read, says something, and is the answer of a read tool', async () => {
  const { resources } = await host.client.listResources();
  expect(resources.length).toBeGreaterThanOrEqual(13);
  for (const { uri } of resources) expect(JSON.stringify(await read(uri)).length, uri).toBeGreaterThan(40);
  expect((await read('pipedrive://pipelines'))['pipelines']).toEqual((await host.ok('list_pipelines'))['pipelines']);
});

test('a kept resource tells its age, and a write that touches it is seen at once', async () => {
  const before = await read('pipedrive://pipelines');
  const again = await read('pipedrive://pipelines');
  expect(again).toHaveProperty('age_seconds');
  const log = await sandbox.log();
  expect(again['pipelines']).toEqual(before['pipelines']);
  expect((await sandbox.log()).length).toBe(log.length);
  await host.ok('create_pipeline', { name: 'Seen at once' });
  expect(JSON.stringify(await read('pipedrive://pipelines'))).toContain('Seen at once');
});

test('templates read one record and complete ids already seen', async () => {
  const { resourceTemplates } = await host.client.listResourceTemplates();
  expect(resourceTemplates.map((one) => one.uriTemplate)).toContain('pipedrive://deals/{id}');
  await host.ok('get_deal', { id: 12 });
  expect((await read('pipedrive://deals/12'))['deal'].id).toBe(12);
  const { completion } = await host.client.complete({
    ref: { type: 'ref/resource', uri: 'pipedrive://deals/{id}' },
    argument: { name: 'id', value: '1' },
  });
  expect(completion.values).toContain('12');
  expect(completion.values.every((value) => value.startsWith('1') || value !== '')).toBe(true);
});

test('an unknown resource is an error of the protocol that names it', async () => {
  await expect(read('pipedrive://nothing')).rejects.toThrow('pipedrive://nothing');
  await expect(read('pipedrive://deals/999999')).rejects.toThrow('There is no resource pipedrive://deals/999999');
});
