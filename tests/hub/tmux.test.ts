import { afterAll, describe, expect, it } from 'vitest';
import { stateCommands } from '../../hub/agent-state.ts';
import { TmuxListing, tmuxArguments } from '../../hub/tmux.ts';
import { HubHome } from './hub-home.ts';

const hostile = [
  'plain',
  'ends in ;',
  ';',
  String.raw`a\;`,
  '#(touch pwned)',
  '#{session_name}',
  'quotes \' and "',
  'tab\tand\nline end',
  '$HOME `id` $(id)',
  '-t other',
  'naïve 日本語 🙂',
  '%% %H',
];

describe('a tmux listing', () => {
  it('reads rows whose fields hold anything but the separator', () => {
    const listing = new TmuxListing(['a', '@b'], 's');
    const output = '<s>one<s>two\n<x>three<s>\n<s>four<s><s>\n';
    expect(listing.parse(output)).toEqual([
      { a: 'one', '@b': 'two\n<x>three' },
      { a: 'four', '@b': '' },
    ]);
    expect(listing.format).toBe('<s>#{a}<s>#{@b}<s>');
  });

  it('is empty for no output', () => {
    expect(new TmuxListing(['a']).parse('')).toEqual([]);
  });

  it('refuses output of another format', () => {
    expect(() => new TmuxListing(['a'], 's').parse('<s>one\n')).toThrow('invariant');
  });

  it('uses another separator each time', () => {
    expect(new TmuxListing(['a']).format).not.toBe(new TmuxListing(['a']).format);
  });
});

describe('arguments for tmux', () => {
  it('separate commands, and never inside an argument', () => {
    expect(
      tmuxArguments('/s', [
        ['a', 'x;'],
        ['b', ';'],
      ]),
    ).toEqual(['-u', '-S', '/s', 'a', String.raw`x\;`, ';', 'b', String.raw`\;`]);
  });
});

describe('real tmux', () => {
  const home = new HubHome();
  afterAll(() => home.remove());

  it('gives back every hostile option as it was, in a row of its own', async () => {
    await home.ok('mkdir', ['-p', '-m', '700', home.socket.replace('/default', '')]);
    await home.ok('tmux', tmuxArguments(home.socket, [['new-session', '-d', '-s', 'keep']]));
    for (const value of hostile) {
      const set = ['set-option', '-t', '=keep:', '--', '@value', value];
      await home.ok('tmux', tmuxArguments(home.socket, [set]));
      const listing = new TmuxListing(['session_name', '@value']);
      const list = ['list-sessions', '-F', listing.format];
      const output = await home.ok('tmux', tmuxArguments(home.socket, [list]));
      expect(listing.parse(output)).toEqual([{ session_name: 'keep', '@value': value }]);
    }
  });

  it('stores a hostile question on the pane only', async () => {
    const pane = await home.tmux('display-message', '-p', '-t', '=keep:', '#{pane_id}');
    await home.tmux('split-window', '-d', '-t', '=keep:');
    const commands = stateCommands(pane, 'waiting', 'really; kill-server ;', 1000);
    await home.ok('tmux', tmuxArguments(home.socket, commands));
    const listing = new TmuxListing(['@agent_state', '@agent_question', '@agent_since']);
    const list = ['list-panes', '-a', '-F', listing.format];
    const rows = listing.parse(await home.ok('tmux', tmuxArguments(home.socket, [list])));
    expect(rows).toEqual([
      {
        '@agent_state': 'waiting',
        '@agent_question': 'really; kill-server ;',
        '@agent_since': '1000',
      },
      { '@agent_state': '', '@agent_question': '', '@agent_since': '' },
    ]);
  });
});
