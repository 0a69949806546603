import fc from 'fast-check';
import { expect, test } from 'vitest';
import { catalog } from '../../src/catalog/index.ts';
import type { Operation } from '../../src/catalog/operation.ts';
import type { Json, JsonObject } from '../../src/pipedrive/json.ts';
import { changeAnswer, fit, fitting, listAnswer, recordAnswer, table } from '../../src/tools/answer.ts';

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

const shown = (operation: Operation, rows: JsonObject[]) => {
  const whole = table(operation.entity, rows, account.zone);
  return { ...whole, rows: whole.rows.slice(0, fitting(whole, { limit: 500 })) };
};

test('no answer has a null, a hash as a key, or more than 40,000 characters', () => {
  fc.assert(
    fc.property(fc.constantFrom(...catalog), fc.array(record, { maxLength: 60 }), (operation, rows) => {
      const [first = {}] = rows;
      const answers = [
        fit(listAnswer(operation, shown(operation, rows), { limit: 500 }, account, 'abc')),
        fit(recordAnswer(operation, first, { id: 1 }, account)),
        fit(changeAnswer(operation, first, { id: 1, title: 'x' }, account)),
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

test('whatever an answer holds, it is cut to fit and says what was cut', () => {
  const text = fc.string({ minLength: 1000, maxLength: 60_000, unit: 'binary' });
  const deep = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.array(tie('value'), { maxLength: 40 }),
      fc.dictionary(key, tie('value'), { maxKeys: 5 }),
    ),
  })).value;
  fc.assert(
    fc.property(fc.dictionary(key, deep), (value) => {
      const whole: JsonObject = JSON.parse(JSON.stringify(value));
      const fitted = fit(whole);
      const length = JSON.stringify(fitted).length;
      expect(length).toBeLessThanOrEqual(40_000);
      if (JSON.stringify(whole).length <= 39_500) expect(fitted).toEqual(whole);
      else expect(fitted['cut']).toContain('Too long');
    }),
    { numRuns: 60 },
  );
});
