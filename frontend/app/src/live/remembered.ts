/** What this browser remembers from page to page; where it keeps nothing, as long as the page is open. */
import { browserStorage } from "@carillon/sdk";

export const remembered = browserStorage();
