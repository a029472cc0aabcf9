import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { startPage } from "./live/account.ts";
import { showNumbers, showWhoLooks } from "./live/attention.ts";
import { followAddress } from "./live/place.ts";
import { applySavedTheme } from "./live/theme.ts";
import { keepWorker } from "./live/worker.ts";
import { followPreferences, speakAsLastTime } from "./text/language.ts";
import "./styles.css";

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no element #root.");

applySavedTheme();
followAddress();
followPreferences();
showNumbers();
showWhoLooks();
await speakAsLastTime();
createRoot(root).render(<App />);
await startPage();
await keepWorker().catch((reason: unknown) => console.warn("carillon: worker", reason));
