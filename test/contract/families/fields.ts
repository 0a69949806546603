import type { Scene } from '../scene.ts';
import type { Family, Pick } from './family.ts';

const entities = ['deal', 'person', 'organization', 'product', 'project'];
let count = 0;

/** The label of a field with options that each entity has. */
function field(scene: Scene): Promise<unknown> {
  return scene.once('field', async () => {
    count += 1;
    const field_name = `Contract field ${count}`;
    const options = ['A', 'B', 'C'].map((label) => ({ label }));
    for (const entity of entities)
      await scene.send('POST', `/api/v2/${entity}Fields`, { field_name, field_type: 'set', options });
    return field_name;
  });
}

async function goal(scene: Scene): Promise<unknown> {
  const made = await scene.send('POST', '/v1/goals', {
    title: 'Contract goal',
    assignee: { id: await scene.me(), type: 'person' },
    type: { name: 'deals_won', params: { pipeline_id: null } },
    expected_outcome: { target: 5, tracking_metric: 'quantity' },
    duration: { start: '2026-01-01', end: '2026-12-31' },
    interval: 'monthly',
  });
  return (made as { goal: { id: string } }).goal.id;
}

/** Of a goal that can have the most: into a stage, by sums, of a person. */
function goalValue(scene: Scene, name: string, pick: Pick): Promise<unknown> | undefined {
  const values: Record<string, unknown> = {
    type: 'deals_progressed',
    tracking_metric: 'sum',
    assignee_type: 'person',
    activity_type_id: 'Call',
    start: '2026-01-01',
    end: '2026-12-31',
    period_start: '2026-03-01',
    period_end: '2026-06-30',
  };
  if (name === 'assignee_id') return pick === 'first' ? scene.me() : scene.colleague();
  return name in values ? Promise.resolve(values[name]) : undefined;
}

/** The fields of each entity, and goals. */
export const fields: Family = {
  at(scene, segment) {
    return segment === 'goals' ? scene.once('goal', () => goal(scene)) : undefined;
  },
  value(scene, operation, name, pick) {
    if (operation.entity.name === 'goal') return goalValue(scene, name, pick);
    if (operation.entity.name !== 'field' || operation.kind === 'read') return undefined;
    const values: Record<string, unknown> = {
      // Of all entities its fields have the most settings.
      entity: 'deal',
      field_name: `Contract ${operation.name}`,
      options: { update_field_options: [{ id: 'A', label: 'AA' }], remove_field_options: ['A', 'b'] }[
        operation.name
      ] ?? ['D', 'E'],
      required_fields: { enabled: true, stage_ids: [2], statuses: { 1: ['won', 'lost'] } },
      important_fields: { enabled: true, stage_ids: ['Site survey'] },
      ui_visibility: {
        add_visible_flag: true,
        details_visible_flag: false,
        projects_detail_visible_flag: true,
        show_in_pipelines: { show_in_all: false, pipeline_ids: ['Renewals'] },
      },
    };
    if (name === 'field_code') return field(scene);
    return name in values ? Promise.resolve(values[name]) : undefined;
  },
  least: { update_field: ['field_name'] },
  alone: {
    options: { field_type: 'set' },
    activity_type_id: { type: 'activities_added', pipeline_id: 2, target: 3, tracking_metric: 'quantity' },
  },
};
