/** Light or dark: as the system has it, until the person says otherwise. */
import { useEffect, useState } from 'preact/hooks';

import { variables, type Theme } from '../model/colours.ts';

const KEY = 'relata.theme';

export function useTheme(): [Theme, () => void] {
  const [chosen, setChosen] = useState<Theme | null>(() => {
    const kept = stored();
    return kept === 'light' || kept === 'dark' ? kept : null;
  });
  const [system, setSystem] = useState<Theme>(systemTheme);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const change = (): void => setSystem(systemTheme());
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  }, []);
  const theme = chosen ?? system;
  // Before anything is drawn with it.
  const { style, dataset } = document.documentElement;
  if (dataset['theme'] !== theme) {
    dataset['theme'] = theme;
    style.colorScheme = theme;
    for (const [name, colour] of Object.entries(variables(theme))) style.setProperty(name, colour);
  }
  const toggle = (): void => {
    const next = theme === 'light' ? 'dark' : 'light';
    setChosen(next);
    try {
      sessionStorage.setItem(KEY, next);
    } catch {
      // It holds for this page then.
    }
  };
  return [theme, toggle];
}

const systemTheme = (): Theme => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');

function stored(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}
