import type { Filter } from '../model.ts';
import type { FilterCondition, FilterConditions, FilterObject } from '../models/filters.ts';
import { DAY, stamp } from './calendar.ts';
import type { Filling } from './filling.ts';

type Ask = readonly [object: FilterObject, field: string, operator: string, value?: string | number];
type Saved = Pick<Filter, 'name' | 'type'> & {
  /** The owner shares it, unless told otherwise. */
  readonly private?: true;
  readonly by: string;
  readonly all: readonly Ask[];
  readonly any?: readonly Ask[];
};

/** The filters that the company's people have saved: some shared, some for themselves, two of one name. */
export function insertFilters({ world, now }: Filling): void {
  const { db } = world;
  const users = new Map(db.users.all().map(({ name, id }) => [name, id]));
  const user = (name: string) => users.get(name) ?? 1;
  const pipeline = (name: string) => db.pipelines.where('name', name)[0]?.id ?? 0;
  const label = db.leadLabels.where('name', 'Hot')[0]?.id ?? '';
  const owner = 'Katrin Vogel';
  const open: Ask = ['deal', 'status', '=', 'open'];
  const isKeyAccount: Ask = ['organization', 'Segment', '=', option('organization', 'Segment', 'Key account')];
  const saved: readonly Saved[] = [
    { name: 'My open deals', type: 'deals', private: true, by: owner, all: [open, ['deal', 'owner_id', '=', 1]] },
    { name: 'Big open deals', type: 'deals', by: owner, all: [open, ['deal', 'value', '>=', 25_000]] },
    {
      name: 'Closing this quarter',
      type: 'deals',
      by: 'Mikael Sand',
      all: [open, ['deal', 'expected_close_date', '=', 'this_quarter']],
    },
    { name: 'Key accounts', type: 'org', by: 'Mikael Sand', all: [isKeyAccount] },
    {
      name: 'Key accounts',
      type: 'deals',
      by: owner,
      all: [open, isKeyAccount],
      any: [
        ['deal', 'pipeline_id', '=', pipeline('New business')],
        ['deal', 'pipeline_id', '=', pipeline('Renewals')],
      ],
    },
    { name: 'No next step', type: 'deals', by: 'Marcus Hale', all: [open, ['deal', 'next_activity_id', 'IS NULL']] },
    { name: 'No open deals', type: 'people', by: owner, all: [['person', 'open_deals_count', '=', 0]] },
    {
      name: 'Overdue',
      type: 'activity',
      by: owner,
      all: [
        ['activity', 'done', '=', 0],
        ['activity', 'due_date', '=', 'before_today'],
      ],
    },
    { name: 'Hot leads', type: 'leads', by: 'Marcus Hale', all: [['lead', 'label_ids', 'contains', label]] },
    {
      name: 'Hardware',
      type: 'products',
      by: owner,
      all: [['product', 'category', '=', option('product', 'category', 'Hardware')]],
    },
    { name: 'Watch list', type: 'deals', private: true, by: 'Mikael Sand', all: [['deal', 'probability', '<', 30]] },
  ];
  for (const [index, filter] of saved.entries()) {
    const time = stamp(now - (400 - 31 * index) * DAY);
    db.filters.insert({
      id: db.filters.nextId(),
      name: filter.name,
      type: filter.type,
      conditions: tree(filter),
      user_id: user(filter.by),
      visible_to: filter.private ? '1' : '7',
      active_flag: true,
      add_time: time,
      update_time: time,
    });
  }

  function tree({ all, any = [] }: Saved): FilterConditions {
    const groups: FilterConditions['conditions'] = [
      { glue: 'and', conditions: all.map(condition) },
      { glue: 'or', conditions: any.map(condition) },
    ];
    return { glue: 'and', conditions: groups };
  }

  function condition([object, name, operator, value]: Ask): FilterCondition {
    const field_id = String(field(object, name).id);
    return { object, field_id, operator, value: value === undefined ? null : String(value), extra_value: null };
  }

  /** A built-in field by its code, a custom one by its label. */
  function field(object: FilterObject, name: string) {
    const fields = db.fields.where('entity', object);
    const found = fields.find((one) => one.field_code === name) ?? fields.find((one) => one.field_name === name);
    if (!found) throw new Error(`the sample has no ${object} field ${name}`);
    return found;
  }

  function option(object: FilterObject, name: string, wanted: string): string {
    return String(field(object, name).options?.find((one) => one.label === wanted)?.id);
  }
}
