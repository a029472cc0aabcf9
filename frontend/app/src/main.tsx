import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { startPage } from "./live/account.ts";
import { followAddress } from "./live/place.ts";
import { applySavedTheme } from "./live/theme.ts";
import "./styles.css";

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no element #root.");

applySavedTheme();
followAddress();
createRoot(root).render(<App />);
void startPage();
