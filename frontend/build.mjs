// Builds hub/web/static/dist/: app.js, app.css and icons.svg. `--watch` rebuilds on every change.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "../hub/web/static/dist");
const icons = join(here, "node_modules/@tabler/icons/icons");
const watching = process.argv.includes("--watch");

const settings = {
  entryPoints: [join(here, "src/app.ts"), join(here, "src/app.css")],
  outdir: dist,
  bundle: true,
  format: "esm",
  splitting: true, // the phone is fetched by those who have one
  chunkNames: "[name]-[hash]",
  minify: true,
  sourcemap: watching,
  target: ["chrome123", "firefox121", "safari17.5"],
  loader: { ".woff2": "file" },
  logLevel: "info",
};

/** One symbol of the sprite, from the icon's own file: <use href="…/icons.svg#phone-incoming"> draws it. */
async function symbol(name) {
  const drawing = await readFile(join(icons, "outline", `${name}.svg`), "utf8");
  const shapes = drawing.slice(drawing.indexOf(">") + 1, drawing.lastIndexOf("</svg>")).trim();
  const look = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="${name}" viewBox="0 0 24 24" ${look}>${shapes}</symbol>`;
}

async function sprite() {
  const names = JSON.parse(await readFile(join(here, "src/icons.json"), "utf8"));
  const symbols = await Promise.all(names.map(symbol));
  await writeFile(join(dist, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await sprite();
if (watching) {
  await (await esbuild.context(settings)).watch();
} else {
  await esbuild.build(settings);
}
