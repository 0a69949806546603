import type { Json } from './official-client.ts';
import type { Scene } from './scene.ts';

export const later = '2026-12-24';

let count = 0;

/** A name that nothing else has. */
export function fresh(): string {
  count += 1;
  return `Official ${count}`;
}

/** Bodies of what is made, changed, and nothing else said: a plain GET shows their keys. */
export const bodies: Readonly<Record<string, (scene: Scene) => Promise<unknown> | unknown>> = {
  'POST /api/v1/activityTypes': () => ({ name: fresh(), icon_key: 'truck', color: 'FF0000' }),
  'PUT /api/v1/activityTypes/{id}': () => ({ name: fresh(), icon_key: 'plane' }),
  'POST /api/v1/leads': async (scene) => ({
    title: fresh(),
    person_id: await scene.person(),
    owner_id: await scene.colleague(),
    value: { amount: 900, currency: 'EUR' },
    expected_close_date: later,
    label_ids: (await scene.labels('lead')).slice(0, 2),
  }),
  'PATCH /api/v1/leads/{id}': () => ({ title: fresh(), value: { amount: 901, currency: 'USD' }, is_archived: true }),
  'POST /api/v1/leadLabels': () => ({ name: fresh(), color: 'purple' }),
  'PATCH /api/v1/leadLabels/{id}': () => ({ name: fresh(), color: 'green' }),
  'POST /api/v1/legacyTeams': async (scene) => ({
    name: fresh(),
    description: 'Made by the official client',
    manager_id: await scene.me(),
    users: [await scene.me(), await scene.colleague()],
  }),
  'PUT /api/v1/legacyTeams/{id}': async (scene) => ({ name: fresh(), manager_id: await scene.me() }),
  'POST /api/v1/notes/{id}/comments': () => ({ content: fresh() }),
  'PUT /api/v1/notes/{id}/comments/{commentId}': () => ({ content: fresh() }),
  'PUT /api/v1/notes/{id}': () => ({ content: `<b>${fresh()}</b>` }),
  'POST /api/v1/projects': async (scene) => ({
    ...(await place(scene)),
    title: fresh(),
    description: 'Made by the official client',
    deal_ids: [await scene.deal()],
    org_id: await scene.organization(),
    end_date: later,
  }),
  'PUT /api/v1/projects/{id}': () => ({ title: fresh(), end_date: later }),
  'POST /api/v1/roles': () => ({ name: fresh(), parent_role_id: 1 }),
  'PUT /api/v1/roles/{id}': () => ({ name: fresh() }),
  'POST /api/v1/tasks': async (scene) => ({
    title: fresh(),
    project_id: await scene.at('projects', ''),
    assignee_id: await scene.colleague(),
    due_date: later,
  }),
  'PUT /api/v1/tasks/{id}': async (scene) => ({ title: fresh(), assignee_id: await scene.colleague() }),
  'PUT /api/v1/users/{id}': () => ({ active_flag: false }),
  'PATCH /api/v2/activities/{id}': () => ({ subject: fresh(), done: true, due_date: later }),
  'POST /api/v2/boards': () => ({ name: fresh() }),
  'PATCH /api/v2/boards/{id}': () => ({ name: fresh() }),
  'POST /api/v2/phases': async (scene) => ({ name: fresh(), board_id: await scene.at('boards', '') }),
  'PATCH /api/v2/phases/{id}': () => ({ name: fresh() }),
  'POST /api/v2/tasks': async (scene) => ({
    title: fresh(),
    project_id: await scene.at('projects', ''),
    assignee_ids: [await scene.colleague()],
    due_date: later,
  }),
  'POST /api/v2/projects': async (scene) => ({
    ...(await place(scene)),
    title: fresh(),
    deal_ids: [await scene.deal()],
    person_ids: [await scene.person()],
    end_date: later,
  }),
  'PATCH /api/v2/projects/{id}': () => ({ title: fresh(), end_date: later }),
  'POST /api/v2/deals/{id}/products': async (scene) => ({
    product_id: await scene.product(),
    item_price: 40,
    quantity: 2.5,
    comments: fresh(),
  }),
  'PATCH /api/v2/deals/{id}/products/{product_attachment_id}': () => ({ quantity: 3, item_price: 41 }),
  'POST /api/v2/deals/{id}/discounts': () => ({ description: fresh(), amount: 10, type: 'percentage' }),
  'PATCH /api/v2/deals/{id}/discounts/{discount_id}': () => ({ description: fresh(), amount: 7, type: 'amount' }),
  'POST /api/v2/deals': async (scene) => ({
    title: fresh(),
    value: 1250.5,
    currency: 'USD',
    stage_id: await scene.stage(),
    pipeline_id: await scene.pipeline(),
    person_id: await scene.person(),
    org_id: await scene.organization(),
    owner_id: await scene.colleague(),
    expected_close_date: later,
    custom_fields: await scene.customFields('deal'),
  }),
  'PATCH /api/v2/deals/{id}': () => ({ title: fresh(), value: 77, status: 'lost', lost_reason: 'Price' }),
  'POST /api/v2/organizations': async (scene) => ({
    name: fresh(),
    website: 'https://heidelberg-optik.example',
    address: { value: 'Hauptstr. 1, Heidelberg' },
    owner_id: await scene.colleague(),
    label_ids: (await scene.labels('organization')).slice(0, 1),
  }),
  'PATCH /api/v2/organizations/{id}': () => ({ name: fresh(), website: 'https://optik.example' }),
  'POST /api/v2/persons': async (scene) => ({
    name: fresh(),
    org_id: await scene.organization(),
    emails: [{ value: 'ada@heidelberg-optik.example', primary: true, label: 'work' }],
    phones: [{ value: '+49 6221 12345', primary: true, label: 'mobile' }],
    label_ids: (await scene.labels('person')).slice(0, 1),
  }),
  'PATCH /api/v2/persons/{id}': () => ({ name: fresh(), emails: [{ value: 'a.lindqvist@heidelberg-optik.example' }] }),
  'POST /api/v2/pipelines': () => ({ name: fresh(), is_deal_probability_enabled: true }),
  'PATCH /api/v2/pipelines/{id}': () => ({ name: fresh(), is_deal_probability_enabled: true }),
  'POST /api/v2/stages': async (scene) => ({
    name: fresh(),
    pipeline_id: await scene.pipeline(),
    deal_probability: 20,
    is_deal_rot_enabled: true,
    days_to_rotten: 9,
  }),
  'PATCH /api/v2/stages/{id}': () => ({ name: fresh(), deal_probability: 30 }),
  'POST /api/v2/products': async (scene) => ({
    name: fresh(),
    code: 'OC-1',
    unit: 'piece',
    tax: 19,
    owner_id: await scene.colleague(),
    prices: [{ currency: 'EUR', price: 12.5, cost: 4, direct_cost: 1, notes: 'By the official client' }],
  }),
  'PATCH /api/v2/products/{id}': () => ({ name: fresh(), tax: 7, description: 'Changed' }),
  'POST /api/v2/products/{id}/variations': () => ({ name: fresh() }),
  'PATCH /api/v2/products/{id}/variations/{product_variation_id}': () => ({ name: fresh() }),
};

async function place(scene: Scene): Promise<Json> {
  const phase_id = await scene.at('phases', '');
  return { phase_id, board_id: await scene.at('boards', '') };
}
