import { activities } from './activities.ts';
import { activityTypes } from './activity-types.ts';
import { currencies } from './currencies.ts';
import { dealDiscounts } from './deal-discounts.ts';
import { dealInstallments } from './deal-installments.ts';
import { dealProducts } from './deal-products.ts';
import { deals } from './deals.ts';
import { fields } from './fields.ts';
import { leadLabels } from './lead-labels.ts';
import { leads } from './leads.ts';
import { noteComments } from './note-comments.ts';
import { notes } from './notes.ts';
import type { Operation } from './operation.ts';
import { organizations } from './organizations.ts';
import { persons } from './persons.ts';
import { pipelines } from './pipelines.ts';
import { searches } from './search.ts';
import { stages } from './stages.ts';
import { users } from './users.ts';

/** Every operation, in the order in which tools are listed. */
export const catalog: readonly Operation[] = [
  ...searches,
  ...deals,
  ...persons,
  ...organizations,
  ...activities,
  ...leads,
  ...notes,
  ...pipelines,
  ...stages,
  ...fields,
  ...users,
  ...dealProducts,
  ...dealDiscounts,
  ...dealInstallments,
  ...activityTypes,
  ...leadLabels,
  ...noteComments,
  ...currencies,
];
