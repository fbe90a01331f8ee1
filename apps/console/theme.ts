// Light or dark: as the system says, until the reader chooses.
import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
const KEPT_AS = 'pivo-theme';

const isTheme = (text: string | null): text is Theme => text === 'system' || text === 'light' || text === 'dark';
const kept = localStorage.getItem(KEPT_AS);

export const theme = signal<Theme>(isTheme(kept) ? kept : 'system');

/** Shows the pages in a theme from now on. */
export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  localStorage.setItem(KEPT_AS, chosen);
  showTheme();
}

export function showTheme(): void {
  document.documentElement.dataset['theme'] = theme.value;
}
