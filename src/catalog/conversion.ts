import { entity } from './entity.ts';

/** A conversion job when it has ended: the id of the deal or lead that it made. */
export const conversion = entity({
  name: 'conversion',
  plural: 'conversions',
  columns: ['status', 'deal_id', 'lead_id'],
  hidden: ['conversion_id'],
});
