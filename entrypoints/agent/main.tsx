import { render } from 'preact';
import '../../components/base.css';
import './agent.css';
import { parseNewAgentAddress } from '../../lib/issue-page.ts';
import { applyTheme } from '../../lib/theme.ts';
import { AgentPage } from './agent-page.tsx';

applyTheme(document.documentElement);
const host = document.getElementById('agent');
if (host) render(<AgentPage issue={parseNewAgentAddress(location.hash)} />, host);
