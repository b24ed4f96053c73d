import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readToEnd } from './read-to-end.ts';

/** One answer of a server that misbehaves. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly type?: string;
  readonly headers?: Record<string, string>;
}

interface SeenRequest {
  readonly route: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** A problem as the real server writes it. */
export function problem(status: number, code: string, detail: string): Answer {
  const body = { type: `/problems/${code}`, title: code, status, detail, code };
  return { status, body, type: 'application/problem+json' };
}

/** What every Hubtab server says of itself. */
export const HUBTAB: Record<string, Answer> = {
  'GET /v1/server': { status: 200, body: { name: 'hubtab', version: '0.1.0' } },
};

/** A real HTTP server for answers that the real control server cannot be brought to give. */
export async function startFaultServer(answers: Record<string, Answer>) {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const route = `${request.method} ${request.url}`;
    void readToEnd(request).then((body) => {
      seen.push({ route, authorization: request.headers.authorization, body });
      const answer = answers[route] ?? { status: 404, body: 'not found', type: 'text/plain' };
      const isText = typeof answer.body === 'string';
      response.writeHead(answer.status, {
        'content-type': answer.type ?? 'application/json',
        ...answer.headers,
      });
      response.end(isText ? answer.body : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    stop: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
