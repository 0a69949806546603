import { z } from 'zod/v3';
import { accountTables } from './models/account.ts';
import { activityTables } from './models/activities.ts';
import { contactTables } from './models/contacts.ts';
import { dealTables } from './models/deals.ts';
import { fileTables } from './models/files.ts';
import { filterTables } from './models/filters.ts';
import { goalTables } from './models/goals.ts';
import { historyTables } from './models/history.ts';
import type { entityName } from './models/parts.ts';
import { productTables } from './models/products.ts';
import { projectTables } from './models/projects.ts';
import type { RowOf } from './table.ts';

/**
 * What the sandbox keeps, one table a kind of record. How v1 and v2 show a record is the business of its resource.
 * Changelogs, for one, are kept as v1 shows them, everything else in v2's terms.
 */
export const createTables = () => ({
  ...accountTables(),
  ...dealTables(),
  ...contactTables(),
  ...activityTables(),
  ...productTables(),
  ...projectTables(),
  ...historyTables(),
  ...fileTables(),
  ...filterTables(),
  ...goalTables(),
});

export type Tables = Readonly<ReturnType<typeof createTables>>;
type Model = { [K in keyof Tables]: RowOf<Tables[K]> };

export type EntityName = z.infer<typeof entityName>;
export type { FieldOption } from './models/account.ts';
export type Activity = Model['activities'];
export type ActivityType = Model['activityTypes'];
export type Board = Model['boards'];
export type CallLog = Model['callLogs'];
export type ChangedField = Model['changes'];
export type Comment = Model['comments'];
export type Conversion = Model['conversions'];
export type Deal = Model['deals'];
export type DealProduct = Model['dealProducts'];
export type Discount = Model['discounts'];
export type Field = Model['fields'];
export type StoredFile = Model['files'];
export type Filter = Model['filters'];
export type Follower = Model['followers'];
export type Goal = Model['goals'];
export type Installment = Model['installments'];
export type Lead = Model['leads'];
export type LeadLabel = Model['leadLabels'];
export type MailMessage = Model['mailMessages'];
export type MailParty = Model['mailParties'];
export type MailThread = Model['mailThreads'];
export type Merge = Model['merges'];
export type Note = Model['notes'];
export type Organization = Model['organizations'];
export type Participant = Model['participants'];
export type Person = Model['persons'];
export type Phase = Model['phases'];
export type Picture = Model['pictures'];
export type Pipeline = Model['pipelines'];
export type PlanItem = Model['planItems'];
export type Product = Model['products'];
export type ProductImage = Model['productImages'];
export type ProductVariation = Model['productVariations'];
export type Project = Model['projects'];
export type ProjectTemplate = Model['projectTemplates'];
export type Relationship = Model['organizationRelationships'];
export type Role = Model['roles'];
export type Stage = Model['stages'];
export type Task = Model['tasks'];
export type Team = Model['teams'];
export type User = Model['users'];
export type Webhook = Model['webhooks'];

export const company = z.object({
  id: z.number().int(),
  name: z.string(),
  domain: z.string(),
  country: z.string(),
  industry: z.string(),
  /** Rates to the company's default currency, for converted totals: 1 unit of the key = n units of the default. */
  rates: z.record(z.number()),
  /** false on Lite and Growth, where visible_to is 1 or 3; true on Premium and Ultimate: 1, 3, 5, 7. */
  has_visibility_groups: z.boolean(),
});
export type Company = z.infer<typeof company>;
