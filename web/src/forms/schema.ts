/** A card's JSON Schema as fields of a form. Knows what cards use, and shows the rest as JSON. */
export interface Schema {
  type?: string;
  title?: string;
  description?: string;
  enum?: (string | number)[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  maxLength?: number;
  items?: Schema;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  examples?: unknown[];
  "x-sluice-file"?: FileRule;
}

export interface FileRule {
  content_types: string[];
  max_bytes: number;
}

export type Kind =
  | "text" | "long" | "lines" | "choice" | "slider" | "number" | "flag" | "seed" | "file" | "mask";

export interface Field {
  name: string;
  kind: Kind;
  required: boolean;
  schema: Schema;
}

export type Input = Record<string, unknown>;

const LONG = 200;

/** In the card's order, what is required first; what leaves no choice is left out. */
export function fieldsOf(schema: Schema): Field[] {
  const all = Object.entries(schema.properties ?? {})
    .filter(([, given]) => !fixed(given))
    .map(([name, given]) => ({
      name,
      kind: kindOf(name, given),
      required: schema.required?.includes(name) ?? false,
      schema: given,
    }));
  return [...all.filter((field) => field.required), ...all.filter((field) => !field.required)];
}

const fixed = (schema: Schema) => schema.const !== undefined || schema.enum?.length === 1;

function kindOf(name: string, schema: Schema): Kind {
  if (schema["x-sluice-file"]) return name === "mask" ? "mask" : "file";
  if (schema.enum) return "choice";
  if (name === "seed") return "seed";
  if (schema.type === "boolean") return "flag";
  if (schema.type === "integer" || schema.type === "number")
    return lowest(schema) !== undefined && schema.maximum !== undefined ? "slider" : "number";
  if (schema.type === "array" || schema.anyOf) return "lines";
  return (schema.maxLength ?? 0) > LONG ? "long" : "text";
}

/** The least value of a number; just above it where the bound itself is out. */
export function lowest(schema: Schema): number | undefined {
  if (schema.exclusiveMinimum === undefined) return schema.minimum;
  return schema.exclusiveMinimum + stepOf(schema);
}

export function stepOf(schema: Schema): number {
  if (schema.type === "integer") return 1;
  const span = (schema.maximum ?? 1) - (schema.minimum ?? schema.exclusiveMinimum ?? 0);
  return span > 5 ? 0.1 : 0.05;
}

/** What a form begins with: the card's defaults and, for texts, its first example. */
export function beginning(schema: Schema): Input {
  const example = (schema.examples?.[0] ?? {}) as Input;
  const entries = fieldsOf(schema).map(({ name, kind, required, schema: given }) => {
    const shown = required && (kind === "text" || kind === "long" || kind === "lines");
    return [name, given.default ?? (shown ? (example[name] ?? given.examples?.[0]) : undefined)];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Input;
}

/** The input as it is sent: without what is empty, lines as a list where a list is meant. */
export function sent(schema: Schema, values: Input): Input {
  const input: Input = {};
  for (const { name, kind, schema: given } of fieldsOf(schema)) {
    const value = values[name];
    if (value === undefined || value === null || value === "") continue;
    input[name] = kind === "lines" && typeof value === "string" ? linesOf(given, value) : value;
  }
  return input;
}

function linesOf(schema: Schema, text: string): unknown {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return schema.type === "array" || lines.length > 1 ? lines : text.trim();
}

/** The names of required fields that are empty. */
export function missing(schema: Schema, values: Input): string[] {
  const input = sent(schema, values);
  return (schema.required ?? []).filter((name) => input[name] === undefined);
}

/** `text-to-image` as people read it. */
export const readable = (name: string) => {
  const words = name.replaceAll(/[-_]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};
