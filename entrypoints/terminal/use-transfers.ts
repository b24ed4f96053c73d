import { useRef, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { faultWords } from '../../components/faults.ts';
import { plainText } from '../../components/plain-text.ts';
import { DOWNLOAD_ENDS, MAX_FILE_BYTES } from '../../lib/hub-commands.ts';
import { JobError, runHubJob } from '../../lib/hub-job.ts';
import type { HubId } from '../../protocol/ids.ts';

/** A file on its way, or why it is not. */
export type Transfer =
  | { kind: 'upload' | 'download'; name: string; doneBytes: number; totalBytes: number }
  | { kind: 'failed'; text: string };

export interface Transfers {
  current: Transfer | undefined;
  /** Sends files one after the other and gives their paths on the hub. */
  upload: (files: File[]) => void;
  download: (path: string) => void;
  cancel: () => void;
  dismiss: () => void;
}

/** Files to and from the hub, over the connection of its terminals, one at a time. */
export function useTransfers(
  hubId: HubId,
  session: string,
  onUploaded: (paths: string[]) => void,
): Transfers {
  const [current, setCurrent] = useState<Transfer>();
  const running = useRef<AbortController>();

  const run = async (work: (signal: AbortSignal) => Promise<void>) => {
    if (running.current) return; // what runs is shown, with its Cancel
    const abort = new AbortController();
    running.current = abort;
    try {
      await work(abort.signal);
      setCurrent(undefined);
    } catch (error) {
      setCurrent(abort.signal.aborted ? undefined : { kind: 'failed', text: errorText(error) });
    } finally {
      running.current = undefined;
    }
  };

  const send = async (files: File[], signal: AbortSignal) => {
    const paths: string[] = [];
    for (const file of files) paths.push(await sendOne(hubId, file, setCurrent, signal));
    onUploaded(paths);
  };

  return {
    current,
    upload: (files) => void run((signal) => send(files, signal)),
    download: (path) => void run((signal) => fetchOne(hubId, session, path, setCurrent, signal)),
    cancel: () => running.current?.abort(),
    dismiss: () => setCurrent(undefined),
  };
}

/** An error that already is a sentence for people. */
class Refused extends Error {}

async function sendOne(
  hubId: HubId,
  file: File,
  show: (transfer: Transfer) => void,
  signal: AbortSignal,
): Promise<string> {
  const { name, size: totalBytes } = file;
  if (totalBytes > MAX_FILE_BYTES) throw new Refused(tooLarge(plainText(name, 80)));
  const tell = (doneBytes: number) => show({ kind: 'upload', name, doneBytes, totalBytes });
  tell(0);
  const job = { kind: 'upload' as const, name, bytes: totalBytes };
  const { code, stdout, stderr } = await runHubJob(hubId, job, {
    input: file,
    onSent: tell,
    signal,
  });
  const path = new TextDecoder().decode(stdout);
  if (code !== 0 || !/^\/[^\u0000-\u001f\u007f-\u009f]+$/.test(path))
    throw new Refused(
      i18n.t('transfer.notTaken', { name: plainText(name, 80), why: plainText(stderr, 160) }),
    );
  return path;
}

async function fetchOne(
  hubId: HubId,
  session: string,
  path: string,
  show: (transfer: Transfer) => void,
  signal: AbortSignal,
): Promise<void> {
  const name = plainText(path.slice(path.lastIndexOf('/') + 1), 100);
  const stop = new AbortController();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let head = '';
  let totalBytes: number | undefined;
  let doneBytes = 0;
  const onOutput = (bytes: Uint8Array) => {
    let body = bytes;
    if (totalBytes === undefined) {
      const end = bytes.indexOf(10);
      head += new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
      if (end < 0) return;
      totalBytes = Number(head);
      body = bytes.subarray(end + 1);
    }
    doneBytes += body.length;
    // The hub may say anything, and send more than it said.
    if (!(totalBytes <= MAX_FILE_BYTES) || doneBytes > totalBytes)
      stop.abort(new Refused(i18n.t('transfer.otherSize', { name })));
    parts.push(new Uint8Array(body));
    show({ kind: 'download', name, doneBytes, totalBytes });
  };
  const job = { kind: 'download' as const, session, path, maxBytes: MAX_FILE_BYTES };
  const either = AbortSignal.any([signal, stop.signal]);
  const { code, stderr } = await runHubJob(hubId, job, { onOutput, signal: either });
  if (code !== 0) throw new Refused(downloadError(code, path, stderr));
  if (doneBytes !== totalBytes) throw new Refused(i18n.t('transfer.changed', { name }));
  save(new Blob(parts), name);
}

function tooLarge(name: string): string {
  return i18n.t('transfer.tooLarge', { name, mib: MAX_FILE_BYTES / 1024 / 1024 });
}

function downloadError(code: number | undefined, path: string, stderr: string): string {
  const shown = plainText(path, 100);
  switch (code) {
    case DOWNLOAD_ENDS.notThere:
      return i18n.t('transfer.notThere', { name: shown });
    case DOWNLOAD_ENDS.notReadable:
      return i18n.t('transfer.notReadable', { name: shown });
    case DOWNLOAD_ENDS.tooLarge:
      return tooLarge(shown);
    default:
      return i18n.t('transfer.notRead', { name: shown, why: plainText(stderr, 160) });
  }
}

function errorText(error: unknown): string {
  if (error instanceof Refused) return error.message;
  if (!(error instanceof JobError)) return i18n.t('transfer.failed');
  const { title, sentence } = faultWords(error.fault.code);
  return i18n.t('transfer.fault', { title, sentence });
}

/** Gives a file to the browser, which saves it as it saves all downloads. */
function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has its own hold of the blob once it began.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
