import { hiddenFrame } from './hidden-frame.ts';
import { offscreenDocument } from './offscreen-document.ts';

/** What holds the one document (`entrypoints/offscreen`) that owns the worker. */
export interface WorkerHost {
  /** Makes sure that the document exists and listens. */
  ensure(): Promise<void>;
  /** Whether the document exists, without making it. */
  exists(): Promise<boolean>;
  /** Hands a terminal tab's port over to the document; the background takes no part in what follows. */
  handOver(port: MessagePort): Promise<void>;
}

/** Chromium's background is a service worker, which can hold no worker. Firefox's is a page. */
export const workerHost: WorkerHost = import.meta.env.FIREFOX ? hiddenFrame : offscreenDocument;
