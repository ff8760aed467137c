/** Money as the API tells it: exact strings. Arithmetic is on whole nanodollars alone. */
export interface Money {
  usd: string;
  nanos: string;
}

const PLACES = 9;

/** `$0.002326214`: every digit that there is, at least two. */
export function exact(money: Money): string {
  return signed(money.usd, (whole, rest) => `${whole}.${rest.padEnd(2, "0")}`);
}

/** `$0.4977`: to four places, towards zero, for where one looks only for how much is left. */
export function rough(money: Money): string {
  return signed(money.usd, (whole, rest) => `${whole}.${rest.slice(0, 4).padEnd(2, "0")}`);
}

function signed(usd: string, shape: (whole: string, rest: string) => string): string {
  const minus = usd.startsWith("-");
  const [whole = "0", rest = ""] = (minus ? usd.slice(1) : usd).split(".");
  return `${minus ? "−" : ""}$${shape(whole, rest)}`;
}

/** Nanodollars as a decimal of dollars. */
export function ofNanos(nanos: bigint): Money {
  const size = nanos < 0n ? -nanos : nanos;
  const text = size.toString().padStart(PLACES + 1, "0");
  const rest = text.slice(-PLACES).replace(/0+$/, "");
  const usd = `${nanos < 0n ? "-" : ""}${text.slice(0, -PLACES)}${rest && `.${rest}`}`;
  return { usd, nanos: nanos.toString() };
}
