import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod/v3';
import { type Endpoint, endpoints } from '../catalog/operation.ts';
import { isObject, type JsonObject } from '../pipedrive/json.ts';
import { listAnswer, recordAnswer, signature, splitCursor } from './answer.ts';
import { prepare } from './prepare.ts';
import { Problem } from './problem.ts';
import { buildRequest } from './request.ts';
import { type Run, rowsOf } from './run.ts';

/** Tools that take more than one request of their own endpoint. Everything else follows from its declaration. */
export const tasks: Readonly<Record<string, (run: Run) => Promise<JsonObject>>> = {
  list_pipelines: listPipelines,
  list_fields: listFields,
  get_field: getField,
  get_limits: getLimits,
  convert_lead_to_deal: convert,
  convert_deal_to_lead: convert,
};

const LARGEST_PAGE = { limit: 500 };

async function everyRow(
  { client, options }: Run,
  path: string,
  cost: number,
  query: Record<string, string | number> = LARGEST_PAGE,
): Promise<JsonObject[]> {
  const rows: JsonObject[] = [];
  for await (const page of client.pages({ method: 'GET', path, query, cost }, options)) {
    rows.push(...rowsOf(page.data, undefined));
  }
  return rows;
}

async function listPipelines(run: Run): Promise<JsonObject> {
  const [pipelines, stages] = await Promise.all([
    everyRow(run, '/api/v2/pipelines', 5),
    everyRow(run, '/api/v2/stages', 5, { ...LARGEST_PAGE, sort_by: 'order_nr' }),
  ]);
  const shown = pipelines
    .sort((a, b) => Number(a['order_nr']) - Number(b['order_nr']))
    .map((pipeline) => {
      run.seen.note('pipeline', pipeline);
      return {
        id: pipeline['id'] ?? null,
        name: pipeline['name'] ?? null,
        stages: stages
          .filter((stage) => stage['pipeline_id'] === pipeline['id'])
          .map((stage) => ({
            id: stage['id'] ?? null,
            name: stage['name'] ?? null,
            ...(pipeline['is_deal_probability_enabled'] === true
              ? { probability: stage['deal_probability'] ?? null }
              : {}),
            ...(stage['is_deal_rot_enabled'] === true ? { rots_after_days: stage['days_to_rotten'] ?? null } : {}),
          })),
      };
    });
  return { pipelines: shown };
}

/** `deal` and `GET /api/v2/dealFields` belong together by name. */
function fieldsEndpoint({ operation, args }: Run): Endpoint {
  const wanted = `${String(args['entity'])}Fields`;
  const found = endpoints(operation).find((endpoint) => endpoint.split('/')[3]?.split('/')[0] === wanted);
  if (!found) throw new Error(`${operation.name} has no endpoint for ${wanted}`);
  return found;
}

async function listFields(run: Run): Promise<JsonObject> {
  const { operation, args, account } = run;
  const path = fieldsEndpoint(run).slice('GET '.length);
  const isV1 = path.startsWith('/api/v1/');
  const withRequired = ['deal', 'person', 'organization'].includes(String(args['entity']));
  // The fields of notes come whole: their operation takes no limit.
  const query = path === '/api/v1/noteFields' ? {} : LARGEST_PAGE;
  const more = withRequired ? { include_fields: 'required_fields' } : {};
  const found = await everyRow(run, path, isV1 ? 20 : 10, { ...query, ...more });
  const { shown, last } = splitCursor(args['cursor']);
  const rows = found.map(fieldRow);
  const at = shown > 0 ? rows.findIndex((row) => row['id'] === last) : -1;
  const skipped = at >= 0 ? at + 1 : shown;
  return listAnswer(operation, { rows: rows.slice(skipped), next: undefined, skipped }, args, account);
}

async function getField(run: Run): Promise<JsonObject> {
  const { operation, args, account, client, options } = run;
  const path = fieldsEndpoint(run)
    .slice('GET '.length)
    .replace('{field_code}', encodeURIComponent(String(args['field_code'])));
  const { data } = await client.request({ method: 'GET', path, cost: operation.cost }, options);
  return recordAnswer(operation, isObject(data) ? data : {}, args, account);
}

/** The options shown in a row; get_field shows all. */
const MOST_OPTIONS = 30;

/** A field of either version in one form. */
function fieldRow(field: JsonObject): JsonObject {
  const code = field['field_code'] ?? field['key'] ?? null;
  const options = Array.isArray(field['options']) ? field['options'].filter(isObject) : [];
  const shown = options.slice(0, MOST_OPTIONS).map((option) => `${String(option['id'])}=${String(option['label'])}`);
  if (options.length > MOST_OPTIONS) shown.push(`${options.length - MOST_OPTIONS} more: get_field`);
  const required = field['required_fields'];
  const isCustom = field['is_custom_field'] ?? (typeof code === 'string' && /^[0-9a-f]{40}$/.test(code));
  const isRequired = isObject(required) ? required['enabled'] === true : field['mandatory_flag'] === true;
  return {
    id: code,
    field_code: code,
    name: field['field_name'] ?? field['name'] ?? null,
    type: field['field_type'] ?? null,
    custom: isCustom ? true : null,
    required: isRequired ? requiredWhere(required) : null,
    options: shown.length > 0 ? shown.join('; ') : null,
  };
}

function requiredWhere(required: unknown): string | boolean {
  const stages = isObject(required) && Array.isArray(required['stage_ids']) ? required['stage_ids'] : [];
  return stages.length > 0 ? `in stages ${stages.join(', ')}` : true;
}

async function getLimits({ account, client }: Run): Promise<JsonObject> {
  const limits = client.limits();
  const { dailyTokens, window } = limits;
  return {
    as: signature(account),
    plan: limits.plan ?? 'not set (PIPEDRIVE_PLAN), so the lowest limits are kept',
    requests_per_2_seconds: limits.requestsPer2s,
    searches_per_2_seconds: limits.searchesPer2s,
    waiting: limits.waiting,
    sent_by_this_process: { requests: limits.requests, api_tokens: limits.tokensSpent },
    ...(window?.remaining === undefined ? {} : { left_in_window: window.remaining }),
    daily_api_tokens:
      dailyTokens?.remaining === undefined
        ? 'not told by Pipedrive yet'
        : { left: dailyTokens.remaining, ...(dailyTokens.limit === undefined ? {} : { of: dailyTokens.limit }) },
    ...(limits.dailyRequestsLeft === undefined ? {} : { daily_requests_left: limits.dailyRequestsLeft }),
  };
}

const job = z.object({ conversion_id: z.string() });
const status = z.object({
  status: z.enum(['not_started', 'running', 'completed', 'failed', 'rejected']),
  deal_id: z.union([z.number(), z.string()]).optional(),
  lead_id: z.string().optional(),
});

/** Pipedrive converts in a job of its own: starts it, waits for its end, and gives the new record's id. */
async function convert(run: Run): Promise<JsonObject> {
  const { operation, args, account, client, options } = run;
  const toDeal = operation.name === 'convert_lead_to_deal';
  const [from, to] = toDeal ? ['lead', 'deal'] : ['deal', 'lead'];
  const request = buildRequest(operation, await prepare(operation, args, account, client, options));
  const started = job.parse((await client.request(request, options)).data);
  const path = `${request.path.slice(0, request.path.lastIndexOf('/'))}/status/${encodeURIComponent(started.conversion_id)}`;
  for (let wait = 200; ; wait = Math.min(wait * 1.5, 2_000)) {
    const now = status.parse((await client.request({ method: 'GET', path, cost: 1 }, options)).data);
    if (now.status === 'completed') {
      const id = String(toDeal ? now.deal_id : now.lead_id);
      const page = toDeal ? `deal/${id}` : `leads/inbox/${id}`;
      return {
        done: `Converted ${from} ${String(args['id'])} to ${to} ${id}`,
        as: signature(account),
        [`${to}_id`]: toDeal ? Number(id) : id,
        link: `https://${account.domain}.pipedrive.com/${page}`,
      };
    }
    if (now.status === 'failed' || now.status === 'rejected') {
      throw new Problem(
        `The conversion of ${from} ${String(args['id'])} ${now.status === 'failed' ? 'failed' : 'was rejected'}.`,
        'It may have been converted or deleted already.',
        `Read the ${from} again; it was not changed by this call.`,
      );
    }
    if (Date.now() + wait >= options.deadline) {
      throw new Problem(
        `The conversion of ${from} ${String(args['id'])} was started and has not ended yet.`,
        `Pipedrive works on job ${started.conversion_id} (${now.status}).`,
        `Do not start it again: look for the new ${to} by its title in a minute.`,
      );
    }
    await sleep(wait, undefined, { signal: options.signal });
  }
}
