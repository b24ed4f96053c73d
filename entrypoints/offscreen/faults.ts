import type { Fault } from '../../protocol/contexts.ts';
import type { TailnetError } from '../../wasm/node.d.ts';

/** A fault on its way through a promise. */
export class FaultError extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(`${fault.code}: ${fault.detail}`);
    this.name = 'FaultError';
    this.fault = fault;
  }
}

/** Says any error as a fault: ours, the tailnet program's, or a bug. */
export function faultOf(error: unknown): Fault {
  if (error instanceof FaultError) return error.fault;
  const { code, message, hostKey } = error as Partial<TailnetError>;
  if (typeof code !== 'string') return { code: 'internal', detail: String(error) };
  return {
    code,
    detail: String(message),
    ...(hostKey ? { hostKey } : {}),
  };
}
