import './ui/tokens.css';
import './ui/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { takeLink } from './session/demo';
import { followTheme } from './theme';

followTheme();
takeLink(); // before anything looks at the address

const root = document.getElementById('app');
if (root !== null) createRoot(root).render(<StrictMode><App /></StrictMode>);
