import { NumberInput, Select } from "@mantine/core";

import type { Schemas } from "../api/client";
import { texts } from "../texts";

export interface Allowance {
  usd: number | string;
  period: Schemas["Budget"]["period"];
}

export const NO_BUDGET: Allowance = { usd: "", period: "month" };

/** As the API takes it; null for none. */
export function budgetOf({ usd, period }: Allowance): Schemas["Budget"] | null {
  return usd === "" ? null : { usd: String(usd), period };
}

export function allowanceOf(budget: Schemas["Budget"] | null): Allowance {
  return budget ? { usd: Number(budget.usd), period: budget.period } : NO_BUDGET;
}

export function budgetText(budget: Schemas["Budget"]): string {
  return `$${budget.usd} ${texts.keys[budget.period]}`;
}

/** Dollars, and for how long; empty for no budget. */
export function BudgetFields({ value, change }: {
  value: Allowance;
  change: (value: Allowance) => void;
}) {
  return (
    <>
      <NumberInput
        label={texts.keys.budget}
        description={texts.keys.budgetHint}
        min={0}
        max={999_999}
        decimalScale={9}
        value={value.usd}
        onChange={(usd) => { change({ ...value, usd }); }}
      />
      {value.usd !== "" && (
        <Select
          label={texts.keys.period}
          allowDeselect={false}
          data={[
            { value: "month", label: texts.keys.month },
            { value: "total", label: texts.keys.total },
          ]}
          value={value.period}
          onChange={(chosen) => {
            change({ ...value, period: chosen === "total" ? "total" : "month" });
          }}
        />
      )}
    </>
  );
}

export function RateField({ value, change }: {
  value: number | string;
  change: (value: number | string) => void;
}) {
  return (
    <NumberInput
      label={texts.keys.rate}
      description={texts.keys.rateHint}
      min={1}
      max={100_000}
      allowDecimal={false}
      value={value}
      onChange={change}
    />
  );
}
