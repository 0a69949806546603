import type { z } from 'zod/v3';
import type { Entity } from './entity.ts';
import type { Toolset } from './toolsets.ts';

export type { Toolset };

export const kinds = ['read', 'create', 'update', 'delete', 'convert', 'merge'] as const;
export type Kind = (typeof kinds)[number];

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** An operation of the official OpenAPI files, its parameters in braces: `PATCH /api/v2/deals/{id}`. */
export type Endpoint = `${Method} /api/${'v1' | 'v2'}/${string}`;

/**
 * How a list goes on: `cursor` is v2's, `start` v1's start and limit, `whole` comes all at once; where a whole list
 * takes a `cursor`, it resumes an answer that was cut and is never sent.
 * An operation without paging answers one record.
 */
export type Paging = 'cursor' | 'start' | 'whole';

export type Input = z.ZodObject<z.ZodRawShape, 'strict'>;

type Declaration = {
  /** verb_noun, at most 40 characters. */
  name: string;
  title: string;
  /** What it does in at most 100 characters: what hosts search by. */
  summary: string;
  /** One or two sentences more where the summary can't carry a rule that a caller must know. */
  details?: string;
  kind: Kind;
  toolset: Toolset;
  /** In the default set of tools. */
  core?: true;
  endpoint: Endpoint;
  /** A tool for a job, not for an operation: `endpoint` and `also` are what it uses. */
  job?: true;
  /** Further operations that the tool stands for or uses. */
  also?: readonly Endpoint[];
  /** API tokens of a usual call (`x-token-cost`), all its requests together. */
  cost: number;
  /** Counts against the search window of 10 requests in two seconds. */
  search?: true;
  input: Input;
  /** Which argument fills a path parameter, where their names differ: `{ id: 'deal_id', discount_id: 'id' }`. */
  path?: Readonly<Record<string, string>>;
  paging?: Paging;
  /** The largest page that the API gives, where it isn't 500 records. */
  most?: number;
  /** Where in `data` the rows of a list are, when `data` is not the list itself; `*`: each alone under a key of its own. */
  at?: string;
  /** What an unfiltered list holds and leaves out: `open, won and lost; archived and deleted ones left out`. */
  scope?: string;
  /** What the answer holds. */
  entity: Entity;
  /** Parameters sent with every request. */
  always?: Readonly<Record<string, string>>;
  /** The body is sent as application/x-www-form-urlencoded. */
  form?: true;
  /** The multipart field that takes a file, which `...uploaded` arguments give. */
  upload?: 'file' | 'data';
  /** The answer is a file. */
  download?: true;
  /** Arguments whose booleans the API wants as 0 and 1. */
  flags?: readonly string[];
  /** Arguments whose ids the API wants as text. */
  texts?: readonly string[];
  /** Arguments written as plain text or markdown and sent as HTML. */
  rich?: readonly string[];
  /**
   * Lists that the API replaces whole: arguments that add to one or take from it. The record is read first, so nothing
   * else in the list is lost. Objects are told apart by their `value`, or by the key named in `by`.
   */
  edits?: readonly { list: string; add: string; remove: string; by?: string }[];
};

export type Operation = Readonly<Declaration>;

/** Declares one operation: the only source of its tool, schema, annotations, documents and contract test. */
export function operation(declaration: Declaration): Operation {
  return declaration;
}

/** The operations a tool stands for, the main one first. */
export function endpoints(of: Operation): readonly Endpoint[] {
  return [of.endpoint, ...(of.also ?? [])];
}
