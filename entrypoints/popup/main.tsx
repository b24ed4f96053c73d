import { render } from 'preact';
import '../../components/base.css';
import './popup.css';
import { applyTheme } from '../../lib/theme.ts';
import { PopupPage } from './popup-page.tsx';

applyTheme(document.documentElement);
const host = document.getElementById('popup');
if (host) render(<PopupPage />, host);
