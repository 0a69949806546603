import type { Config } from './config.ts';
import { apiBase } from './pipedrive/address.ts';
import { createClient } from './pipedrive/client.ts';
import { NAME, VERSION } from './version.ts';
import { AccountSource } from './vocabulary/account.ts';

/** Says line by line what works and what to mend. Exit code 0 where the server can work. */
export async function doctor(config: Config): Promise<number> {
  const say = (mark: 'ok' | 'no' | '--', subject: string, text: string) =>
    process.stdout.write(`${mark.padEnd(3)} ${subject.padEnd(9)} ${text}\n`);
  say('ok', 'version', `${NAME} ${VERSION} on Node ${process.versions.node}`);
  const proxy = process.env['HTTPS_PROXY'] ?? process.env['https_proxy'];
  say('--', 'proxy', proxy ? `HTTPS_PROXY names ${hostOf(proxy)}` : 'none is set');

  let base: string;
  try {
    base = apiBase({ companyDomain: config.companyDomain, baseUrl: config.baseUrl });
  } catch (error) {
    say('no', 'address', error instanceof Error ? error.message : String(error));
    return 1;
  }
  say('--', 'address', base);
  const client = createClient({
    token: config.apiToken,
    baseUrl: base,
    plan: config.plan,
    userAgent: `${NAME}/${VERSION}`,
  });
  const options = { signal: new AbortController().signal, deadline: Date.now() + config.deadline * 1000 };
  try {
    const started = Date.now();
    const account = await new AccountSource(client).get(options);
    say('ok', 'token', `accepted in ${Date.now() - started} ms`);
    say('ok', 'company', `${account.company} (${account.domain}.pipedrive.com)`);
    say('ok', 'user', `${account.user} <${account.email}>, time zone ${account.zone}, currency ${account.currency}`);
    const { requestsPer2s, searchesPer2s, daily, window } = client.limits();
    say(
      '--',
      'plan',
      `${config.plan ?? 'not set (PIPEDRIVE_PLAN)'}: ${requestsPer2s} requests and ${searchesPer2s} searches in two seconds`,
    );
    if (window) say('--', 'window', `Pipedrive says ${window.remaining} of ${window.limit} left`);
    say(
      '--',
      'budget',
      daily.left !== undefined
        ? `${daily.left} of ${daily.limit ?? 'an unknown number of'} API tokens left today`
        : 'Pipedrive does not tell',
    );
    say(
      Math.abs(client.limits().clockAhead) > 60_000 ? 'no' : 'ok',
      'clock',
      `${new Date().toISOString()} here; ${localTime(account.zone)} for the user`,
    );
    return 0;
  } catch (error) {
    say('no', 'account', error instanceof Error ? error.message : String(error));
    say(
      '--',
      'remedy',
      'Check PIPEDRIVE_API_TOKEN (Pipedrive: Settings > Personal preferences > API) and PIPEDRIVE_COMPANY_DOMAIN',
    );
    return 1;
  } finally {
    await client.close();
  }
}

function hostOf(proxy: string): string {
  return URL.canParse(proxy) ? new URL(proxy).host : 'something that is no address';
}

function localTime(zone: string): string {
  return new Date().toLocaleString('sv-SE', { timeZone: zone });
}
