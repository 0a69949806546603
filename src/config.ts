// The MCP SDK has loaded this zod already; the other one, which JSON Schemas are made from, comes with the first call.
import * as z from 'zod/v4';
import { toolsets } from './catalog/toolsets.ts';

/** One setting: an environment variable, a flag, a line of the help, a row of the README, a field of the manifest. */
type Setting<T extends z.ZodType> = {
  readonly env: string;
  readonly schema: T;
  readonly help: string;
  /** As the help shows its value. */
  readonly value: string;
  readonly secret?: true;
  /** Title of its field in a desktop bundle, for those that a person sets there. */
  readonly bundle?: string;
};

function setting<T extends z.ZodType>(declared: Setting<T>): Setting<T> {
  return declared;
}

const names = z
  .string()
  .transform((value) => value.split(',').map((name) => name.trim()))
  .transform((list) => list.filter((name) => name !== ''));
const namesOrCore = names.transform((list) => (list.length > 0 ? list : ['core']));

export const plans = ['lite', 'growth', 'premium', 'ultimate'] as const;
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
const modes = ['read-only', 'guarded', 'open'] as const;

/** Every setting of the server, in the order of the documents. */
export const settings = {
  apiToken: setting({
    env: 'PIPEDRIVE_API_TOKEN',
    schema: z.string().optional(),
    help: 'API token of the user to work as (Pipedrive: Settings > Personal preferences > API)',
    value: 'TOKEN',
    secret: true,
    bundle: 'API token',
  }),
  companyDomain: setting({
    env: 'PIPEDRIVE_COMPANY_DOMAIN',
    schema: z.string().optional(),
    help: 'Company domain: acme of acme.pipedrive.com',
    value: 'DOMAIN',
    bundle: 'Company domain',
  }),
  baseUrl: setting({
    env: 'PIPEDRIVE_BASE_URL',
    schema: z.string().optional(),
    help: 'Address of the API instead of the company domain: https on a pipedrive.com host, or any loopback URL',
    value: 'URL',
  }),
  toolsets: setting({
    env: 'PIPEDRIVE_TOOLSETS',
    schema: namesOrCore.prefault('core'),
    help: `Tools to list, comma-separated: core (default), all, ${toolsets.join(', ')}, or names of tools`,
    value: 'NAMES',
    bundle: 'Toolsets',
  }),
  exclude: setting({
    env: 'PIPEDRIVE_EXCLUDE',
    schema: names.prefault(''),
    help: 'Toolsets or tools to leave out, comma-separated; always wins',
    value: 'NAMES',
  }),
  mode: setting({
    env: 'PIPEDRIVE_MODE',
    schema: z.enum(modes).default('guarded'),
    help: 'read-only: no tool that writes is listed or can be called; guarded (default): what is hard to take back waits for a confirmation; open: nothing does',
    value: modes.join('|'),
    bundle: 'Mode',
  }),
  scope: setting({
    env: 'PIPEDRIVE_SCOPE',
    schema: z
      .string()
      .transform((text) => text.split(';').map((part) => part.trim()))
      .refine(
        (parts) => parts.every((part) => /^(owner|pipeline)=.+$/.test(part)),
        'must be like owner=me or pipeline=Sales',
      )
      .transform((parts) => Object.fromEntries(parts.map((part) => part.split(/=(.*)/s))))
      .pipe(z.object({ owner: z.string().optional(), pipeline: z.string().optional() }))
      .optional(),
    help: 'Keeps to the records of one owner, the deals of one pipeline, or both: owner=me;pipeline=Sales. What lies outside is refused',
    value: 'SCOPE',
  }),
  plan: setting({
    env: 'PIPEDRIVE_PLAN',
    schema: z.enum(plans).optional(),
    help: "The company's plan, which decides how fast requests may go; found out by itself when it is not set",
    value: plans.join('|'),
  }),
  deadline: setting({
    env: 'PIPEDRIVE_DEADLINE',
    schema: z.coerce.number().min(1).max(3600).default(55),
    help: 'Seconds after which every call has ended (default 55)',
    value: 'SECONDS',
  }),
  budgetReserve: setting({
    env: 'PIPEDRIVE_BUDGET_RESERVE',
    schema: z
      .string()
      .regex(/^\d{1,9}%?$/, 'must be a number of API tokens, or a percentage such as 20%')
      .transform((text) => (text.endsWith('%') ? { part: Number.parseInt(text, 10) / 100 } : { tokens: Number(text) }))
      .prefault('0'),
    help: "What is left of the company's daily API tokens for others: a number, or a percentage such as 20% (default 0)",
    value: 'TOKENS',
  }),
  stateDir: setting({
    env: 'PIPEDRIVE_STATE_DIR',
    schema: z.string().optional(),
    help: "Directory for what outlives a run (default: the system's own place for it)",
    value: 'DIRECTORY',
  }),
  files: setting({
    env: 'PIPEDRIVE_FILES',
    schema: names.prefault(''),
    help: 'Directories, comma-separated, that uploads may read and downloads may write; none unless set',
    value: 'DIRECTORIES',
    bundle: 'Directories for files',
  }),
  logLevel: setting({
    env: 'PIPEDRIVE_LOG_LEVEL',
    schema: z.enum(logLevels).default('warn'),
    help: 'What is logged to stderr as JSON lines (default warn)',
    value: logLevels.join('|'),
  }),
} as const;

const schema = z.object({
  apiToken: settings.apiToken.schema,
  companyDomain: settings.companyDomain.schema,
  baseUrl: settings.baseUrl.schema,
  toolsets: settings.toolsets.schema,
  exclude: settings.exclude.schema,
  mode: settings.mode.schema,
  scope: settings.scope.schema,
  plan: settings.plan.schema,
  deadline: settings.deadline.schema,
  budgetReserve: settings.budgetReserve.schema,
  stateDir: settings.stateDir.schema,
  files: settings.files.schema,
  logLevel: settings.logLevel.schema,
});

export type Config = z.output<typeof schema>;

/** `PIPEDRIVE_API_TOKEN` as a flag: `api-token`. */
export function flagOf(env: string): string {
  return env.replace('PIPEDRIVE_', '').toLowerCase().replaceAll('_', '-');
}

/**
 * The settings from flags, which win, and the environment. A host leaves a field of its form empty, or passes its
 * placeholder on unfilled: both count as not set. Throws an Error that names each wrong setting.
 */
export function readConfig(flags: Readonly<Record<string, unknown>>, env: NodeJS.ProcessEnv): Config {
  const given: Record<string, unknown> = {};
  for (const [name, { env: variable }] of Object.entries(settings)) {
    const value = flags[flagOf(variable)] ?? env[variable];
    if (typeof value === 'string' && value.trim() !== '' && !/^\$\{.*\}$/.test(value.trim()))
      given[name] = value.trim();
  }
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const wrong = result.error.issues.map((issue) => {
    const found = Object.entries(settings).find(([name]) => name === issue.path[0]);
    return `${found?.[1].env ?? 'settings'}: ${issue.message} (${found?.[1].value ?? ''})`;
  });
  throw new Error(wrong.join('; '));
}
