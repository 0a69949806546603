import fc from 'fast-check';
import { expect, test } from 'vitest';
import { catalog } from '../../src/catalog/index.ts';
import type { Json, JsonObject } from '../../src/pipedrive/json.ts';
import { fit } from '../../src/tools/answers/fit.ts';
import { Marks } from '../../src/tools/answers/outside.ts';
import { showRecord } from '../../src/tools/answers/record.ts';
import type { Lexicon } from '../../src/tools/names/lexicon.ts';

const HASH = /"[0-9a-f]{40}[^"]*":/;

const key = fc.oneof(
  fc.constantFrom(
    'id',
    'owner_id',
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

const lexicon: Lexicon = {
  zone: 'Europe/Tallinn',
  now: '2026-11-20 12:00',
  name: (kind, id) => (Number(id) % 2 === 0 ? `${kind} ${String(id)}` : undefined),
  fields: undefined,
  marks: new Marks(),
  leftOut: undefined,
};

test('no record is shown with a null or a hash as a key', () => {
  fc.assert(
    fc.property(fc.constantFrom(...catalog), record, (operation, one) => {
      const shown = showRecord(one, operation.entity, lexicon, 0, 'more');
      expect(holdsNull(shown)).toBe(false);
      expect(JSON.stringify(shown)).not.toMatch(HASH);
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
