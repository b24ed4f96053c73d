import type { z } from 'zod';
import { Problem } from '../../../protocol/problem.ts';
import { until } from './until.ts';

export interface CallOptions {
  token?: string | undefined;
  body?: unknown;
  form?: Record<string, string>;
  headers?: Record<string, string>;
}

export type Send = (path: string, init: RequestInit) => Response | Promise<Response>;

/** A small client for tests, over HTTP or straight into an app. */
export class Api {
  readonly #send: Send;
  constructor(send: Send) {
    this.#send = send;
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Response> {
    const headers = new Headers(options.headers);
    if (options.token !== undefined) headers.set('authorization', `Bearer ${options.token}`);
    const init: RequestInit = { method, headers };
    if (options.body !== undefined) {
      headers.set('content-type', 'application/json');
      init.body = JSON.stringify(options.body);
    }
    if (options.form !== undefined) init.body = new URLSearchParams(options.form);
    return this.#send(path, init);
  }

  /** The body of a success, checked against its schema. Asks again, as clients do, while a busy Headscale has no time. */
  async ok<S extends z.ZodType>(
    schema: S,
    method: string,
    path: string,
    options?: CallOptions,
  ): Promise<z.infer<S>> {
    const response = await until(`${method} ${path} is not answered by 503 or 429`, async () => {
      const answer = await this.call(method, path, options);
      return answer.status !== 503 && answer.status !== 429 && answer;
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return schema.parse(JSON.parse(text));
  }

  /** Status and code of a failure, after checking that it is a proper problem. */
  async problem(method: string, path: string, options?: CallOptions) {
    const response = await this.call(method, path, options);
    return readProblem(response);
  }
}

/** @throws unless the response is problem+json that says the same as its status line and headers */
export async function readProblem(response: Response): Promise<Problem> {
  const text = await response.text();
  const type = response.headers.get('content-type');
  if (type !== 'application/problem+json') {
    throw new Error(`expected a problem, got ${response.status} ${type}: ${text}`);
  }
  const problem = Problem.parse(JSON.parse(text));
  if (problem.status !== response.status || problem.type !== `/problems/${problem.code}`) {
    throw new Error(`the problem contradicts its response: ${text}`);
  }
  if (problem.requestId !== response.headers.get('x-request-id')) {
    throw new Error(`the problem has another request id than its response: ${text}`);
  }
  return problem;
}
