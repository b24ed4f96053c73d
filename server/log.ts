/** What a log line may carry. A closed list: whatever is not named here is taken for a secret. */
interface LogFields {
  requestId?: string;
  method?: string;
  /** The route's pattern, never the path a client sent. */
  route?: string;
  status?: number;
  durationMs?: number;
  code?: string;
  hubId?: string;
  accountId?: string;
  nodeId?: string;
  pid?: number;
  task?: string;
  delayMs?: number;
  count?: number;
  version?: string;
  /** One that the server made; its place is no secret. */
  file?: string;
  /** Text of an error. Scrubbed. */
  error?: string;
}

type LogLevel = 'info' | 'warn' | 'error';
export type Log = (level: LogLevel, event: string, fields?: LogFields) => void;

/** A net below the closed list, for secrets that some error message repeats. Headscale keys may contain `-` and `_`. */
const SECRET = /\b(?:hskey-|ht[arjicd]_)[\w-]+|\beyJ[\w-]+\.[\w.-]+/g;

/** Removes everything that looks like one of our secrets from a text. */
export function scrub(text: string): string {
  return text.replaceAll(SECRET, '[secret]');
}

/** A log that writes one JSON object per line. */
export function jsonLog(write: (line: string) => void): Log {
  return (level, event, fields = {}) => {
    write(scrub(JSON.stringify({ time: new Date().toISOString(), level, event, ...fields })));
  };
}

/** One line for an error and its causes, for the `error` field. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${errorText(error.cause)}`;
}
