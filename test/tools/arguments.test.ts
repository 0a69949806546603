import fc from 'fast-check';
import { expect, test } from 'vitest';
import { catalog } from '../../src/catalog/index.ts';
import type { Json } from '../../src/pipedrive/json.ts';
import { checkArguments } from '../../src/tools/arguments.ts';
import { Problem } from '../../src/vocabulary/problem.ts';

const find = (name: string) => {
  const operation = catalog.find((one) => one.name === name);
  if (!operation) throw new Error(name);
  return operation;
};
const json = fc.jsonValue().map((value): Json => JSON.parse(JSON.stringify(value)));

test('whatever is given, arguments are either right or a Problem of three parts', () => {
  fc.assert(
    fc.property(fc.constantFrom(...catalog), fc.context(), fc.infiniteStream(json), (operation, context, values) => {
      const given: Record<string, Json> = {};
      for (const name of Object.keys(operation.input.shape)) {
        const { value } = values.next();
        if (value !== undefined && JSON.stringify(value).length % 3 > 0) given[name] = value;
      }
      try {
        const checked = checkArguments(operation, given);
        expect(operation.input.safeParse(checked).success).toBe(true);
      } catch (error) {
        if (!(error instanceof Problem)) context.log(String(error));
        expect(error).toBeInstanceOf(Problem);
        expect(error).toMatchObject({ message: /./, why: /./, next: /./ });
      }
    }),
    { numRuns: 500 },
  );
});

test('right arguments pass through unchanged, but for defaults', () => {
  expect(checkArguments(find('create_deal'), { title: '42', value: 5 })).toMatchObject({ title: '42', value: 5 });
});

test.each([
  ['get_deal', { id: '42' }, { id: 42 }],
  ['get_deal', { id: ' 42 ' }, { id: 42 }],
  ['list_deals', { status: 'open' }, { status: ['open'] }],
  ['list_deals', { status: '["open","won"]' }, { status: ['open', 'won'] }],
  ['list_deals', { status: ['Open'] }, { status: ['open'] }],
  ['list_deals', { owner_id: null }, {}],
  ['create_deal', { title: 42, person_id: null }, { title: '42' }],
  ['create_person', { name: 'A', emails: 'a@b.ee' }, { emails: [{ value: 'a@b.ee' }] }],
  [
    'create_person',
    { name: 'A', emails: '[{"value":"a@b.ee","primary":"true"}]' },
    { emails: [{ value: 'a@b.ee', primary: true }] },
  ],
  ['list_activities', { done: true }, { done: 'true' }],
  ['get_deal', { id: 'https://varsa-instruments.pipedrive.com/deal/7?tab=x' }, { id: 7 }],
  ['create_note', { content: 'x', org_id: 'https://varsa-instruments.pipedrive.com/organization/9' }, { org_id: 9 }],
  [
    'get_lead',
    { id: 'https://varsa-instruments.pipedrive.com/leads/inbox/adf21080-0e10-11eb-879b-05d71fb426ec' },
    { id: 'adf21080-0e10-11eb-879b-05d71fb426ec' },
  ],
])('%s %j means %j', (name, given, meant) => {
  expect(checkArguments(find(name), given)).toMatchObject(meant);
});

test.each([
  ['get_deal', { id: '4x' }],
  ['get_deal', { id: 4.5 }],
  ['get_deal', { id: true }],
  ['get_deal', { id: 'https://varsa-instruments.pipedrive.com/person/7' }],
  ['create_deal', { title: null }],
  ['list_deals', { limit: '1e3' }],
])('%s %j is not guessed at', (name, given) => {
  expect(() => checkArguments(find(name), given)).toThrow(Problem);
});
