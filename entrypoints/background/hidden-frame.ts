import type { WorkerHost } from './worker-host.ts';

let loading: Promise<HTMLIFrameElement> | undefined;

/** The document as a frame of Firefox's background page, which lives as long as the extension runs. */
export const hiddenFrame: WorkerHost = {
  async ensure() {
    await load();
  },
  exists: () => Promise.resolve(loading !== undefined),
  async handOver(port) {
    const { contentWindow } = await load();
    contentWindow?.postMessage(null, { transfer: [port] });
  },
};

function load(): Promise<HTMLIFrameElement> {
  loading ??= new Promise((resolve) => {
    const { document } = globalThis;
    const frame = document.createElement('iframe');
    frame.addEventListener('load', () => resolve(frame), { once: true });
    frame.src = '/offscreen.html';
    document.body.append(frame);
  });
  return loading;
}
