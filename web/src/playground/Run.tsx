import { Button, Collapse, Group, Progress, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";

import type { Schemas } from "../api/client";
import { beginning, fieldsOf, type Input, missing, type Schema, sent } from "../forms/schema";
import { SchemaForm } from "../forms/SchemaForm";
import type { Given } from "../forms/upload";
import { exact } from "../money";
import { texts } from "../texts";
import { Told } from "../ui/Told";
import { AsCode } from "./AsCode";
import { useDraft, useOrder, useQuote, useSeconds } from "./order";
import { Halves, Press } from "./Playground";
import { Outcome } from "./Result";

type Card = Schemas["ModelBody"];

export function Run({ card, schema }: { card: Card; schema: Schema }) {
  const first = beginning(schema);
  const [values, setValues] = useDraft<Input>(card.id, first);
  const [files, setFiles] = useState<Record<string, Given>>({});
  const [more, { toggle }] = useDisclosure(false);
  const order = useOrder(card.id);
  const complete = missing(schema, values).length === 0;
  const input = sent(schema, values);
  const measure = files.image?.measure ?? files.audio?.measure;
  const quote = useQuote(card.id, complete ? input : null, measure);
  const fields = fieldsOf(schema);
  const shared = {
    values,
    files,
    change: (name: string, value: unknown) => {
      setValues({ ...values, [name]: value });
    },
    give: (name: string, given: Given) => {
      setFiles({ ...files, [name]: given });
      setValues({ ...values, [name]: given.reference });
    },
  };
  const form = (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        order.press(input);
      }}
    >
      <Stack>
        <SchemaForm fields={fields.filter((field) => field.required)} {...shared} />
        <Group justify="space-between">
          <Button variant="subtle" size="compact-md" onClick={toggle} aria-expanded={more}>
            {texts.play.settings}
          </Button>
          <Button
            variant="subtle"
            size="compact-md"
            onClick={() => {
              setValues(first);
              setFiles({});
            }}
          >
            {texts.play.reset}
          </Button>
        </Group>
        <Collapse expanded={more}>
          <SchemaForm fields={fields.filter((field) => !field.required)} {...shared} />
        </Collapse>
        <Price amount={complete ? quote.data?.amount : undefined} />
        <Told error={order.error ?? (complete ? quote.error : null)} />
        <Press
          label={texts.play.generate}
          pending={order.open}
          disabled={!complete || card.state === "not_served"}
          cancel={order.cancel}
        />
      </Stack>
    </form>
  );
  const result = order.job ? (
    order.open ? <Waiting job={order.job} card={card} /> : <Outcome job={order.job} />
  ) : (
    <Text c="dimmed">{texts.play.empty}</Text>
  );
  return (
    <Stack>
      <Halves form={form} result={<div aria-live="polite">{result}</div>} />
      {complete && <AsCode model={card.id} input={input} />}
    </Stack>
  );
}

export function Price({ amount }: { amount: Schemas["Money"] | undefined }) {
  return (
    <Text size="sm" data-testid="price">
      {amount ? `${texts.play.price}: ${exact(amount)}` : texts.play.priceUnknown}
    </Text>
  );
}

/** How a job stands, as far as anybody knows. */
export function Waiting({ job, card }: { job: Schemas["JobBody"]; card: Card }) {
  const seconds = useSeconds(true);
  const place = job.queue_position
    ? texts.play.queued(job.queue_position)
    : card.state === "asleep"
      ? texts.play.waking
      : texts.play.sent;
  return (
    <Stack gap="xs" role="status">
      <Progress value={100} animated aria-label={texts.play.generating} />
      <Text>{place}</Text>
      <Text size="sm" c="dimmed">
        {texts.play.elapsed(seconds)}
        {job.eta_s !== null && ` · ${texts.play.eta(job.eta_s)}`}
      </Text>
    </Stack>
  );
}
