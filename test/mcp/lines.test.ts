import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wholeLines } from '../../src/mcp/lines.ts';

test('however bytes come, they go on the same, and by whole lines', async () => {
  const piece = fc.oneof(fc.constantFrom('\n', '\n\n', 'é', '{}\r\n'), fc.string({ unit: 'binary', maxLength: 8 }));
  await fc.assert(
    fc.asyncProperty(fc.array(piece.map((text) => Buffer.from(text))), async (chunks) => {
      const all = Buffer.concat(chunks);
      const passed: Buffer[] = [];
      for await (const chunk of Readable.from(chunks).pipe(wholeLines(1_000))) passed.push(chunk);
      expect(Buffer.concat(passed)).toEqual(all.subarray(0, all.lastIndexOf('\n') + 1));
      for (const one of passed) expect(one.at(-1)).toBe(10);
    }),
  );
});

test('what is too long without an end is not kept, but goes on', async () => {
  const chunks = Array.from({ length: 100 }, () => Buffer.alloc(100, 'x'));
  expect((await buffer(Readable.from(chunks).pipe(wholeLines(1_000)))).length).toBeGreaterThan(9_000);
});
