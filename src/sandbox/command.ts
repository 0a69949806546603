import { z } from 'zod/v3';
import { planNames } from './front/limits.ts';
import { type SandboxOptions, startSandbox } from './server.ts';

export { startSandbox };

const number = z.coerce.number().int().min(0);
const form = {
  port: number.max(65_535).optional(),
  seed: number.optional(),
  now: z
    .string()
    .refine((text) => !Number.isNaN(Date.parse(text)), 'not a date and time, such as 2026-11-20T10:00:00Z')
    .transform((text) => new Date(text))
    .optional(),
  deals: number.max(1_000_000).optional(),
  empty: z.boolean().optional(),
  latency: number.optional(),
  plan: z.enum(['off', ...planNames]).optional(),
  file: z.string().min(1).optional(),
};

/** The sandbox's options from flags that carry `prefix`. Throws an Error that names the wrong one. */
export function sandboxOptions(flags: Readonly<Record<string, unknown>>, prefix = ''): SandboxOptions {
  const given = Object.fromEntries(Object.keys(form).map((name) => [name, flags[prefix + name]]));
  const result = z.object(form).safeParse(given);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new Error(`--${prefix}${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { plan, ...rest } = result.data;
  return { ...rest, plan: plan === 'off' ? undefined : plan };
}

/** Runs the sandbox alone until the process is told to end. */
export async function runSandbox(flags: Readonly<Record<string, unknown>>): Promise<number> {
  const sandbox = await startSandbox(sandboxOptions(flags));
  process.stdout.write(`${JSON.stringify({ url: sandbox.url, token: sandbox.token })}\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  await sandbox.close();
  return 0;
}
