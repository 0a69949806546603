import { catalog } from '../catalog/index.ts';
import { endpoints } from '../catalog/operation.ts';
import type { Method } from '../pipedrive/client.ts';
import { GUARDING } from './writing.ts';

type Known = {
  readonly method: string;
  readonly form: RegExp;
  readonly cost: number;
  /** Answers one record, not a list. */
  readonly isRecord: boolean;
  readonly keys: ReadonlySet<string>;
};

const known: readonly Known[] = catalog.flatMap((operation) =>
  endpoints(operation).map((endpoint) => {
    const [method = '', path = ''] = endpoint.split(' ');
    const form = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    const inPath = new Set(Object.values(operation.path ?? {}));
    const own = Object.keys(operation.input.shape).filter((key) => !inPath.has(key) && !GUARDING.includes(key));
    const isRecord = method === 'GET' && operation.paging === undefined && operation.job === undefined;
    return { method, form, cost: operation.cost, isRecord, keys: new Set(own) };
  }),
);

/** What the API has at a path, as the catalogue knows it. */
export const api = {
  /** The price of one request in API tokens; undefined where there is no such operation. */
  cost(method: Method, path: string): number | undefined {
    return found(method, path)?.cost;
  },
  /** What reading the record at this path costs; undefined where the API has none there. */
  readCost(path: string): number | undefined {
    const read = found('GET', path);
    return read?.isRecord ? read.cost : undefined;
  },
  /** The path of the record that this path is of, or below: v2's where v1 has no read of it. */
  recordAt(path: string): string | undefined {
    for (let at = path; at.split('/').length > 4; at = at.slice(0, at.lastIndexOf('/'))) {
      const found = [at, at.replace('/api/v1/', '/api/v2/')].find((one) => api.readCost(one) !== undefined);
      if (found !== undefined) return found;
    }
    return undefined;
  },
  /** What a body of POST takes at this path. */
  inputKeys(path: string): ReadonlySet<string> | undefined {
    return found('POST', path)?.keys;
  },
  isV1(path: string): boolean {
    return path.startsWith('/api/v1/');
  },
};

/** Fixed parts of a path win over parameters: `/deals/archived` is no deal. */
function found(method: Method, path: string): Known | undefined {
  return known
    .filter((one) => one.method === method && one.form.test(path))
    .sort((a, b) => a.form.source.split('[^/]+').length - b.form.source.split('[^/]+').length)[0];
}
