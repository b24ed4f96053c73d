import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTerminal, signIn, whenOpen, whenScreen } from '../../scripts/driver.ts';
import { firstHub, useStage } from '../e2e/stage.ts';

/** What is selected in another program, and a real middle button: Chromium has both on a screen of X only. */
let screen: ChildProcess | undefined;
let other: ChildProcess | undefined;
const display = process.env['DISPLAY'];

beforeAll(async () => {
  screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [number] = (await once(screen.stdio[3] as NodeJS.ReadableStream, 'data')) as [Buffer];
  process.env['DISPLAY'] = `:${number.toString().trim()}`; // the browser of the stage is on it
});
const stage = useStage({ accounts: 1, hubs: 1, headless: false });
afterAll(() => {
  other?.kill();
  screen?.kill();
  if (display === undefined) delete process.env['DISPLAY'];
  else process.env['DISPLAY'] = display;
});

test('the middle button pastes what is selected elsewhere', async () => {
  const { hub, id } = firstHub(stage);
  await hub.tmux('new-session', '-d', '-s', 'main');
  await (await signIn(stage.browser, stage.stack.info)).close();
  const terminal = await openTerminal(stage.browser, id, 'main');
  await whenOpen(terminal);
  await whenScreen(terminal, /\$/);

  other = spawn('xclip', ['-selection', 'primary', '-in', '-quiet'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  other.stdin?.end('echo middle-$((1+1))');
  const selected = () =>
    execFileSync('xclip', ['-selection', 'primary', '-out'], { encoding: 'utf8' });
  await expect
    .poll(() => {
      try {
        return selected();
      } catch {
        return ''; // nobody has a selection yet
      }
    })
    .toBe('echo middle-$((1+1))');
  const place = await terminal.evaluate(() => {
    const box = document.querySelector('.screen-host')?.getBoundingClientRect();
    if (!box) throw new Error('no screen');
    const bars = outerHeight - innerHeight;
    return [screenX + box.x + 200, screenY + bars + box.y + 100].map(Math.round).map(String);
  });
  execFileSync('xdotool', ['mousemove', ...place, 'click', '2']);
  await whenScreen(terminal, /echo middle-\$\(\(1\+1\)\)$/);
  await terminal.keyboard.press('Enter');
  await whenScreen(terminal, /^middle-2$/);
});
