// What a first visit loads before it needs an editor or a chart, compressed; beyond the budget the
// build fails.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 250;
const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));

/** A chunk with everything that it imports at once. */
function closure(name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const imported of manifest[name].imports ?? []) closure(imported, seen);
  return seen;
}

const kB = (file) => gzipSync(readFileSync(`dist/${file}`)).length / 1000;
const sum = (files) => files.reduce((total, file) => total + kB(file), 0);
const scriptsOf = (names) => [...new Set(names.map((name) => manifest[name].file))];

const entry = Object.keys(manifest).find((name) => manifest[name].isEntry);
const first = [...closure(entry)];
const styles = [...new Set(first.flatMap((name) => manifest[name].css ?? []))];
const pages = Object.keys(manifest).filter((name) => manifest[name].isDynamicEntry);

const total = sum(scriptsOf(first));
console.log(`first load: ${total.toFixed(0)} of ${BUDGET_KB} kB script, ${sum(styles).toFixed(0)} kB style`);
for (const page of pages) {
  const more = [...closure(page)].filter((name) => !first.includes(name));
  const whole = total + sum(scriptsOf(more));
  console.log(`  with ${page}: ${whole.toFixed(0)} kB`);
  if (whole > BUDGET_KB) process.exitCode = 1;
}
if (total > BUDGET_KB) process.exitCode = 1;
if (process.exitCode) console.error("the first load is over its budget");
