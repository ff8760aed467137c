import { Button, Collapse, Group, Progress, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";

import type { Schemas } from "../api/client";
import { beginning, fieldsOf, type Input, missing, type Schema, sent } from "../forms/schema";
import { SchemaForm } from "../forms/SchemaForm";
import type { Given, Measure } from "../forms/upload";
import { exact } from "../money";
import { texts } from "../texts";
import { Told } from "../ui/Told";
import { AsCode } from "./AsCode";
import { useDraft, useOrder, useQuote, useSeconds } from "./order";
import { Halves, Press } from "./Playground";
import { Outcome } from "./Result";

type Card = Schemas["ModelBody"];

/** One form; with a rival the same input goes to both models, as far as each takes it. */
export function Run({ card, schema, rival }: { card: Card; schema: Schema; rival?: Card }) {
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
  const against = useRival(rival, values, measure);
  const cancel =
    order.cancel ?? against.cancel
      ? () => {
          order.cancel?.();
          against.cancel?.();
        }
      : undefined;
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
        against.press();
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
        <Price amount={complete ? quote.data?.amount : undefined} of={rival && card.title} />
        {rival && !against.lacks && <Price amount={against.amount} of={rival.title} />}
        {against.lacks && <Text size="sm">{texts.play.rivalLacks(against.lacks)}</Text>}
        <Told error={order.error ?? (complete ? quote.error : null)} />
        <Press
          label={texts.play.generate}
          pending={order.open || against.open}
          disabled={!complete || card.state === "not_served"}
          cancel={cancel}
        />
      </Stack>
    </form>
  );
  const own = <Came job={order.job} open={order.open} card={card} />;
  const result = rival ? (
    <SimpleGrid cols={2}>
      <Titled title={card.title}>{own}</Titled>
      <Titled title={rival.title}>
        <Told error={against.error} />
        <Came job={against.job} open={against.open} card={rival} />
      </Titled>
    </SimpleGrid>
  ) : (
    own
  );
  return (
    <Stack>
      <Halves form={form} result={<div aria-live="polite">{result}</div>} />
      {complete && <AsCode model={card.id} input={input} />}
    </Stack>
  );
}

/** The second of two models that are compared. */
function useRival(rival: Card | undefined, values: Input, measure: Measure | undefined) {
  const schema: Schema = rival?.input_schema ?? {};
  const lacking = rival ? missing(schema, values) : [];
  const input = rival && lacking.length === 0 ? sent(schema, values) : null;
  const order = useOrder(rival?.id ?? "");
  const quote = useQuote(rival?.id ?? "", input, measure);
  return {
    // Of the model that was compared before nothing is shown.
    job: order.job?.model === rival?.id ? order.job : undefined,
    open: order.open,
    error: order.error ?? (input ? quote.error : null),
    cancel: order.cancel,
    amount: input ? quote.data?.amount : undefined,
    lacks: lacking.join(", "),
    press: () => {
      if (input) order.press(input);
    },
  };
}

function Came({ job, open, card }: {
  job: Schemas["JobBody"] | undefined;
  open: boolean;
  card: Card;
}) {
  if (!job) return <Text c="dimmed">{texts.play.empty}</Text>;
  return open ? <Waiting job={job} card={card} /> : <Outcome job={job} />;
}

function Titled({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Stack gap="xs">
      <Title order={2} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  );
}

export function Price({ amount, of }: { amount: Schemas["Money"] | undefined; of?: string }) {
  return (
    <Text size="sm" data-testid="price">
      {of && `${of}. `}
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
