import { render } from 'preact';
import '../../components/base.css';
import './history.css';
import { parseHistoryAddress } from '../../lib/terminal-address.ts';
import { applyTheme } from '../../lib/theme.ts';
import { HistoryPage } from './history-page.tsx';

applyTheme(document.documentElement);
const address = parseHistoryAddress(location.hash);
// A link to a line of this page only scrolls; one to another session is another page.
addEventListener('hashchange', () => {
  const next = parseHistoryAddress(location.hash);
  const isSame =
    address.ok &&
    next.ok &&
    next.value.hubId === address.value.hubId &&
    next.value.session === address.value.session;
  if (!isSame) location.reload();
});

const host = document.getElementById('history');
const find = new URLSearchParams(location.search).get('find') ?? '';
if (host) render(<HistoryPage address={address} firstQuery={find.slice(0, 500)} />, host);
