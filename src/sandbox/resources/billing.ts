import { ok, type Route, route } from '../route.ts';

export const routes: Route[] = [
  route('GET /v1/billing/subscriptions/addons', {
    cost: 20,
    handle: () => ok([{ code: 'leadbooster_v2' }, { code: 'smart_docs_v2' }]),
  }),
];
