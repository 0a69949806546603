import type { Json, JsonObject } from '../../pipedrive/json.ts';
import { changeAnswer, recordAnswer, signature } from '../answers/answer.ts';
import { lexiconFor } from '../names/lexicon.ts';
import { type Arguments, buildRequest, jsonObject } from '../request.ts';
import { type Run, rowsOf } from '../run.ts';

/** Tools of administration whose answers, or whose bodies, have a form of their own. */
export const adminTasks: Readonly<Record<string, (run: Run) => Promise<JsonObject>>> = {
  get_permission_set: getPermissionSet,
  get_user_permissions: getUserPermissions,
  get_user_settings: getUserSettings,
  list_role_pipelines: listRolePipelines,
  update_role_settings: updateRole,
  update_role_pipelines: updateRole,
  remove_role_assignment: removeRoleAssignment,
  add_team_users: changeTeam,
  remove_team_users: changeTeam,
};

async function sent({ operation, args, client, options }: Run): Promise<Json> {
  return (await client.request(buildRequest(operation, args), options)).data;
}

/** The official example has the set in a list of one, the schema has it alone. */
async function getPermissionSet(run: Run): Promise<JsonObject> {
  const data = await sent(run);
  const [first] = rowsOf(data, undefined);
  return recordAnswer(run, first ?? jsonObject.parse(data));
}

/** What is allowed: of some thirty permissions most people lack the same half. */
async function getUserPermissions(run: Run): Promise<JsonObject> {
  const { on } = switches(jsonObject.parse(await sent(run)));
  return recordAnswer(run, { user_id: run.args['user_id'] ?? null, allowed: on });
}

async function getUserSettings(run: Run): Promise<JsonObject> {
  const { on, others } = switches(jsonObject.parse(await sent(run)));
  return recordAnswer(run, { on, ...others });
}

function switches(settings: JsonObject): { on: string[]; others: JsonObject } {
  const entries = Object.entries(settings);
  return {
    on: entries.flatMap(([key, value]) => (value === true ? [key] : [])),
    others: Object.fromEntries(entries.filter(([, value]) => typeof value !== 'boolean')),
  };
}

/** A switch that the API wants as a word, unlike others of v1. */
async function listRolePipelines(run: Run): Promise<JsonObject> {
  const { operation, args, client, options } = run;
  const { visible = true, ...rest } = args;
  const request = buildRequest(operation, rest);
  const { data } = await client.request({ ...request, query: { visible: visible === true } }, options);
  const record = jsonObject.parse(data);
  const { pipeline_ids: ids } = record;
  const isNone = Array.isArray(ids) && ids.length === 0;
  return {
    ...(await recordAnswer(run, record)),
    ...(isNone
      ? { note: visible === true ? 'The role sees no pipeline.' : 'No pipeline is hidden from the role.' }
      : {}),
  };
}

/** The answer tells under other keys than the body what holds now. */
async function updateRole(run: Run): Promise<JsonObject> {
  const { id: _, ...now } = jsonObject.parse(await sent(run));
  return changeAnswer(run, now, { ...now, role_id: run.args['role_id'] ?? null });
}

async function removeRoleAssignment(run: Run): Promise<JsonObject> {
  const { account, args } = run;
  const { user_id = null, role_id = null } = args;
  await withBody(run, { user_id });
  const lexicon = await lexiconFor(run, [{ user_id, role_id }], { mode: 'known', fields: false });
  const user = lexicon.name('user', user_id, 'user_id') ?? `user ${String(user_id)}`;
  const role = lexicon.name('role', role_id, 'role_id') ?? String(role_id);
  return { done: `Took ${user} out of role ${role}, into the default one`, as: signature(account) };
}

/** The answer is the team's users as they are now. */
async function changeTeam(run: Run): Promise<JsonObject> {
  const { operation, account, args } = run;
  const users = Array.isArray(args['users']) ? args['users'] : [];
  const data = await withBody(run, { users });
  const now = Array.isArray(data) ? data : [];
  const { team_id = null } = args;
  const lexicon = await lexiconFor(run, [{ team_id, users: [...users, ...now] }], { mode: 'known', fields: false });
  const named = (ids: readonly Json[]) => ids.map((id) => lexicon.name('user', id, 'users') ?? id);
  const has = operation.kind === 'delete' ? 'no longer has' : 'has';
  return {
    done: `Team ${lexicon.name('team', team_id, 'team_id') ?? String(team_id)} ${has} ${named(users).join(', ')}`,
    as: signature(account),
    users_now: named(now),
  };
}

/** Sends some arguments as a body also where the method is DELETE. */
async function withBody({ operation, args, client, options }: Run, body: Arguments): Promise<Json> {
  const rest = Object.fromEntries(Object.entries(args).filter(([name]) => !(name in body)));
  return (await client.request({ ...buildRequest(operation, rest), body: { ...body } }, options)).data;
}
