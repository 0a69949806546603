import { z } from 'zod/v3';
import { type Route, route } from '../route.ts';

const types = ['deals', 'leads', 'org', 'people', 'products', 'activity', 'projects'] as const;

/** Saved filters: the account has none, which v1 says with null. */
export const routes: Route[] = [
  route('GET /v1/filters', {
    cost: 20,
    query: z.object({ type: z.enum(types).optional() }),
    handle: () => ({ status: 200, body: { success: true, data: null } }),
  }),
];
