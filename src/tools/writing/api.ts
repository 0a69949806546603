import { GUARDING } from '../../catalog/arguments.ts';
import { catalog } from '../../catalog/index.ts';
import { endpoints, type Operation } from '../../catalog/operation.ts';
import type { Api } from '../../guard/places.ts';

/** Toolsets whose writes change how the account works for others. */
export const ADMINISTRATION: readonly Operation['toolset'][] = ['fields', 'admin', 'webhooks'];

type Known = { readonly parts: readonly string[]; readonly operation: Operation };

type Reads = {
  /** What reading the record at this path costs; undefined where the API has none there. */
  readCost(path: string): number | undefined;
  /** Does such a write change how the account works for others? */
  isAdministration(method: string, path: string): boolean;
  /** The path of the record that this path is of, or below: the other version's where this one has no read of it. */
  recordAt(path: string): string | undefined;
};

/** What the catalogue knows of the API, as guarding and undoing ask for it. */
export function apiOf(operations: readonly Operation[] = catalog): Api & Reads {
  const byShape = new Map<string, Known[]>();
  for (const operation of operations) {
    for (const endpoint of endpoints(operation)) {
      const [method = '', path = ''] = endpoint.split(' ');
      const parts = path.split('/');
      const shape = `${method} ${parts.length}`;
      byShape.set(shape, [...(byShape.get(shape) ?? []), { parts, operation }]);
    }
  }
  const find = (method: string, path: string): Operation | undefined => {
    const given = path.split('/');
    const fits = ({ parts }: Known) => parts.every((part, index) => part.startsWith('{') || part === given[index]);
    const found = (byShape.get(`${method} ${given.length}`) ?? []).filter(fits);
    // `/deals/archived` is a path of its own, and no deal.
    const named = ({ parts }: Known) => parts.filter((part) => !part.startsWith('{')).length;
    // Of an operation and a job that uses it, the operation tells what it takes and costs.
    const isOwn = ({ operation }: Known) => (operation.job ? 0 : 1);
    return found.sort((a, b) => named(b) - named(a) || isOwn(b) - isOwn(a))[0]?.operation;
  };
  const readCost = (path: string): number | undefined => {
    const read = find('GET', path);
    return read && read.paging === undefined && read.job === undefined ? read.cost : undefined;
  };
  return {
    readCost,
    recordAt(path) {
      for (let at = path; at.split('/').length > 4; at = at.slice(0, at.lastIndexOf('/'))) {
        const found = [at, at.replace('/api/v1/', '/api/v2/'), at.replace('/api/v2/', '/api/v1/')].find(
          (one) => readCost(one) !== undefined,
        );
        if (found !== undefined) return found;
      }
      return undefined;
    },
    isAdministration(method, path) {
      const toolset = find(method, path)?.toolset;
      return toolset !== undefined && ADMINISTRATION.includes(toolset);
    },
    cost: (method, path) => find(method, path)?.cost,
    inputKeys(path) {
      const operation = find('POST', path);
      if (!operation || operation.upload) return undefined;
      const inPath = Object.values(operation.path ?? {});
      return new Set(
        Object.keys(operation.input.shape).filter((key) => !inPath.includes(key) && !GUARDING.includes(key)),
      );
    },
    isForm: (method, path) => find(method, path)?.form === true,
  };
}

export const api = apiOf();
