import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut, toHtml, toText } from '../../src/tools/answers/text.ts';

test('plain lines survive the way to HTML and back', () => {
  const word = fc.stringMatching(/^[a-zõäöü0-9]{1,8}$/);
  const line = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => `w ${words.join(' ')}`);
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
      expect(toText(toHtml(lines.join('\n'), 'content'))).toBe(lines.join('\n'));
    }),
  );
});

test.each([
  ['a < b & c', 'a < b & c'],
  ['**bold** and *it*', '**bold** and *it*'],
  ['- one\n- two', '- one\n- two'],
  ['1. one\n2. two', '1. one\n2. two'],
  ['2026. was great', '2026. was great'],
  ['- one\n  - inner\n- two', '- one\n  - inner\n- two'],
  ['- loose\n\n- list', '- loose\n- list'],
  ['Budget <unclear>; List<String> x', 'Budget <unclear>; List<String> x'],
  ['# Head\n\ntext', '# Head\ntext'],
  ['[site](https://example.com)', 'site (https://example.com)'],
])('%j reads %j', (markdown, text) => {
  expect(toText(toHtml(markdown, 'content'))).toBe(text);
});

test('scripts and styles are never text', () => {
  expect(toText('<style>p{}</style><p>Hi</p><script>alert(1)</script>')).toBe('Hi');
});

test('a cut is never within a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 2, max: 30 }), (text, most) => {
      const short = cut(text, most);
      expect(short.length).toBeLessThanOrEqual(most);
      expect(Buffer.from(short).toString()).toBe(short);
    }),
  );
});
