/** Light, dark, or as the system says; kept in this browser. */

export type Theme = "system" | "light" | "dark";

const KEY = "carillon.theme";

export function savedTheme(): Theme {
  const saved = read();
  return saved === "light" || saved === "dark" ? saved : "system";
}

export function setTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // a browser that keeps nothing still shows the theme until the page is closed
  }
  show(theme);
}

export function applySavedTheme(): void {
  show(savedTheme());
}

function show(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
