import * as z from 'zod/v4';

/** What this room serves: the whole product, free of the SDK's types. */
export type App = {
  readonly name: string;
  readonly version: string;
  readonly instructions: string;
  listTools(): readonly ToolListing[];
  callTool(name: string, args: Structure, caller: Caller): Promise<Answer>;
  listResources(): readonly ResourceListing[];
  listResourceTemplates(): readonly ResourceTemplateListing[];
  /** undefined where there is no such resource. */
  readResource(uri: string, signal: AbortSignal): Promise<Answer | undefined>;
  /** Values that complete `{id}` of a resource template. */
  completeResource(uriTemplate: string, prefix: string): Promise<readonly string[]>;
  listPrompts(): readonly PromptListing[];
  /** Its message to the model; `refused` says what to give instead of a name or argument that there is not. */
  getPrompt(name: string, args: Readonly<Record<string, string>>): PromptMessage | { readonly refused: string };
  /** Values of the account that complete an argument of a prompt; none where Pipedrive cannot be asked. */
  completePrompt(name: string, argument: string, prefix: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Ends reads, waits for writes under way, and frees what is held. */
  close(): Promise<void>;
};

/** The host's side of a call. */
export type Caller = {
  readonly signal: AbortSignal;
  /** Told how far a call of several requests has come. */
  readonly progress?: (done: number, of?: number) => void;
  /**
   * Asks the person behind the host and waits for the answer; `silent` where none came in time. Left out where the host
   * has no way to ask.
   */
  readonly ask?: (question: string) => Promise<'accept' | 'decline' | 'cancel' | 'silent'>;
};

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Structure = { [key: string]: Json };
/** A JSON object that came over the protocol. */
export const structure = z.record(
  z.string(),
  z.custom<Json>((value) => value !== undefined),
);
export type Answer = {
  readonly structure: Structure;
  readonly isError: boolean;
  /** What stands beside the structure, in MCP's own forms of content. */
  readonly attachments?: readonly Attachment[];
};
type Attachment =
  | { readonly type: 'image'; readonly data: string; readonly mimeType: string }
  | {
      readonly type: 'resource';
      readonly resource: { readonly uri: string; readonly mimeType: string } & (
        | { readonly text: string }
        | { readonly blob: string }
      );
    };
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
export type PromptListing = Listing & {
  readonly arguments: { name: string; description: string; required: boolean }[];
};
export type PromptMessage = { readonly description: string; readonly text: string };
