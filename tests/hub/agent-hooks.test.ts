import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hookFile } from '../../hub/agent-hooks.ts';
import { HubHome } from './hub-home.ts';

const HUBTAB = "/home/o'neill/bin/hubtab";
const ENV = { HOME: '/home/x' };

describe('what is there already is kept', () => {
  it.each(['claude', 'gemini'] as const)('in the settings of %s', (agent) => {
    const hooks = hookFile(agent, HUBTAB, ENV);
    const other = { matcher: 'Bash', hooks: [{ type: 'command', command: 'mine', timeout: 5 }] };
    const before = { model: 'x', hooks: { Notification: [other], PreCompact: [other] } };
    const merged = hooks.merge(JSON.stringify(before));
    const after = JSON.parse(merged) as typeof before;
    expect(after.model).toBe('x');
    expect(after.hooks.PreCompact).toEqual([other]);
    expect(after.hooks.Notification).toEqual([
      other,
      {
        matcher: '',
        hooks: [
          {
            type: 'command',
            command: String.raw`'/home/o'\''neill/bin/hubtab' agent state waiting --hook`,
          },
        ],
      },
    ]);
    // Again, and from another place: still once.
    expect(hooks.merge(merged)).toBe(merged);
    expect(
      hookFile(agent, '/new', ENV)
        .merge(merged)
        .match(/--hook/g),
    ).toHaveLength(4);
    expect(hooks.merge('')).toBe(`${hooks.snippet}\n`);
    expect(() => hooks.merge('{ // a comment\n}')).toThrow('is left as it is');
    expect(() => hooks.merge('{"hooks": []}')).toThrow('is left as it is');
  });

  it('in the settings of Codex', () => {
    const hooks = hookFile('codex', HUBTAB, ENV);
    const before = 'model = "x"\n\n[mcp_servers.a]\nnotify = "not this one"\n';
    const merged = hooks.merge(before);
    expect(merged.startsWith(`notify = ["${HUBTAB}", "agent", "state", "done", "--hook"]\n`)).toBe(
      true,
    );
    expect(merged).toContain(before);
    expect(merged.endsWith('notification_method = "bel"\n')).toBe(true);
    expect(hooks.merge(merged)).toBe(merged);
    expect(hooks.merge('[tui]\ntheme = "x"\n').match(/\[tui\]/g)).toHaveLength(1);
    expect(() => hooks.merge('notify = ["mine"]\n')).toThrow('says already');
  });

  it('in the settings of Aider', () => {
    const hooks = hookFile('aider', HUBTAB, ENV);
    const merged = hooks.merge('model: x # best');
    expect(parse(merged)).toEqual({
      model: 'x',
      notifications: true,
      'notifications-command': String.raw`'/home/o'\''neill/bin/hubtab' agent notify 'aider waits for you' --hook`,
    });
    expect(merged).toContain('# best');
    expect(hooks.merge(merged)).toBe(merged);
    expect(() => hooks.merge('notifications-command: say\n')).toThrow('says already');
  });
});

describe('in a pane', () => {
  let home: HubHome;
  beforeEach(() => {
    home = new HubHome();
  });
  afterEach(() => home.remove());

  it('the installed hooks set the state, and do nothing elsewhere', async () => {
    const dotfiles = join(home.path, 'dotfiles.json');
    await home.run('tee', [dotfiles], { input: '{"model":"x"}' });
    await home.ok('mkdir', [join(home.path, '.claude')]);
    const settings = join(home.path, '.claude', 'settings.json');
    await home.ok('ln', ['-s', dotfiles, settings]);
    expect(await home.hubtab(['agent', 'hooks', 'claude', '--install'])).toMatchObject({ code: 0 });
    expect(lstatSync(settings).isSymbolicLink()).toBe(true);
    const { hooks } = JSON.parse(readFileSync(dotfiles, 'utf8')) as {
      hooks: Record<string, { hooks: { command: string }[] }[]>;
    };
    const call = (event: string) => hooks[event]?.[0]?.hooks[0]?.command ?? '';

    await home.ok('tmux', ['new-session', '-d', '-s', 'one', 'cat']);
    const pane = await home.tmux('display-message', '-p', '-t', '=one:', '#{pane_id}');
    const env = { TMUX: `${home.socket},1,0`, TMUX_PANE: pane };
    const event = JSON.stringify({ message: `May I\u001B[31m run ${'it '.repeat(100)}`, x: 1 });
    const hook = (name: string, options: { env?: Record<string, string>; input?: string }) =>
      home.run('sh', ['-c', call(name)], options);
    const silent = { code: 0, stdout: '', stderr: '' };
    expect(await hook('Notification', { env, input: event })).toEqual(silent);
    const state = async () =>
      JSON.parse((await home.hubtab(['agent', 'state', '--json'], { env })).stdout) as unknown;
    expect(await state()).toMatchObject({
      session: 'one',
      state: 'waiting',
      stateFrom: 'hook',
      question: `May I [31m run ${'it '.repeat(100)}`.slice(0, 200).trimEnd(),
    });
    expect(await hook('Stop', { env, input: 'no JSON' })).toEqual(silent);
    expect(await state()).toMatchObject({ state: 'done', question: null });
    await home.hubtab(['agent', 'notify', 'Deploy now?'], { env });
    expect(await state()).toMatchObject({ state: 'waiting', question: 'Deploy now?' });
    expect(await hook('Notification', { input: event })).toEqual(silent);
    expect((await home.hubtab(['agent', 'notify', 'x'])).code).toBe(1);
  });

  it('the shell function passes the exit code on', async () => {
    await home.hubtab(['agent', 'hooks', 'generic', '--install']);
    const file = join(home.path, '.config', 'hubtab', 'agent-hooks.sh');
    const script = `. "${file}"; hubtab_run true && hubtab_run sh -c 'exit 3'; echo "$?"`;
    expect(await home.ok('sh', ['-c', script])).toBe('3');
  });
});
