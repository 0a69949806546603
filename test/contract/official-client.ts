import * as v1 from 'pipedrive/v1';
import * as v2 from 'pipedrive/v2';

export type Json = Record<string, unknown>;
type Version = 'v1' | 'v2';
type Settings = { apiKey?: string; basePath: string };
type Call = (parameters: Json) => Promise<unknown>;

/** One method of one of the official client's classes, and the operation that it calls. */
export type Method = {
  /** `v2 DealsApi.getDeal` */
  readonly name: string;
  /** `GET /api/v2/deals/{id}` */
  readonly operation: string;
  /** Parameters by where they go, those of the path in its order. */
  readonly path: readonly string[];
  readonly query: readonly string[];
  /** Of the query and the form. */
  readonly required: readonly string[];
  /** The name of the parameter that is the JSON body. */
  readonly body: string | undefined;
  readonly form: readonly string[];
  /** Calls it at an address such as http://127.0.0.1:1234; rejects with the body of an answer that is an error. */
  call(url: string, token: string, parameters: Json): Promise<unknown>;
};

const versions = { v1, v2 } as unknown as Readonly<Record<Version, Readonly<Record<string, unknown>>>>;

/** Every method of every class, as the client itself says when it is asked what it would send. */
export const methods: readonly Method[] = (
  await Promise.all(
    (['v1', 'v2'] as const).flatMap((version) =>
      Object.entries(versions[version]).flatMap(([className, value]) => {
        if (!className.endsWith('Api') || typeof value !== 'function') return [];
        const names = Object.getOwnPropertyNames(value.prototype).filter((name) => name !== 'constructor');
        return names.map((name) => method(version, className, name));
      }),
    ),
  )
).sort((a, b) => (a.name < b.name ? -1 : 1));

function open(version: Version, className: string, settings: Settings): object {
  const Configuration = versions[version]['Configuration'] as new (settings: Settings) => object;
  const Class = versions[version][className] as new (configuration: object) => object;
  return new Class(new Configuration(settings));
}

function bound(api: object, name: string): Call {
  return (Reflect.get(api, name) as Call).bind(api);
}

async function method(version: Version, className: string, name: string): Promise<Method> {
  const api = open(version, className, { basePath: `http://localhost/api/${version}` });
  Reflect.set(api, 'axios', { request: async (request: Request) => request });
  const all = new Proxy<Json>({}, { get: (_, key) => mark(String(key)) });
  const { method: verb, url, data } = (await bound(api, name)(all)) as Request;
  const { pathname, searchParams } = new URL(url);
  const path = pathname.split('/').map(decodeURIComponent);
  const isJson = typeof data === 'string' && data.startsWith('"@');
  const form =
    isJson || data === undefined ? [] : [...new URLSearchParams(data as URLSearchParams)].map(([key]) => key);
  return {
    name: `${version} ${className}.${name}`,
    operation: `${verb} ${path.map((part) => (part.startsWith('@') ? `{${part.slice(1)}}` : part)).join('/')}`,
    path: path.filter((part) => part.startsWith('@')).map((part) => part.slice(1)),
    query: [...searchParams.values()].map((value) => value.slice(1)),
    required: await required(bound(api, name)),
    body: isJson ? (JSON.parse(data) as string).slice(1) : undefined,
    form: data instanceof FormData ? [...data.keys()] : form,
    async call(address, apiKey, parameters) {
      return bound(open(version, className, { apiKey, basePath: `${address}/api/${version}` }), name)(parameters);
    },
  };
}

/** Stands for a value of any type and shows where it goes: the client joins lists, flattens objects, writes JSON. */
function mark(parameter: string): unknown {
  const text = () => `@${parameter}`;
  return Object.assign(text, { toString: text, toJSON: text, join: text });
}

type Request = { method: string; url: string; data?: unknown };

/** What the client refuses to go without: it names one at a time. */
async function required(call: Call): Promise<string[]> {
  const given: Json = {};
  for (;;) {
    const refused: unknown = await call(given).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refused === undefined) return Object.keys(given);
    const { name, field } = refused as { name?: string; field?: string };
    if (name !== 'RequiredError' || field === undefined || field in given) throw refused;
    given[field] = mark(field);
  }
}
