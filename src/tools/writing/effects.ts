import type { ApiRequest } from '../../pipedrive/client.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';

type Effect = {
  readonly path: RegExp;
  readonly methods: readonly ApiRequest['method'][];
  readonly when?: (body: JsonObject, before: JsonObject) => boolean;
  readonly says: string;
};

const set = (value: Json | undefined) => value !== undefined && value !== null;

/** What Pipedrive is known to do besides what a write says. */
const effects: readonly Effect[] = [
  {
    path: /\/deals\/\d+$/,
    methods: ['PATCH'],
    when: (body, before) => set(body['stage_id']) && body['stage_id'] !== before['stage_id'],
    says: 'The stage decides the pipeline: a stage of another pipeline moves the deal there.',
  },
  {
    path: /\/deals\/\d+$/,
    methods: ['PATCH'],
    when: (body, before) =>
      set(body['pipeline_id']) && body['pipeline_id'] !== before['pipeline_id'] && !set(body['stage_id']),
    says: 'The deal goes to the first stage of the pipeline.',
  },
  {
    path: /\/deals\/\d+$/,
    methods: ['PATCH'],
    when: (body, before) => set(body['status']) && body['status'] !== before['status'],
    says: 'Won, lost and close times follow the status.',
  },
  {
    path: /\/deals\/\d+\/products/,
    methods: ['POST', 'PATCH', 'DELETE'],
    says: "The deal's value becomes the sum of its products.",
  },
  {
    path: /\/(deals|persons|organizations|leads|projects)\/[\w-]+$/,
    methods: ['DELETE'],
    says: 'Its activities, notes and files stay. Pipedrive keeps it for 30 days in the web app; the API cannot bring it back as it was.',
  },
  { path: /\/(pipelines|stages)\/\d+$/, methods: ['DELETE'], says: 'Deals in it are no longer shown in the pipeline.' },
  { path: /Fields\/\w+$/, methods: ['DELETE'], says: 'The values that records have in this field are lost.' },
  { path: /Fields\/\w+\/options$/, methods: ['DELETE'], says: 'Records that have these options lose them.' },
  {
    path: /\/merge$/,
    methods: ['PUT'],
    says: 'The record of the given id is gone afterwards; what was linked to it is moved to the other. It cannot be undone.',
  },
  {
    path: /\/convert\//,
    methods: ['POST'],
    says: 'The source is marked deleted; notes, files, mails and activities move.',
  },
  { path: /\/projects\/\d+\/archive$/, methods: ['POST'], says: 'The API has no way back from the archive.' },
  { path: /\/webhooks$/, methods: ['POST'], says: "From then on the account's data is sent to that address." },
  { path: /\/tasks\/\d+$/, methods: ['DELETE'], says: 'Its subtasks are deleted with it.' },
  {
    path: /\/(roles|users|legacyTeams)\b/,
    methods: ['POST', 'PUT', 'DELETE'],
    says: 'It changes what other users see or may do.',
  },
];

export function effectsOf({ method, path, body }: ApiRequest, before: JsonObject | undefined): string[] {
  const sent = isObject(body) ? body : {};
  return effects
    .filter((one) => one.methods.includes(method) && one.path.test(path) && (one.when?.(sent, before ?? {}) ?? true))
    .map(({ says }) => says);
}
