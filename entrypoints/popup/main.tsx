import { render } from 'preact';
import '../../components/base.css';
import './popup.css';
import { stateIn } from '../../lib/extension-state.ts';
import { applyTheme } from '../../lib/theme.ts';
import { PopupPage } from './popup-page.tsx';

/** `public/popup-state.js` asked for it while this was loaded. */
const { popupState } = globalThis as { popupState?: Promise<Record<string, unknown>> };

applyTheme(document.documentElement);
const host = document.getElementById('popup');
const show = async () => {
  // The first thing drawn is the list: to draw its bones first costs as long again.
  const first = popupState && (await popupState.then(stateIn, () => undefined));
  if (host) render(<PopupPage first={first} />, host);
};
void show();
