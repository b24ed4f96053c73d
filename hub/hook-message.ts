import { z } from 'zod';

/** What agents call the text that a person should see; the first that is there is taken. */
const HookEvent = z.object({
  message: z.string().optional(),
  'last-assistant-message': z.string().optional(),
});

/** Far more than any event needs; the rest of a longer one is not read. */
const MAX_EVENT_BYTES = 1024 * 1024;
/** Agents write the event at once; one that keeps stdin open is not waited for. */
const STDIN_TIMEOUT_MS = 1000;

/** The text of an agent's event, which hooks get as JSON on stdin or as an argument; empty if it has none. */
export async function hookMessage(argument: string | undefined): Promise<string> {
  try {
    const event = HookEvent.parse(JSON.parse(argument ?? (await readStdin())));
    return event.message ?? event['last-assistant-message'] ?? '';
  } catch {
    // Whatever it is, the state counts without a text.
    return '';
  }
}

async function readStdin(): Promise<string> {
  if (process.stdin.isTTY) return '';
  const timer = setTimeout(() => process.stdin.destroy(), STDIN_TIMEOUT_MS);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_EVENT_BYTES) break;
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
