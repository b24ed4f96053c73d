import '../../components/base.css';
import { applyTheme } from '../../lib/theme.ts';

// The text is in the page already (wxt.config.ts).
applyTheme(document.documentElement);
