import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const BASE = "/static/";
/** Larger files, such as the list of all emoji, are fetched when they are wanted, and not kept for offline. */
const KEPT_BYTES = 300_000;

/** Names the sources: what one version of the page keeps in a browser is nothing to another. */
function build(): string {
  const digest = createHash("sha256");
  const add = (folder: string) => {
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) add(path);
      else digest.update(`${path}\0`).update(readFileSync(path));
    }
  };
  for (const folder of ["src", "worker", "public", "../sdk/src"]) add(join(import.meta.dirname, folder));
  return digest.digest("hex").slice(0, 12);
}

/** Tells the service worker which files the page is made of. */
const filesForWorker: Plugin = {
  name: "files-for-worker",
  generateBundle(_, bundle) {
    const size = (part: (typeof bundle)[string]) => Buffer.byteLength(part.type === "chunk" ? part.code : part.source);
    const kept = Object.values(bundle).filter((part) => part.fileName.startsWith("assets/") && size(part) <= KEPT_BYTES);
    const files = JSON.stringify([...kept.map(({ fileName }) => BASE + fileName), `${BASE}icon.svg`, `${BASE}manifest.webmanifest`]);
    const worker = bundle["root/service-worker.js"];
    if (worker?.type !== "chunk" || !/(["'`])__FILES__\1/.test(worker.code)) this.error("The service worker has no place for the files.");
    worker.code = worker.code.replace(/(["'`])__FILES__\1/, () => JSON.stringify(files));
  },
};

// Django serves the page and finds the files by the manifest (django-vite); there is no index.html here.
export default defineConfig({
  base: BASE,
  plugins: [react(), tailwindcss(), filesForWorker],
  define: { "import.meta.env.VITE_BUILD": JSON.stringify(build()) },
  build: {
    manifest: true,
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { main: "src/main.tsx", "service-worker": "worker/service-worker.ts" },
      output: {
        // What lies in root/ is served from the root of the site, by its own name: a service worker rules what is below it.
        entryFileNames: ({ name }) => (name === "service-worker" ? "root/[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
