import { liveDeal } from './deals.ts';
import { liveOrganization } from './organizations.ts';
import { livePerson } from './persons.ts';
import { liveProduct } from './products.ts';

/** What has a changelog, a flow and mail in v1: its path, and who answers 404 for it. */
export const logged = [
  { entity: 'deal', path: 'deals', live: liveDeal },
  { entity: 'person', path: 'persons', live: livePerson },
  { entity: 'organization', path: 'organizations', live: liveOrganization },
] as const;

/** What can be followed and have files. */
export const followed = [...logged, { entity: 'product', path: 'products', live: liveProduct }] as const;
