/** Is this an address of the Pipedrive API: https, on pipedrive.com or a host under it, at the usual port? */
export function isPipedrive(url: URL): boolean {
  const { hostname } = url;
  return (
    url.protocol === 'https:' &&
    url.port === '' &&
    (hostname === 'pipedrive.com' || hostname.endsWith('.pipedrive.com'))
  );
}

/** Does this address stay on this machine? The URL parser has already made 127.1 and 0x7f.1 into 127.0.0.1. */
export function isLoopback(url: URL): boolean {
  const { hostname, protocol } = url;
  return (
    (protocol === 'http:' || protocol === 'https:') &&
    (hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname))
  );
}

/**
 * The origin that every request goes to, without a slash at its end: the base URL, else the company's own host, else
 * api.pipedrive.com. A company is `acme`, `acme.pipedrive.com` or any address under it.
 * Throws where the token would leave pipedrive.com or this machine.
 */
export function apiBase(settings: { companyDomain?: string | undefined; baseUrl?: string | undefined }): string {
  const { companyDomain, baseUrl } = settings;
  if (baseUrl !== undefined) return fromBaseUrl(baseUrl.trim());
  if (companyDomain !== undefined) return fromCompanyDomain(companyDomain.trim());
  return 'https://api.pipedrive.com';
}

function fromBaseUrl(text: string): string {
  const refuse = (why: string) => new Error(`The Pipedrive base URL ${why}. Example: https://acme.pipedrive.com`);
  if (!URL.canParse(text)) throw refuse('is not a URL');
  const url = new URL(text);
  if (url.username || url.password) throw refuse('may not hold a user name or password');
  if (url.search || url.hash) throw refuse('may not hold a query or fragment');
  if (!isPipedrive(url) && !isLoopback(url)) {
    throw refuse(`must be https on pipedrive.com or a host under it, or a loopback address, not ${url.origin}`);
  }
  // The two versions of the API are part of each request's path.
  if (!/^\/?((api\/)?v1|api\/v2)?\/?$/.test(url.pathname)) throw refuse(`may not hold the path ${url.pathname}`);
  return url.origin;
}

function fromCompanyDomain(text: string): string {
  const host = /^[a-z][a-z+.-]*:\/\//i.test(text) || text.includes('.') ? text : `${text}.pipedrive.com`;
  const address = host.includes('://') ? host : `https://${host}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !isPipedrive(url) || url.username || url.password || !/^[a-z0-9-]+\.pipedrive\.com$/.test(url.hostname)) {
    throw new Error('The Pipedrive company domain must be like acme or acme.pipedrive.com, as in the browser.');
  }
  return url.origin;
}
