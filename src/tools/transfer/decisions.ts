import { createHash } from 'node:crypto';
import type { Json } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import type { Links } from './links.ts';
import type { Row, RowFile } from './rows.ts';

/** What is done with a row. */
export type Decision =
  | { readonly is: 'create' | 'update'; readonly id?: Json; readonly links: Links }
  | { readonly is: 'same' | 'skip' | 'bad' };

/** What is to be written of a row, and the digest of the row that was checked. */
type ToWrite = Extract<Decision, { links: Links }> & { readonly digest: string };

/** 64 bits of what a row says and of where it is: its line tells it from others when a job goes on. */
function digestOf({ line, cells }: Row): string {
  return createHash('sha256')
    .update(JSON.stringify([line, cells]))
    .digest('base64url')
    .slice(0, 11);
}

/**
 * `c#…`, `c|5,-12#…`, `u31|,7#…`, `.`: what is done, with the organization and the person that it is linked to, and the
 * row's digest.
 */
export function written(decision: Decision, row: Row): string {
  if (decision.is !== 'create' && decision.is !== 'update') return '.';
  const { person, organization } = decision.links;
  const refs = person === undefined && organization === undefined ? '' : `|${organization ?? ''},${person ?? ''}`;
  return `${decision.is === 'create' ? 'c' : `u${String(decision.id)}`}${refs}#${digestOf(row)}`;
}

/**
 * The rows that are to be written, each as it was checked. Rejects with a Problem at the first that is not, since a file
 * that was changed in one place may have been in others.
 */
export async function* asChecked(
  file: RowFile,
  decisions: readonly string[],
): AsyncGenerator<{ readonly row: Row; readonly decision: ToWrite }> {
  let next = 0;
  for await (const row of reread(file)) {
    const decision = readDecision(decisions[next++] ?? '.');
    if (!decision) continue;
    if (digestOf(row) !== decision.digest)
      throw changed(`The row on line ${row.line} is not the one that was checked.`);
    yield { row, decision };
  }
  if (next < decisions.length) throw changed(`It ends after ${next} of ${decisions.length} rows.`);
}

/** The rows of a file that could be read to its end before. */
async function* reread(file: RowFile): AsyncGenerator<Row> {
  try {
    yield* file.rows();
  } catch (error) {
    throw error instanceof Problem ? Object.assign(changed(error.why), { cause: error }) : error;
  }
}

function changed(why: string): Problem {
  return new Problem(
    'import_records: the file was changed since the check, and what was left of it was not written.',
    why,
    'Put it back as it was and go on with resume, or call without plan and resume to check it as it is now.',
  );
}

/** A decision as it was kept; undefined where nothing is to be done. */
function readDecision(text: string): ToWrite | undefined {
  if (text === '.') return undefined;
  const [, what, id = '', organization = '', person = '', digest = ''] =
    /^([cu])([^|#]*)(?:\|(-?\d*),(-?\d*))?#([\w-]+)$/.exec(text) ?? [];
  if (what === undefined) throw new Error(`"${text}" is no decision about a row`);
  const links = {
    ...(organization === '' ? {} : { organization: Number(organization) }),
    ...(person === '' ? {} : { person: Number(person) }),
  };
  if (what === 'c') return { is: 'create', links, digest };
  return { is: 'update', links, digest, id: /^\d+$/.test(id) ? Number(id) : id };
}
