import { z } from 'zod/v3';
import type { JsonObject } from '../json.ts';
import { currencies } from '../money.ts';
import { listReply } from '../page.ts';
import { param } from '../parameters.ts';
import { type Route, route } from '../route.ts';

export const routes: Route[] = [
  route('GET /v1/currencies', {
    cost: 20,
    query: z.object({ term: param.text }),
    handle(_world, { query: { term = '' } }) {
      const wanted = term.toLowerCase();
      const found = currencies.flatMap(([code, name, symbol, decimal_points], index): JsonObject[] =>
        `${code} ${name}`.toLowerCase().includes(wanted)
          ? [{ id: index + 1, code, name, decimal_points, symbol, active_flag: true, is_custom_flag: false }]
          : [],
      );
      return listReply(found);
    },
  }),
];
