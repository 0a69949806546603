import * as z from 'zod/v4';

/** What this room serves: the whole product, free of the SDK's types. */
export type App = {
  readonly name: string;
  readonly version: string;
  readonly instructions: string;
  listTools(): readonly ToolListing[];
  callTool(name: string, args: Structure, signal: AbortSignal): Promise<Answer>;
  listResources(): readonly ResourceListing[];
  listResourceTemplates(): readonly ResourceTemplateListing[];
  /** undefined where there is no such resource. */
  readResource(uri: string, signal: AbortSignal): Promise<Answer | undefined>;
  /** Values that complete `{id}` of a resource template. */
  completeResource(uriTemplate: string, prefix: string): Promise<readonly string[]>;
  /** Ends reads, waits for writes under way, and frees what is held. */
  close(): Promise<void>;
};

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Structure = { [key: string]: Json };
/** A JSON object that came over the protocol. */
export const structure = z.record(
  z.string(),
  z.custom<Json>((value) => value !== undefined),
);
export type Answer = { readonly structure: Structure; readonly isError: boolean };
export type ToolListing = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: { type: 'object'; [key: string]: unknown };
  readonly annotations: Structure;
};
type Listing = { readonly name: string; readonly title: string; readonly description: string };
export type ResourceListing = Listing & { readonly uri: string };
export type ResourceTemplateListing = Listing & { readonly uriTemplate: string };
