import { Button, Card, Grid, Group, Select, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearchParams } from "react-router";

import { model as modelQuery, models } from "../api/queries";
import { readable, type Schema } from "../forms/schema";
import { texts } from "../texts";
import { Coming, Told } from "../ui/Told";
import { Chat } from "./Chat";
import { History } from "./History";
import { Run } from "./Run";

const FIRST = "text-to-image";
const CONVERSED = "chat";

export default function Playground() {
  const navigate = useNavigate();
  const { model: named } = useParams();
  const [search, setSearch] = useSearchParams();
  const listed = useQuery(models);
  const all = [...(listed.data?.data ?? [])].sort((a, b) => Number(b.served) - Number(a.served));
  const chosen =
    all.find((each) => each.id === named) ?? all.find((each) => each.task === FIRST) ?? all[0];
  const tasks = [...new Set(all.map((each) => each.task))];
  const rivals = all.filter(
    (each) => each.task === chosen?.task && each.served && each.id !== chosen.id,
  );
  const rival = rivals.find((each) => each.id === search.get("with"))?.id;
  const open = (id: string | undefined) => {
    if (id) void navigate(`/playground/${id}`);
  };
  if (listed.isPending) return <Coming lines={8} />;
  if (listed.error || !chosen)
    return <Told error={listed.error} again={() => void listed.refetch()} />;
  return (
    <Stack maw={1200} mx="auto">
      <Title order={1} size="h2">
        {texts.play.title}
      </Title>
      <Group grow align="end" preventGrowOverflow={false}>
        <Select
          label={texts.play.task}
          data={tasks.map((task) => ({ value: task, label: readable(task) }))}
          value={chosen.task}
          allowDeselect={false}
          onChange={(task) => {
            open(all.find((each) => each.task === task)?.id);
          }}
        />
        <Select
          label={texts.play.model}
          data={all
            .filter((each) => each.task === chosen.task)
            .map((each) => ({
              value: each.id,
              label: each.served ? each.title : `${each.title} (${texts.models.notHere})`,
            }))}
          value={chosen.id}
          allowDeselect={false}
          onChange={(id) => {
            open(id ?? undefined);
          }}
        />
        {chosen.task !== CONVERSED && rivals.length > 0 && (
          <Select
            label={texts.play.compare}
            placeholder={texts.play.nothing}
            clearable
            clearButtonProps={{ "aria-label": texts.play.nothing }}
            data={rivals.map((each) => ({ value: each.id, label: each.title }))}
            value={rival ?? null}
            onChange={(id) => { setSearch(id ? { with: id } : {}); }}
          />
        )}
      </Group>
      <Chosen id={chosen.id} rival={rival} key={chosen.id} />
      <History />
    </Stack>
  );
}

function Chosen({ id, rival }: { id: string; rival: string | undefined }) {
  const asked = useQuery(modelQuery(id));
  const against = useQuery({ ...modelQuery(rival ?? ""), enabled: rival !== undefined });
  if (asked.isPending) return <Coming lines={6} />;
  if (asked.error) return <Told error={asked.error} again={() => void asked.refetch()} />;
  const card = asked.data;
  const schema = card.input_schema as Schema;
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {card.description}{" "}
        {card.state === "not_served"
          ? texts.play.notServed
          : card.state === "asleep" && texts.play.asleep(card.wake_s)}
      </Text>
      {schema.properties?.messages ? (
        <Chat card={card} schema={schema} />
      ) : (
        <Run card={card} schema={schema} rival={rival ? against.data : undefined} />
      )}
    </Stack>
  );
}

/** Two halves, one above the other on a phone. */
export function Halves({ form, result }: { form: React.ReactNode; result: React.ReactNode }) {
  return (
    <Grid>
      <Grid.Col span={{ base: 12, md: 6 }}>
        <Card withBorder>{form}</Card>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 6 }}>
        <Card withBorder mih={240}>
          {result}
        </Card>
      </Grid.Col>
    </Grid>
  );
}

export function Press({ label, pending, disabled, cancel }: {
  label: string;
  pending: boolean;
  disabled: boolean;
  cancel: (() => void) | undefined;
}) {
  return (
    <Group>
      <Button type="submit" disabled={disabled || pending} loading={pending && !cancel}>
        {pending ? texts.play.generating : label}
      </Button>
      {cancel && (
        <Button variant="default" onClick={cancel}>
          {texts.play.cancel}
        </Button>
      )}
    </Group>
  );
}
