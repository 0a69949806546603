import type { ApiRequest } from '../../../pipedrive/client.ts';
import { PipedriveError } from '../../../pipedrive/errors.ts';
import { isObject, type JsonObject } from '../../../pipedrive/json.ts';
import { Problem } from '../../../vocabulary/problem.ts';
import { operationOf } from '../../nested.ts';
import { buildRequest } from '../../request.ts';
import { type Run, rowsOf } from '../../run.ts';

/** The arguments that name the record, each with its kind. */
const kinds = { deal_id: 'deal', person_id: 'person', org_id: 'organization', lead_id: 'lead' } as const;
type Argument = keyof typeof kinds;
export type SubjectKind = (typeof kinds)[Argument];

/** The record that is asked about. `argument` is the one that lists name it by. */
export type Subject = {
  readonly kind: SubjectKind;
  readonly argument: Argument;
  readonly id: string | number;
  readonly record: JsonObject;
};

/** Throws a Problem unless exactly one record is named, and what reading it throws. */
export async function subjectOf(run: Run): Promise<Subject> {
  const named = (['deal_id', 'person_id', 'org_id', 'lead_id'] as const).flatMap((argument) => {
    const id = run.args[argument];
    return typeof id === 'number' || typeof id === 'string' ? [{ argument, kind: kinds[argument], id }] : [];
  });
  const [only, second] = named;
  if (!only || second) {
    throw new Problem(
      `get_context tells of one record, and ${only ? `${named.length} were` : 'none was'} named.`,
      'deal_id, person_id, org_id and lead_id exclude each other.',
      'Call again with one of them; search_items finds the id.',
    );
  }
  const record = await recordOf(run, only.kind, only.id);
  run.seen.note(only.kind, record);
  return { ...only, record };
}

/** Deals that a person takes part in, and is not the contact of, are counted only where that is asked for. */
function withDealsOfOthers(request: ApiRequest): ApiRequest {
  const include = `${String(request.query?.['include_fields'])},participant_open_deals_count`;
  return { ...request, query: { ...request.query, include_fields: include } };
}

/** A deal that was deleted is not under its address any more, but for 30 days in a list. */
async function recordOf({ client, options }: Run, kind: SubjectKind, id: string | number): Promise<JsonObject> {
  try {
    const request = buildRequest(operationOf(`get_${kind}`), { id });
    const { data } = await client.request(kind === 'person' ? withDealsOfOthers(request) : request, options);
    return isObject(data) ? data : {};
  } catch (error) {
    if (kind !== 'deal' || !(error instanceof PipedriveError) || error.code !== 'not_found') throw error;
    const deleted = buildRequest(operationOf('list_deals'), { ids: [id], status: ['deleted'] });
    const [record] = rowsOf((await client.request(deleted, options)).data, undefined);
    if (!record) throw error;
    return record;
  }
}
