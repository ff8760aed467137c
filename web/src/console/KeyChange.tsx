import { Button, Modal, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { api, must, type Schemas } from "../api/client";
import { texts } from "../texts";
import { Told } from "../ui/Told";
import { allowanceOf, BudgetFields, budgetOf, RateField } from "./Limits";

/** Another name, budget or rate for a key. */
export function KeyChange({ it, close, changed }: {
  it: Schemas["Key"];
  close: () => void;
  changed: () => Promise<unknown>;
}) {
  const [name, setName] = useState(it.name);
  const [budget, setBudget] = useState(allowanceOf(it.budget));
  const [rate, setRate] = useState<number | string>(it.rate_per_minute ?? "");
  const sent = useMutation({
    mutationFn: () =>
      must(
        api.PATCH("/v1/auth/keys/{key}", {
          params: { path: { key: it.id } },
          body: {
            name,
            budget: budgetOf(budget),
            rate_per_minute: rate === "" ? null : Number(rate),
          },
        }),
      ),
    onSuccess: changed,
  });
  return (
    <Modal opened onClose={close} title={texts.keys.change}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          sent.mutate();
        }}
      >
        <Stack>
          <TextInput
            label={texts.keys.name}
            required
            value={name}
            onChange={(event) => { setName(event.currentTarget.value); }}
          />
          <BudgetFields value={budget} change={setBudget} />
          <RateField value={rate} change={setRate} />
          <Told error={sent.error} />
          <Button type="submit" loading={sent.isPending}>
            {texts.common.save}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
