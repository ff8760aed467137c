import { describe, expect, it } from "vitest";

import { csv } from "../src/console/csv";
import { beginning, fieldsOf, missing, type Schema, sent } from "../src/forms/schema";
import { exact, ofNanos, rough } from "../src/money";
import { curl, python } from "../src/playground/samples";

const card: Schema = {
  required: ["prompt"],
  properties: {
    n: { type: "integer", minimum: 1, maximum: 4, default: 1 },
    width: { enum: [256], default: 256 },
    seed: { type: "integer", minimum: 0, maximum: 9 },
    prompt: { type: "string", maxLength: 1000, examples: ["a tree"] },
    stop: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
  },
  examples: [{ prompt: "a red apple", seed: 1 }],
};

describe("a form made from a schema", () => {
  it("puts what is required first and leaves out what leaves no choice", () => {
    const shown = fieldsOf(card).map(({ name, kind }) => `${name} ${kind}`);

    expect(shown).toEqual(["prompt long", "n slider", "seed seed", "stop lines"]);
  });

  it("begins ready to press, with a seed at random", () => {
    const values = beginning(card);

    expect(values).toEqual({ prompt: "a red apple", n: 1 });
    expect(missing(card, values)).toEqual([]);
  });

  it("sends nothing that is empty, and lines as what they are", () => {
    const values = { prompt: "x", stop: "one\n\ntwo", seed: "" };

    expect(sent(card, values)).toEqual({ prompt: "x", stop: ["one", "two"] });
    expect(missing(card, { prompt: "" })).toEqual(["prompt"]);
  });
});

describe("code of the same request", () => {
  const request = { url: "http://x", model: "m", input: { prompt: "it's \"so\"", flag: true } };

  it("survives a shell's quotes", () => {
    expect(curl(request)).toContain(String.raw`it'\''s \"so\"`);
  });

  it("is Python where JSON is not", () => {
    expect(python(request)).toContain('"flag": True');
  });
});

describe("money", () => {
  it("loses no digit where it is exact, and rounds nothing up where it is rough", () => {
    expect(exact({ usd: "-0.002326214", nanos: "-2326214" })).toBe("−$0.002326214");
    expect(rough({ usd: "0.49999", nanos: "499990000" })).toBe("$0.4999");
    expect(exact(ofNanos(1_250_000n))).toBe("$0.00125");
    expect(ofNanos(-5n).usd).toBe("-0.000000005");
  });
});

describe("CSV", () => {
  it("quotes what it must and disarms formulas, but not amounts", () => {
    expect(csv([["-0.1", "=A1", 'a "b", c']])).toBe("-0.1,'=A1,\"a \"\"b\"\", c\"\r\n");
  });
});
