import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { findChromium } from '../../scripts/chromium.ts';
import { freeTcpPort } from '../../server/free-port.ts';
import { startTestServer, type TestServer } from '../server/support/test-server.ts';

/** A real server at `localhost`, to which passkeys may belong, and a real browser without the extension. */
export interface ServerStage {
  test: TestServer;
  browser: Browser;
  /** `http://localhost:PORT`. */
  url: string;
}

/** Sets the stage before the tests of a file and clears it after them, whatever happened. */
export function useServerStage(): ServerStage {
  const stage = {} as ServerStage;
  beforeAll(async () => {
    const port = await freeTcpPort('127.0.0.1');
    stage.url = `http://localhost:${port}`;
    stage.test = await startTestServer({ listen: `127.0.0.1:${port}`, publicUrl: stage.url });
    stage.browser = await chromium.launch({
      executablePath: findChromium(),
      handleSIGINT: false,
      // Root may not use Chromium's sandbox.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
  });
  afterAll(async () => {
    await stage.browser?.close();
    await stage.test?.stop();
  });
  return stage;
}

/** Gives the page a device that makes and uses passkeys, with a person who always agrees. */
export async function addAuthenticator(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** Makes the first admin by the setup link and gives it a passkey, all by keyboard. */
export async function becomeAdmin(
  { test, url }: ServerStage,
  page: Page,
  person: { email: string; password: string },
): Promise<void> {
  await addAuthenticator(page);
  const token = await test.services.invitations.createSetupToken();
  await page.goto(`${url}/setup#t=${token}`);
  await page.getByLabel('Email').focus();
  await page.keyboard.type(person.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(person.password);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${url}/welcome`);
  await page.goto(`${url}/account`);
  await page.getByRole('button', { name: 'Add a passkey' }).press('Enter');
  await page.getByText('Passkey 1').waitFor();
}
