import type { ExtensionBrowser } from '../chromium.ts';

/** The offscreen document, which Playwright does not show, over the browser's own debugging connection. */
interface OffscreenDocument {
  /** Sends one command and waits for its result. @throws Error with what the document's debugger refused */
  send(method: string, parameters?: object): Promise<Record<string, unknown>>;
  /** Sends one command that ends the document, so that no result can come. */
  sendLast(method: string, parameters?: object): Promise<void>;
}

async function attachOffscreen(browser: ExtensionBrowser): Promise<OffscreenDocument> {
  const root = await browser.context.browser()?.newBrowserCDPSession();
  if (!root) throw new Error('invariant: a persistent context has a browser');
  const { targetInfos } = await root.send('Target.getTargets', { filter: [{}] });
  // What Chromium calls an offscreen document.
  const target = targetInfos.find(({ type }) => type === 'background_page');
  if (!target) throw new Error('there is no offscreen document');
  const { targetId } = target;
  const { sessionId } = await root.send('Target.attachToTarget', { targetId, flatten: false });
  const waiting = new Map<number, (answer: { result?: object; error?: object }) => void>();
  root.on('Target.receivedMessageFromTarget', (event) => {
    const answer = JSON.parse(event.message) as { id: number; result?: object; error?: object };
    waiting.get(answer.id)?.(answer);
  });
  let id = 0;
  const post = async (method: string, parameters: object) => {
    id += 1;
    const message = JSON.stringify({ id, method, params: parameters });
    await root.send('Target.sendMessageToTarget', { sessionId, message });
    return id;
  };
  return {
    async send(method, parameters = {}) {
      const { promise, resolve } = Promise.withResolvers<{ result?: object; error?: object }>();
      waiting.set(id + 1, resolve);
      await post(method, parameters);
      const { result, error } = await promise;
      if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
      return result as Record<string, unknown>;
    },
    async sendLast(method, parameters = {}) {
      await post(method, parameters);
    },
  };
}

/** Kills the node worker, as a crash would: its owner is not told. */
export async function killWorker(browser: ExtensionBrowser): Promise<void> {
  const document = await attachOffscreen(browser);
  const evaluated = await document.send('Runtime.evaluate', { expression: 'Worker.prototype' });
  const { objectId } = evaluated['result'] as { objectId: string };
  const found = await document.send('Runtime.queryObjects', { prototypeObjectId: objectId });
  const workers = found['objects'] as { objectId: string };
  const called = await document.send('Runtime.callFunctionOn', {
    objectId: workers.objectId,
    functionDeclaration: 'function () { this.forEach((w) => w.terminate()); return this.length; }',
    returnByValue: true,
  });
  const { value } = called['result'] as { value: number };
  if (value !== 1) throw new Error(`expected one worker, there were ${value}`);
}

/** Closes the offscreen document. */
export async function closeOffscreen(browser: ExtensionBrowser): Promise<void> {
  const document = await attachOffscreen(browser);
  await document.sendLast('Runtime.evaluate', { expression: 'close()' });
}

/** Stops the service worker, as Chromium does after 30 s without events. */
export async function stopServiceWorker(browser: ExtensionBrowser): Promise<void> {
  const page = await browser.open('popup.html');
  const session = await browser.context.newCDPSession(page);
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.stopAllWorkers');
  await session.detach();
  await page.close();
}

/** Injects a fault into the worker; see `entrypoints/offscreen/faults-for-tests.ts`. */
export async function injectFault(browser: ExtensionBrowser, fault: object): Promise<void> {
  const page = browser.context.pages().find((one) => one.url().includes(browser.id));
  if (!page) throw new Error('a page of the extension must be open');
  await page.evaluate((message) => {
    const channel = new BroadcastChannel('hubtab-faults');
    channel.postMessage(message);
    channel.close();
  }, fault);
}
