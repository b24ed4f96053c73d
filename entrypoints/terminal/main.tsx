import { render } from 'preact';
import '@xterm/xterm/css/xterm.css';
import '../../components/base.css';
import './terminal.css';
import { parseTerminalAddress } from '../../lib/terminal-address.ts';
import { applyTheme } from '../../lib/theme.ts';
import { TerminalPage } from './terminal-page.tsx';

applyTheme(document.documentElement);
// A link to another session in the same tab is another terminal: nothing of this one may stay.
addEventListener('hashchange', () => location.reload());

const host = document.getElementById('terminal');
if (host) render(<TerminalPage address={parseTerminalAddress(location.hash)} />, host);
