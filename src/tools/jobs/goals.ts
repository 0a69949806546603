import { z } from 'zod/v3';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { unknownName } from '../../vocabulary/lookup.ts';
import type { Names } from '../../vocabulary/names.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { changeAnswer, recordAnswer } from '../answers/answer.ts';
import { offsetList } from '../lists/offset-list.ts';
import { type Arguments, buildRequest } from '../request.ts';
import { type Run, rowsOf } from '../run.ts';

/** Where the API has what the arguments call by plain names. */
const places: Readonly<Record<string, string>> = {
  type: 'type.name',
  assignee_type: 'assignee.type',
  assignee_id: 'assignee.id',
  target: 'expected_outcome.target',
  tracking_metric: 'expected_outcome.tracking_metric',
  currency: 'expected_outcome.currency_id',
  pipeline_id: 'type.params.pipeline_id',
  stage_id: 'type.params.stage_id',
  activity_type_id: 'type.params.activity_type_id',
  period_start: 'period.start',
  period_end: 'period.end',
  start: 'duration.start',
  end: 'duration.end',
};

/** With one of these, Pipedrive looks through the goals of everyone. */
const forAll = new Set([
  'type',
  'assignee_type',
  'assignee_id',
  'target',
  'tracking_metric',
  'currency',
  'pipeline_id',
  'stage_id',
  'activity_type_id',
]);

async function listGoals(run: Run): Promise<JsonObject> {
  const { args } = run;
  if ((args['period_start'] === undefined) !== (args['period_end'] === undefined)) {
    throw new Problem(
      'list_goals: period_start and period_end go together.',
      'Only one of them was given.',
      'Give both days. Nothing was sent.',
    );
  }
  const query = Object.entries(await withNumbers(run)).map(([name, value]) => [
    places[name] ?? name,
    // Unlike most of v1, goals take true and false.
    typeof value === 'boolean' ? String(value) : value,
  ]);
  const data = await send(run, Object.fromEntries(query));
  const scope = `${Object.keys(args).some((name) => forAll.has(name)) ? "everyone's" : 'your own'} ${args['is_active'] === false ? 'ended' : 'active'} ones`;
  return offsetList(
    { ...run, operation: { ...run.operation, scope } },
    await Promise.all(rowsOf(data, 'goals').map((goal) => flat(run, goal))),
  );
}

async function getGoalResults(run: Run): Promise<JsonObject> {
  const { id = null, period_start = null, period_end = null } = run.args;
  const data = await send(run, { id, 'period.start': period_start, 'period.end': period_end });
  const goal = await flat(run, goalIn(data));
  const progress = isObject(data) ? Number(data['progress']) : 0;
  return {
    progress,
    period: `${String(period_start)} to ${String(period_end)}`,
    ...(await recordAnswer(run, goal)),
  };
}

async function createGoal(run: Run): Promise<JsonObject> {
  return write(run, run.args);
}

/** Of what the API replaces whole, a part that is left out would be lost: it has to be said, if only as null. */
const ties: readonly { given: string; needs: string; when?: RegExp }[] = [
  { given: 'type', needs: 'pipeline_id' },
  { given: 'type', needs: 'stage_id', when: /^deals_progressed$/ },
  { given: 'type', needs: 'activity_type_id', when: /^activities_/ },
  { given: 'pipeline_id', needs: 'type' },
  { given: 'stage_id', needs: 'type' },
  { given: 'activity_type_id', needs: 'type' },
  { given: 'target', needs: 'tracking_metric' },
  { given: 'tracking_metric', needs: 'target' },
  { given: 'tracking_metric', needs: 'currency', when: /^sum$/ },
  { given: 'currency', needs: 'tracking_metric' },
  { given: 'start', needs: 'end' },
  { given: 'end', needs: 'start' },
  { given: 'assignee_id', needs: 'assignee_type' },
  { given: 'assignee_type', needs: 'assignee_id', when: /^(person|team)$/ },
];

async function updateGoal(run: Run): Promise<JsonObject> {
  const { args } = run;
  for (const { given, needs, when } of ties) {
    const value = args[given];
    if (value === undefined || args[needs] !== undefined || when?.test(String(value)) === false) continue;
    throw new Problem(
      `update_goal: "${given}" needs "${needs}".`,
      'Pipedrive replaces them together, and what is not given of them would be lost.',
      `Give "${needs}" as it is to be; list_goals shows the goal as it is. Nothing was sent.`,
    );
  }
  if (Object.keys(args).length === 1) {
    throw new Problem('update_goal: nothing to change was given.', 'Only the id was there.', 'Give what is to change.');
  }
  return write(run, args);
}

async function write(run: Run, args: Arguments): Promise<JsonObject> {
  const body: JsonObject = {};
  for (const [name, value] of Object.entries(await complete(run, await withNumbers(run, args)))) {
    // Any stage is said by none.
    if (name === 'stage_id' && value === null) continue;
    const [part = name, ...below] = (places[name] ?? name).split('.');
    body[part] = nested(body[part], below, value);
  }
  const goal = await flat(run, goalIn(await send(run, body)));
  return changeAnswer(run, goal, args);
}

/** The value at the end of a path of keys, beside what is there already. */
function nested(before: Json | undefined, path: readonly string[], value: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const around = isObject(before) ? before : {};
  return { ...around, [key]: nested(around[key], rest, value) };
}

/** What the API wants said where the arguments leave it out: the assignee's id, all pipelines, a sum's currency. */
async function complete(run: Run, args: Arguments): Promise<Arguments> {
  const { type, assignee_type, tracking_metric, start } = args;
  return {
    ...(type === undefined ? {} : { pipeline_id: null }),
    ...(String(type).startsWith('activities_') ? { activity_type_id: null } : {}),
    ...(tracking_metric === 'sum' ? { currency: await numberOf(run, 'currency', run.account.currency) } : {}),
    ...(start === undefined ? {} : { end: null }),
    ...(assignee_type === undefined
      ? {}
      : { assignee_id: args['assignee_id'] ?? (await assignee(run, assignee_type)) }),
    ...args,
  };
}

const company = z.object({ company_id: z.number() });

async function assignee({ operation, account, client, options }: Run, type: Json): Promise<number> {
  if (type === 'person') return account.userId;
  if (type === 'company') {
    const { data } = await client.request({ method: 'GET', path: '/api/v1/users/me', cost: 2 }, options);
    return company.parse(data).company_id;
  }
  throw new Problem(
    `${operation.name}: whose goal is it?`,
    'A goal of a team needs to know of which.',
    'Give the team as assignee_id. Nothing was sent.',
  );
}

async function send({ operation, client, options }: Run, args: Arguments): Promise<Json> {
  return (await client.request(buildRequest(operation, args), options)).data;
}

function goalIn(data: Json): JsonObject {
  return z.object({ goal: z.record(z.custom<Json>()) }).parse(data).goal;
}

/** Activity types and currencies by the numbers that goals have for them. */
async function withNumbers(run: Run, args = run.args): Promise<Arguments> {
  const { activity_type_id: activity, currency } = args;
  const types = Array.isArray(activity) ? activity : undefined;
  return {
    ...args,
    ...(activity === undefined || activity === null
      ? {}
      : {
          activity_type_id: types
            ? await Promise.all(types.map((one) => numberOf(run, 'activity_type', one)))
            : await numberOf(run, 'activity_type', activity),
        }),
    ...(currency === undefined ? {} : { currency: await numberOf(run, 'currency', currency) }),
  };
}

const nouns = { activity_type: 'activity type', currency: 'currency' } as const;

async function numberOf({ vocabulary, options }: Run, kind: keyof typeof nouns, id: Json): Promise<number> {
  if (typeof id === 'number') return id;
  const names = await vocabulary.names(kind).get(options);
  const number = names.byId(String(id))?.number;
  if (number === undefined) throw unknownName(names, String(id), { argument: kind, noun: nouns[kind] });
  return number;
}

function idOf(names: Names, number: Json | undefined): Json {
  return names.entries.find((entry) => entry.number === number)?.id ?? number ?? null;
}

/** A goal under the names of the arguments. */
async function flat({ vocabulary, options }: Run, goal: JsonObject): Promise<JsonObject> {
  const part = (name: string): JsonObject => {
    const value = goal[name];
    return isObject(value) ? value : {};
  };
  const { type, assignee, expected_outcome, duration, ...rest } = goal;
  const { params } = part('type');
  const { pipeline_id = null, stage_id = null, activity_type_id = null } = isObject(params) ? params : {};
  const { currency_id } = part('expected_outcome');
  const types = Array.isArray(activity_type_id) ? activity_type_id : [];
  const typeNames = types.length > 0 ? await vocabulary.names('activity_type').get(options) : undefined;
  const currencies = typeof currency_id === 'number' ? await vocabulary.names('currency').get(options) : undefined;
  const { type: whose = null, id: assigneeId = null } = part('assignee');
  return {
    ...rest,
    type: part('type')['name'] ?? null,
    assignee_type: whose,
    ...(whose === 'person' ? { assignee_id: assigneeId } : whose === 'team' ? { team_id: assigneeId } : {}),
    target: part('expected_outcome')['target'] ?? null,
    tracking_metric: part('expected_outcome')['tracking_metric'] ?? null,
    currency: currencies ? idOf(currencies, currency_id) : null,
    start: part('duration')['start'] ?? null,
    end: part('duration')['end'] ?? null,
    pipeline_id,
    stage_id,
    activity_type_id: typeNames ? types.map((one) => idOf(typeNames, one)) : null,
  };
}

/** The tools of goals, whose arguments are plain where the API's are nested or dotted. */
export const goalTasks: Readonly<Record<string, (run: Run) => Promise<JsonObject>>> = {
  list_goals: listGoals,
  get_goal_results: getGoalResults,
  create_goal: createGoal,
  update_goal: updateGoal,
};
