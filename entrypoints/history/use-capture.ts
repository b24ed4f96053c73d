import { useCallback, useEffect, useState } from 'preact/hooks';
import { parsePane, type Pane } from '../../lib/hub-commands.ts';
import { JobError, runHubJob } from '../../lib/hub-job.ts';
import type { ShellMarks } from '../../lib/last-answer.ts';
import { MARKS_FROM, markedLines } from '../../lib/marked-lines.ts';
import { styledLines, type StyledLine } from '../../lib/styled-lines.ts';
import { tmuxNumber } from '../../lib/tmux-number.ts';
import type { Fault } from '../../protocol/contexts.ts';
import type { HubId } from '../../protocol/ids.ts';

/** Most lines that are read: what a page can hold and still scroll. */
export const MAX_LINES = 50_000;

export interface Capture {
  lines: StyledLine[];
  pane: Pane;
  /** Unset where tmux tells none. */
  marks?: ShellMarks;
  takenAtMs: number;
}

export interface CaptureUse {
  /** The last capture; it stays while a newer one is read, and when that fails. */
  capture: Capture | undefined;
  /** Lines read so far; undefined while nothing is read. */
  readingLines: number | undefined;
  fault: Fault | undefined;
  refresh: () => void;
}

/** The scrollback of a session, captured once and again on request: it never changes under the reader. */
export function useCapture(hubId: HubId, session: string): CaptureUse {
  const [capture, setCapture] = useState<Capture>();
  const [readingLines, setReading] = useState<number>();
  const [fault, setFault] = useState<Fault>();
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    setReading(0);
    read(hubId, session, setReading, signal)
      .then(
        (taken) => {
          setCapture(taken);
          setFault(undefined);
        },
        (error: unknown) => {
          if (!signal.aborted) setFault(faultOf(error));
        },
      )
      .finally(() => {
        if (!signal.aborted) setReading(undefined);
      });
    return () => abort.abort();
  }, [hubId, session, tries]);
  const refresh = useCallback(() => setTries((count) => count + 1), []);
  return { capture, readingLines, fault, refresh };
}

async function read(
  hubId: HubId,
  session: string,
  onLines: (lines: number) => void,
  signal: AbortSignal,
): Promise<Capture> {
  const asked = await runHubJob(hubId, { kind: 'pane', session }, { signal });
  const pane = paneOf(new TextDecoder().decode(asked.stdout));
  const hasMarks = tmuxNumber(pane.tmuxVersion) >= MARKS_FROM;
  const parts: string[] = [];
  const decoder = new TextDecoder();
  let lines = 0;
  const { code, stderr } = await runHubJob(
    hubId,
    { kind: 'history', session, lines: MAX_LINES, hasMarks },
    {
      signal,
      onOutput(bytes) {
        const text = decoder.decode(bytes, { stream: true });
        parts.push(text);
        lines += text.split('\n').length - 1;
        onLines(lines);
      },
    },
  );
  if (code !== 0) throw gone(stderr);
  const captured = parts.join('');
  const { text, marks } = hasMarks ? markedLines(captured) : { text: captured };
  const taken = { lines: withoutBlankEnd(styledLines(text)), pane, takenAtMs: Date.now() };
  return marks ? { ...taken, marks } : taken;
}

/** The lower part of a screen is often empty. */
function withoutBlankEnd(lines: StyledLine[]): StyledLine[] {
  const last = lines.findLastIndex((line) => line.length > 0);
  return lines.slice(0, last + 1);
}

/** tmux prints empty fields, and no error, for a session that is not there. */
function paneOf(output: string): Pane {
  try {
    return parsePane(output);
  } catch (error) {
    throw gone(String(error));
  }
}

function gone(detail: string): JobError {
  return new JobError({ code: 'session-gone', detail });
}

function faultOf(error: unknown): Fault {
  return error instanceof JobError ? error.fault : { code: 'worker-lost', detail: String(error) };
}
