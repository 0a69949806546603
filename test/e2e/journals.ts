import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The journals in a state directory of one account. */
export function journalsIn(place: string): string[] {
  const [name] = readdirSync(place);
  if (name === undefined) return [];
  const folder = join(place, name);
  return readdirSync(folder)
    .filter((one) => one.endsWith('.journal'))
    .sort()
    .map((one) => join(folder, one));
}

/** Longer than a write can be under way. */
const LONG_MS = 10 * 60_000;

/** Makes all that is in the journals older, so that nobody has to wait. No server may be at work on them. */
export function age(place: string): void {
  for (const path of journalsIn(place)) {
    // Lines that a crash cut off stay as they are.
    const lines = readFileSync(path, 'utf8').split('\n').map(older);
    writeFileSync(path, lines.join('\n'));
  }
}

function older(line: string): string {
  return line.endsWith('}')
    ? line.replaceAll(/"(at|until)":(\d{13})/g, (_, key, time) => `"${key}":${Number(time) - LONG_MS}`)
    : line;
}
