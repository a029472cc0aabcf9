/** Light or dark, and how strong the contrast is: as the system says, or as chosen; kept in this browser. */

export type Theme = "system" | "light" | "dark";
export type Contrast = "system" | "more";

const THEME = "carillon.theme";
const CONTRAST = "carillon.contrast";

export function savedTheme(): Theme {
  const saved = read(THEME);
  return saved === "light" || saved === "dark" ? saved : "system";
}

export function savedContrast(): Contrast {
  return read(CONTRAST) === "more" ? "more" : "system";
}

export function setTheme(theme: Theme): void {
  write(THEME, theme);
  show("theme", theme);
}

export function setContrast(contrast: Contrast): void {
  write(CONTRAST, contrast);
  show("contrast", contrast);
}

export function applySavedTheme(): void {
  show("theme", savedTheme());
  show("contrast", savedContrast());
}

function show(name: "theme" | "contrast", chosen: Theme | Contrast): void {
  const { dataset } = document.documentElement;
  if (chosen === "system") delete dataset[name];
  else dataset[name] = chosen;
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** A browser that keeps nothing still shows it until the page is closed. */
function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // see above
  }
}
