import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of the test's own. */
export function temporary(): { place: string; remove: () => void } {
  const place = mkdtempSync(join(tmpdir(), 'guard-'));
  return { place, remove: () => rmSync(place, { recursive: true, force: true }) };
}
