// Starts the console: token, theme, links, then the pages.
import './styles/tokens.css';
import './styles/elements.css';
import './styles/parts.css';
import './styles/repository.css';
import './styles/restore.css';
import './styles/pipeline.css';
import './styles/assistant.css';
import './styles/spool.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { followLinks } from './route.ts';
import { takeToken } from './session.ts';
import { showTheme } from './theme.ts';

takeToken();
showTheme();
followLinks();
addEventListener('hashchange', takeToken);
const page = document.getElementById('page');
if (page !== null) render(<App />, page);
