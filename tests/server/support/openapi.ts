import { z } from 'zod';
import type { Scope } from '../../../protocol/account.ts';
import type { Api } from './api.ts';

const Document = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({ security: z.array(z.record(z.string(), z.array(z.string()))).optional() }),
    ),
  ),
});

/** One operation of the OpenAPI document. */
export interface Operation {
  /** `GET /v1/hubs/{id}`. */
  name: string;
  method: string;
  /** Name of the security scheme; undefined for a door that is open to everybody. */
  scheme: string | undefined;
  scope: Scope | undefined;
  /** The path with these values for its parameters. @throws when one is missing */
  pathWith(values: Record<string, string>): string;
}

/** The operations of the document that the server serves. */
export async function readOperations(api: Api): Promise<Operation[]> {
  const { paths } = await api.ok(Document, 'GET', '/openapi.json');
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => {
      const [entry] = Object.entries(security?.[0] ?? {});
      return {
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        scheme: entry?.[0],
        scope: entry?.[1][0] as Scope | undefined, // the matrix finds a scope that is none
        pathWith: (values) =>
          path.replaceAll(/\{(\w+)\}/g, (_, key: string) => must(values[key], key)),
      };
    }),
  );
}

function must(value: string | undefined, key: string): string {
  if (value === undefined) throw new Error(`no value for the path parameter ${key}`);
  return value;
}
