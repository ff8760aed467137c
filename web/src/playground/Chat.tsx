import { Collapse, Button, Paper, Stack, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useEffect, useState } from "react";

import type { Schemas } from "../api/client";
import { beginning, fieldsOf, type Input, type Schema, sent } from "../forms/schema";
import { SchemaForm } from "../forms/SchemaForm";
import { texts } from "../texts";
import { Told } from "../ui/Told";
import { AsCode } from "./AsCode";
import { useDraft, useOrder, useQuote } from "./order";
import { Halves, Press } from "./Playground";
import { Outcome } from "./Result";
import { Price, Waiting } from "./Run";

interface Message {
  role: "system" | "user" | "assistant";
  content: string;
}

/** A conversation; each answer is a job of its own, which carries all that was said. */
export function Chat({ card, schema }: { card: Schemas["ModelBody"]; schema: Schema }) {
  const first = beginning(schema);
  const example = first.messages as Message[] | undefined;
  const [said, setSaid] = useDraft<Message[]>(`${card.id}.said`, []);
  const [system, setSystem] = useDraft(`${card.id}.system`, "");
  const [message, setMessage] = useDraft(`${card.id}.message`, example?.[0]?.content ?? "");
  const [settings, setSettings] = useDraft<Input>(`${card.id}.settings`, first);
  const [more, { toggle }] = useDisclosure(false);
  const [heard, setHeard] = useState<string | null>(null);
  const order = useOrder(card.id);
  const next: Message[] = [
    ...(system.trim() ? [{ role: "system" as const, content: system }] : []),
    ...said,
    ...(message.trim() ? [{ role: "user" as const, content: message }] : []),
  ];
  const input = { ...sent(schema, { ...settings, messages: undefined }), messages: next };
  const ready = message.trim() !== "";
  const quote = useQuote(card.id, ready ? input : null, undefined);
  const job = order.job;
  const answer = (job?.result as { choices?: { message: Message }[] } | null)?.choices?.[0]?.message;
  useEffect(() => {
    if (!job || !answer || heard === job.id) return;
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the answer comes from outside
    setHeard(job.id);
    setSaid([...said, { role: "user", content: message }, answer]);
    setMessage("");
  }, [job, answer, heard, said, message, setSaid, setMessage]);
  const fields = fieldsOf(schema).filter((field) => field.name !== "messages");
  const form = (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        order.press(input);
      }}
    >
      <Stack>
        <Textarea
          label={texts.play.system}
          description={texts.play.systemHint}
          autosize
          maxRows={6}
          value={system}
          onChange={(event) => {
            setSystem(event.currentTarget.value);
          }}
        />
        <Textarea
          label={texts.play.message}
          autosize
          minRows={3}
          maxRows={10}
          readOnly={order.open}
          value={message}
          onChange={(event) => {
            setMessage(event.currentTarget.value);
          }}
        />
        <Button variant="subtle" size="compact-md" w="fit-content" onClick={toggle}
          aria-expanded={more}>
          {texts.play.settings}
        </Button>
        <Collapse expanded={more}>
          <SchemaForm
            fields={fields}
            values={settings}
            files={{}}
            give={() => undefined}
            change={(name, value) => {
              setSettings({ ...settings, [name]: value });
            }}
          />
        </Collapse>
        <Price amount={ready ? quote.data?.amount : undefined} />
        <Told error={order.error ?? (ready ? quote.error : null)} />
        <Press
          label={texts.play.send}
          pending={order.open}
          disabled={!ready || card.state === "not_served"}
          cancel={order.cancel}
        />
        {said.length > 0 && (
          <Button
            variant="subtle"
            size="compact-md"
            w="fit-content"
            onClick={() => {
              setSaid([]);
            }}
          >
            {texts.play.reset}
          </Button>
        )}
      </Stack>
    </form>
  );
  const talk = (
    <Stack aria-live="polite">
      {said.length === 0 && !job && <Text c="dimmed">{texts.play.chatEmpty}</Text>}
      {said.map((one, index) => (
        <Paper key={index} withBorder p="sm" data-role={one.role}>
          <Text size="xs" fw={600}>
            {one.role === "user" ? texts.play.you : texts.play.assistant}
          </Text>
          <Text className="plain">{one.content}</Text>
        </Paper>
      ))}
      {job && order.open && <Waiting job={job} card={card} />}
      {job && !order.open && <Outcome job={answer ? { ...job, result: null } : job} />}
    </Stack>
  );
  return (
    <Stack>
      <Halves form={form} result={talk} />
      {ready && <AsCode model={card.id} input={input} />}
    </Stack>
  );
}
