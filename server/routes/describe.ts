import type { z } from '@hono/zod-openapi';
import { Problem } from '../../protocol/problem.ts';

/** A JSON response for an OpenAPI route. */
export function json<S extends z.ZodType>(schema: S, description: string) {
  return { content: { 'application/json': { schema } }, description };
}

/** A required JSON body. Without `required` the validator would let a request without Content-Type pass. */
export function jsonBody<S extends z.ZodType>(schema: S) {
  return { body: { content: { 'application/json': { schema } }, required: true } } as const;
}

/** A required form body, as OAuth wants it. */
export function formBody<S extends z.ZodType>(schema: S) {
  return {
    body: { content: { 'application/x-www-form-urlencoded': { schema } }, required: true },
  } as const;
}

/** All failures look alike. */
export const problems = {
  default: {
    content: { 'application/problem+json': { schema: Problem } },
    description: 'A failure; `code` tells which',
  },
} as const;
