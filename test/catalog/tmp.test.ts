import { test } from 'vitest';
import { entries } from '../../src/tools/definitions.ts';
test('x', () => {
  let core = 0, all = 0;
  const rows: string[] = [];
  for (const o of entries) {
    const s = JSON.stringify(o.definition);
    all += s.length; if (o.core) { core += s.length;
    rows.push(`${s.length} ${o.definition.name}`);}
    if (o.core && s.length>1300) console.log(s);
  }
  console.log(rows.sort((a, b) => Number.parseInt(b) - Number.parseInt(a)).join('\n'), core, all, entries.length, all / entries.length);
});
