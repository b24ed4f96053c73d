import { askedState } from './asked-state.ts'; // first, so that it asks first
import { render } from 'preact';
import '../../components/base.css';
import './popup.css';
import { applyTheme } from '../../lib/theme.ts';
import { PopupPage } from './popup-page.tsx';

applyTheme(document.documentElement);
const host = document.getElementById('popup');
const show = async () => {
  // The first thing drawn is the list: to draw its bones first costs as long again.
  const first = await askedState;
  if (host) render(<PopupPage first={first} />, host);
};
void show();
