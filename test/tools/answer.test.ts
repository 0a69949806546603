import fc from 'fast-check';
import { expect, test } from 'vitest';
import { catalog } from '../../src/catalog/index.ts';
import type { Json, JsonObject } from '../../src/pipedrive/json.ts';
import { changeAnswer, listAnswer, recordAnswer } from '../../src/tools/answer.ts';

const account = {
  userId: 1,
  user: 'Ann',
  email: 'ann@acme.example',
  zone: 'Europe/Tallinn',
  currency: 'EUR',
  company: 'Acme',
  domain: 'acme',
};
const HASH = /"[0-9a-f]{40}[^"]*":/;

const key = fc.oneof(
  fc.constantFrom(
    'id',
    'title',
    'name',
    'value',
    'currency',
    'add_time',
    'due_date',
    'due_time',
    'emails',
    'content',
    'custom_fields',
    'address',
    'label_ids',
  ),
  fc.stringMatching(/^[a-z_]{1,12}$/),
  fc.stringMatching(/^[0-9a-f]{40}$/),
);
const record = fc
  .dictionary(key, fc.jsonValue({ maxDepth: 3 }))
  .map((value): JsonObject => JSON.parse(JSON.stringify(value)));

function holdsNull(value: Json): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return value.some(holdsNull);
  return typeof value === 'object' && Object.values(value).some(holdsNull);
}

test('no answer has a null, a hash as a key, or more than 40,000 characters', () => {
  fc.assert(
    fc.property(fc.constantFrom(...catalog), fc.array(record, { maxLength: 60 }), (operation, rows) => {
      const [first = {}] = rows;
      const answers = [
        listAnswer(operation, { rows, next: 'abc', skipped: 0 }, { limit: 500 }, account),
        recordAnswer(operation, first, { id: 1 }, account),
        changeAnswer(operation, first, { id: 1, title: 'x' }, account),
      ];
      for (const answer of answers) {
        const text = JSON.stringify(answer);
        expect(holdsNull(answer)).toBe(false);
        expect(text).not.toMatch(HASH);
        expect(text.length).toBeLessThanOrEqual(40_000);
      }
    }),
  );
});
