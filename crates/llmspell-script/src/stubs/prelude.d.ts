/// <reference no-default-lib="true" />
/// <reference lib="es2022" />

// Declarations of the globals of llmspell. Generated; do not edit.
// Every function and method may also be written in snake_case: `Agent.listTemplates` is `Agent.list_templates`.

/** What every function of this runtime throws. */
declare class SpellError extends Error {
  constructor(message?: string, options?: SpellErrorOptions);
  readonly kind: ErrorKind;
  /** The operation that failed: `agent.execute`. */
  readonly op?: string;
  /** Ways out. */
  readonly hints: string[];
  /** Facts: `at` is the file and line of the script that made the call. */
  readonly details: Record<string, any>;
}

interface SpellErrorOptions {
  /** @default "script" */
  kind?: ErrorKind;
  op?: string;
  hints?: string[];
  details?: Record<string, any>;
  cause?: unknown;
}

/** An object of the run. */
interface Handle {
  readonly id: string;
}

/** What every tool answers. Other members are those of `data`. Acts as a text: its `output`. */
interface ToolResult {
  readonly success: boolean;
  readonly operation: string;
  readonly data: any;
  /** The same as `data`. */
  readonly result: any;
  /** The primary value; null on failure. */
  readonly output: any;
  /** The whole result as JSON text. */
  readonly text: string;
  readonly error: string | null;
  readonly error_kind: ErrorKind | null;
  readonly message?: string;
  readonly metadata: Record<string, any>;
  readonly [name: string]: any;
}

/** A tool whose parameters are known. */
interface ToolWith<Params> extends Omit<Tool, "execute" | "invoke"> {
  /** Calls the tool. */
  (params: Params, options?: any): Promise<ToolResult>;
  /** Calls the tool. */
  execute(params: Params, options?: any): Promise<ToolResult>;
  /** The same as `execute`. */
  invoke(params: Params, options?: any): Promise<ToolResult>;
}

/** The arguments of the script. */
interface Args extends ReadonlyArray<string> {
  /** Path of the script. */
  readonly script: string;
}
declare const Args: Args;

/** A stream of the values that a function of the script makes. */
interface ValueStream<T> {
  /** Returns the next value; null after the end. */
  next(): Promise<T | null>;
  /** Returns whether the last value was handed out. */
  isDone(): boolean;
  /** Returns the values that are left. */
  collect(): Promise<T[]>;
  /** Ends the producer and cancels what it waits for. */
  close(): Promise<void>;
  /** Iterates over the values that are left. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T>;
}

/** Streams over functions of the script. */
interface StreamingModule {
  /** Makes a stream of a generator function. */
  create<T>(producer: () => Iterable<T> | AsyncIterable<T>): ValueStream<T>;
}
declare const Streaming: StreamingModule;

interface JSON {
  /** An explicit null. */
  readonly null: null;
  /** Returns a list. */
  array<T>(items?: T[]): T[];
}

/** `log`, `info`, `debug`, `dir`, `table`, `count` and the timers write to standard output, the others to standard error. */
interface Console {
  log(...values: any[]): void;
  info(...values: any[]): void;
  debug(...values: any[]): void;
  /** Writes texts as they are, without an end of line. */
  write(...texts: string[]): void;
  /** Reads a line of standard input; null at its end. */
  readLine(): Promise<string | null>;
  warn(...values: any[]): void;
  error(...values: any[]): void;
  /** Writes where it was called. */
  trace(...values: any[]): void;
  /** Writes if the condition is false. */
  assert(condition?: any, ...values: any[]): void;
  dir(value?: any): void;
  /** Draws a list of records as a table. */
  table(value?: any): void;
  count(label?: string): void;
  countReset(label?: string): void;
  /** Indents what follows. */
  group(...values: any[]): void;
  groupEnd(): void;
  time(label?: string): void;
  timeLog(label?: string, ...values: any[]): void;
  timeEnd(label?: string): void;
}
declare var console: Console;

declare var process: {
  /** Ends the script with this exit code; `true` is 0, `false` is 1. */
  exit(code?: number | boolean): never;
};

/** Calls a function once, after so many milliseconds. */
declare function setTimeout<A extends any[]>(callback: (...args: A) => void, delay?: number, ...args: A): number;
/** Calls a function again and again, every so many milliseconds. */
declare function setInterval<A extends any[]>(callback: (...args: A) => void, delay?: number, ...args: A): number;
/** Calls a function as soon as the script waits. */
declare function setImmediate<A extends any[]>(callback: (...args: A) => void, ...args: A): number;
declare function clearTimeout(timer?: number): void;
declare function clearInterval(timer?: number): void;
declare function clearImmediate(timer?: number): void;
/** Calls a function before the script waits. */
declare function queueMicrotask(callback: () => void): void;
/** Copies a value with everything in it. */
declare function structuredClone<T>(value: T): T;
/** Returns the base64 of a text whose characters stand for bytes. */
declare function btoa(text: string): string;
/** Returns the text whose characters stand for the bytes of base64. */
declare function atob(text: string): string;

interface Performance {
  /** Returns the milliseconds since the first call. */
  now(): number;
}
declare var performance: Performance;

interface Crypto {
  /** Returns a random UUID, version 4. */
  randomUUID(): string;
  /** Fills an array with random numbers of the run. */
  getRandomValues<T extends ArrayBufferView>(array: T): T;
}
declare var crypto: Crypto;

declare class TextEncoder {
  readonly encoding: string;
  encode(text?: string): Uint8Array;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(bytes?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}

declare class URLSearchParams {
  constructor(init?: string | Record<string, string> | Iterable<[string, string]>);
  readonly size: number;
  append(name: string, value: string): void;
  delete(name: string, value?: string): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  set(name: string, value: string): void;
  sort(): void;
  toString(): string;
  forEach(callback: (value: string, name: string, all: URLSearchParams) => void): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

declare class URL {
  constructor(url: string | URL, base?: string | URL);
  static canParse(url: string | URL, base?: string | URL): boolean;
  hash: string;
  host: string;
  hostname: string;
  href: string;
  readonly origin: string;
  password: string;
  pathname: string;
  port: string;
  protocol: string;
  search: string;
  readonly searchParams: URLSearchParams;
  username: string;
  toString(): string;
  toJSON(): string;
}

declare class AbortSignal {
  static abort(reason?: unknown): AbortSignal;
  static any(signals: Iterable<AbortSignal>): AbortSignal;
  static timeout(milliseconds: number): AbortSignal;
  readonly aborted: boolean;
  readonly reason: unknown;
  onabort: ((event: { type: "abort"; target: AbortSignal }) => void) | null;
  addEventListener(type: "abort", listener: (event: { type: "abort"; target: AbortSignal }) => void): void;
  removeEventListener(type: "abort", listener: (event: { type: "abort"; target: AbortSignal }) => void): void;
  throwIfAborted(): void;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare type HeadersInit = Headers | Record<string, string | number> | Iterable<[string, string]>;

declare class Headers {
  constructor(init?: HeadersInit);
  append(name: string, value: string): void;
  delete(name: string): void;
  get(name: string): string | null;
  getSetCookie(): string[];
  has(name: string): boolean;
  set(name: string, value: string): void;
  forEach(callback: (value: string, name: string, all: Headers) => void): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

declare type BodyInit = string | URLSearchParams | ArrayBuffer | ArrayBufferView;

interface RequestInit {
  method?: string;
  headers?: HeadersInit;
  body?: BodyInit | null;
  redirect?: "follow" | "manual" | "error";
  signal?: AbortSignal | null;
}

interface ResponseInit {
  status?: number;
  statusText?: string;
  headers?: HeadersInit;
}

declare class Request {
  constructor(input: string | URL | Request, init?: RequestInit);
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly redirect: string;
  readonly signal: AbortSignal | null;
  readonly bodyUsed: boolean;
  clone(): Request;
  arrayBuffer(): Promise<ArrayBuffer>;
  bytes(): Promise<Uint8Array>;
  json(): Promise<any>;
  text(): Promise<string>;
}

declare class Response {
  constructor(body?: BodyInit | null, init?: ResponseInit);
  static json(data: unknown, init?: ResponseInit): Response;
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly url: string;
  readonly redirected: boolean;
  readonly type: string;
  readonly bodyUsed: boolean;
  clone(): Response;
  arrayBuffer(): Promise<ArrayBuffer>;
  bytes(): Promise<Uint8Array>;
  json(): Promise<any>;
  text(): Promise<string>;
}

/** Sends an HTTP request under the network policy of the run; the body is read whole. */
declare function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
