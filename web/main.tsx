/** Starts the viewer. */
import { render } from 'preact';

import './style/base.css';
import './style/controls.css';
import './style/start.css';
import './style/views.css';
import './style/panel.css';
import { App } from './ui/app.tsx';

const root = document.getElementById('app');
if (root) render(<App />, root);
