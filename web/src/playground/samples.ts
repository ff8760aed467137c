import type { Input } from "../forms/schema";

export interface Request {
  url: string;
  model: string;
  input: Input;
}

/** A text in single quotes of a shell. */
const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

export function curl({ url, model, input }: Request): string {
  return [
    `curl -sS ${quoted(`${url}/v1/inference/jobs`)} \\`,
    '  -H "Authorization: Bearer $SLUICE_API_KEY" \\',
    "  -H 'Content-Type: application/json' -H 'Prefer: wait=25' \\",
    `  -d ${quoted(JSON.stringify({ model, input }))}`,
  ].join("\n");
}

export function python({ url, model, input }: Request): string {
  return [
    "import os",
    "",
    "import httpx",
    "",
    "answer = httpx.post(",
    `    ${literal(`${url}/v1/inference/jobs`)},`,
    '    headers={"Authorization": f"Bearer {os.environ[\'SLUICE_API_KEY\']}", "Prefer": "wait=25"},',
    `    json={"model": ${literal(model)}, "input": ${literal(input)}},`,
    "    timeout=40,",
    ")",
    "print(answer.raise_for_status().json())",
  ].join("\n");
}

export function javascript({ url, model, input }: Request): string {
  return [
    `const answer = await fetch(${JSON.stringify(`${url}/v1/inference/jobs`)}, {`,
    '  method: "POST",',
    "  headers: {",
    "    Authorization: `Bearer ${process.env.SLUICE_API_KEY}`,",
    '    "Content-Type": "application/json",',
    '    Prefer: "wait=25",',
    "  },",
    `  body: JSON.stringify(${JSON.stringify({ model, input })}),`,
    "});",
    "console.log(await answer.json());",
  ].join("\n");
}

/** A JSON value as Python writes it. */
function literal(value: unknown): string {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value).map(([name, of]) => `${literal(name)}: ${literal(of)}`);
    return `{${entries.join(", ")}}`;
  }
  // JSON escapes characters beyond U+FFFF in no way of its own, so its strings are Python's too.
  return JSON.stringify(value);
}
