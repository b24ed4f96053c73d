import { render } from 'preact';
import '../../components/base.css';
import './options.css';
import { applyTheme } from '../../lib/theme.ts';
import { OptionsPage } from './options-page.tsx';

applyTheme(document.documentElement);
const host = document.getElementById('options');
if (host) render(<OptionsPage />, host);
