/** Light or dark, and how strong the contrast is: as the system says, or as chosen; kept in this browser. */
import { remembered } from "./remembered.ts";

export type Theme = "system" | "light" | "dark";
export type Contrast = "system" | "more";

const THEME = "carillon.theme";
const CONTRAST = "carillon.contrast";

export function savedTheme(): Theme {
  const saved = remembered.get(THEME);
  return saved === "light" || saved === "dark" ? saved : "system";
}

export function savedContrast(): Contrast {
  return remembered.get(CONTRAST) === "more" ? "more" : "system";
}

export function setTheme(theme: Theme): void {
  remembered.set(THEME, theme);
  show("theme", theme);
}

export function setContrast(contrast: Contrast): void {
  remembered.set(CONTRAST, contrast);
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
