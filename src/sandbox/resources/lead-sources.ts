import { ok, type Route, route } from '../route.ts';

const names = [
  'Manually created',
  'Deal',
  'Web forms',
  'Prospector',
  'Leadbooster',
  'Live chat',
  'Import',
  'Website visitors',
  'Workflow automation',
  'API',
];

export const routes: Route[] = [
  route('GET /v1/leadSources', { cost: 2, handle: () => ok(names.map((name) => ({ name }))) }),
];
