import { admin } from './admin.ts';
import { dealsMore } from './deals-more.ts';
import type { Family } from './family.ts';
import { fields } from './fields.ts';
import { files } from './files.ts';
import { filters } from './filters.ts';
import { history } from './history.ts';
import { jobs } from './jobs.ts';
import { products } from './products.ts';
import { projects } from './projects.ts';
import { webhooks } from './webhooks.ts';

export const families: readonly Family[] = [
  products,
  projects,
  filters,
  fields,
  files,
  history,
  dealsMore,
  admin,
  webhooks,
  jobs,
];
