import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod/v3';
import { isObject, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { recordAnswer, signature } from '../answers/answer.ts';
import { addMany } from '../bulk/add-many.ts';
import { changeTools } from '../bulk/change-many.ts';
import { prepare } from '../prepare.ts';
import { buildRequest } from '../request.ts';
import { type Run, rowsOf } from '../run.ts';
import { nowIn, toLocal } from '../time.ts';
import { exportRecords } from '../transfer/export.ts';
import { importRecords } from '../transfer/import.ts';
import { adminTasks } from './admin.ts';
import { analysisTasks } from './analyze/analyze.ts';
import { listChanges } from './changes.ts';
import { getContext } from './context/context.ts';
import { fieldTasks } from './fields.ts';
import { createFilter, getFilter, listFilters, updateFilter } from './filters.ts';
import { findDuplicates } from './find-duplicates.ts';
import { goalTasks } from './goals.ts';
import { getPersonPicture } from './person-picture.ts';
import { getProjectPlan } from './project-plan.ts';
import { getTimeline } from './reports.ts';
import { undoChanges } from './undo-changes.ts';

/** Tools that take more than one request of their own endpoint. Everything else follows from its declaration. */
export const tasks: Readonly<Record<string, (run: Run) => Promise<JsonObject>>> = {
  list_pipelines: listPipelines,
  get_current_user: getCurrentUser,
  ...fieldTasks,
  ...goalTasks,
  find_duplicates: findDuplicates,
  list_changes: listChanges,
  undo_changes: undoChanges,
  get_context: getContext,
  list_filters: listFilters,
  get_filter: getFilter,
  create_filter: createFilter,
  update_filter: updateFilter,
  get_limits: getLimits,
  get_person_picture: getPersonPicture,
  get_project_plan: getProjectPlan,
  get_deals_timeline: getTimeline,
  get_archived_deals_timeline: getTimeline,
  ...adminTasks,
  ...analysisTasks,
  export_records: exportRecords,
  import_records: importRecords,
  convert_lead_to_deal: convert,
  convert_deal_to_lead: convert,
  ...changeTools,
  add_many: addMany,
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
  const inOrder = pipelines.sort((a, b) => Number(a['order_nr']) - Number(b['order_nr']));
  for (const pipeline of inOrder) run.seen.note('pipeline', pipeline);
  return {
    pipelines: inOrder.map((pipeline) => ({
      ...pick(pipeline, { id: 'id', name: 'name' }),
      stages: stages
        .filter((stage) => stage['pipeline_id'] === pipeline['id'])
        .map((stage) => ({
          ...pick(stage, { id: 'id', name: 'name' }),
          ...(pipeline['is_deal_probability_enabled'] === true ? pick(stage, { deal_probability: 'probability' }) : {}),
          ...(stage['is_deal_rot_enabled'] === true ? pick(stage, { days_to_rotten: 'rots_after_days' }) : {}),
        })),
    })),
  };
}

/** The parts of a record that are set, under other names. */
function pick(record: JsonObject, names: Readonly<Record<string, string>>): JsonObject {
  const picked: JsonObject = {};
  for (const [key, name] of Object.entries(names)) {
    const value = record[key];
    if (value !== undefined && value !== null) picked[name] = value;
  }
  return picked;
}

/** The user's record, and the date that everything relative is reckoned from. */
async function getCurrentUser(run: Run): Promise<JsonObject> {
  const { operation, args, account, client, options } = run;
  const { data } = await client.request(buildRequest(operation, args), options);
  const now = nowIn(account.zone, client.limits().clockAhead);
  return { now, ...(await recordAnswer(run, isObject(data) ? data : {})) };
}

async function getLimits({ account, client, vocabulary }: Run): Promise<JsonObject> {
  const limits = client.limits();
  const { daily, window } = limits;
  return {
    as: signature(account),
    plan: limits.plan ?? 'not set (PIPEDRIVE_PLAN), so the lowest limits are kept',
    requests_per_2_seconds: limits.requestsPer2s,
    searches_per_2_seconds: limits.searchesPer2s,
    waiting: limits.waiting,
    sent_by_this_process: { requests: limits.requests, api_tokens: limits.tokensSpent },
    ...(window?.remaining === undefined ? {} : { left_in_window: window.remaining }),
    daily_api_tokens: {
      ...(daily.left === undefined ? { left: 'not told by Pipedrive yet' } : { left: daily.left }),
      ...(daily.limit === undefined ? {} : { of: daily.limit }),
      spent_on_this_machine: daily.spent,
      until: toLocal(new Date(daily.resetsAt).toISOString(), account.zone),
    },
    names_age_seconds: vocabulary.ages(),
    ...(limits.dailyRequestsLeft === undefined ? {} : { daily_requests_left: limits.dailyRequestsLeft }),
  };
}

const job = z.object({ conversion_id: z.string() });
const waiting = z.enum(['not_started', 'running']);

/**
 * Pipedrive converts in a job of its own: starts it, waits for its end, and gives the new record's id. Whatever goes
 * wrong after the start, the answer says that it was started, lest it be started again.
 */
async function convert(run: Run): Promise<JsonObject> {
  const { operation, args, account, client, options } = run;
  const [from, to] = operation.name === 'convert_lead_to_deal' ? ['lead', 'deal'] : ['deal', 'lead'];
  const request = buildRequest(operation, await prepare(operation, args, account, client, options));
  const started = job.parse((await client.request(request, options)).data);
  const path = `${request.path.slice(0, request.path.lastIndexOf('/'))}/status/${encodeURIComponent(started.conversion_id)}`;
  const id = await result(run, path, `${to}_id`).catch((cause: unknown) => {
    if (cause instanceof Problem || options.signal.aborted) throw cause;
    const unfinished = new Problem(
      `The conversion of ${from} ${String(args['id'])} was started, and how it ended is not known.`,
      `Pipedrive has it as job ${started.conversion_id}. ${cause instanceof Error ? cause.message : ''}`,
      `Do not start it again: look for the new ${to} by its title in a minute.`,
      'unknown',
    );
    throw Object.assign(unfinished, { cause });
  });
  const page = to === 'deal' ? `deal/${id}` : `leads/inbox/${id}`;
  return {
    done: `Converted ${from} ${String(args['id'])} to ${to} ${id}`,
    as: signature(account),
    [`${to}_id`]: to === 'deal' ? Number(id) : id,
    link: `https://${account.domain}.pipedrive.com/${page}`,
  };
}

/** Waits for the end of a conversion and gives the new record's id. */
async function result({ args, client, options }: Run, path: string, key: string): Promise<string> {
  for (let wait = 200; ; wait = Math.min(wait * 1.5, 2_000)) {
    const { data } = await client.request({ method: 'GET', path, cost: 1 }, options);
    const now = isObject(data) ? data : {};
    if (now['status'] === 'completed')
      return z.union([z.number().transform(String), z.string().min(1)]).parse(now[key]);
    if (!waiting.safeParse(now['status']).success) {
      throw new Problem(
        `The conversion of ${String(args['id'])} came to nothing: ${String(now['status'])}.`,
        'The record may have been converted, deleted or archived already, or lacks what the other kind needs.',
        'It was not changed by this call. Read it again before another try.',
        'no',
      );
    }
    if (Date.now() + wait >= options.deadline) throw new Error('It had not ended when the time for this call was up.');
    await sleep(wait, undefined, { signal: options.signal });
  }
}
