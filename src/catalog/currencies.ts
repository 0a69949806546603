import { input, rest, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

export const currency = entity({
  name: 'currency',
  plural: 'currencies',
  columns: ['code', 'name', 'symbol', 'decimal_points', 'active_flag', 'is_custom_flag'],
});

export const currencies = [
  operation({
    name: 'list_currencies',
    title: 'List currencies',
    summary: 'Currencies that amounts can be in.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/currencies',
    cost: 20,
    input: input({ term: text.describe('Part of name or code').optional(), ...rest }),
    paging: 'whole',
    entity: currency,
  }),
];
