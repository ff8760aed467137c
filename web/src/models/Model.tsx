import { Badge, Button, Card, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { model } from "../api/queries";
import { type Input, readable, type Schema } from "../forms/schema";
import { exact, ofNanos } from "../money";
import { AsCode } from "../playground/AsCode";
import { texts } from "../texts";
import { Coming, Told } from "../ui/Told";

export default function Model() {
  const { id = "" } = useParams();
  const asked = useQuery(model(id));
  if (asked.isPending) return <Coming lines={8} />;
  if (asked.error) return <Told error={asked.error} again={() => void asked.refetch()} />;
  const card = asked.data;
  const example = card.examples[0];
  return (
    <Stack maw={1000} mx="auto">
      <Group justify="space-between">
        <Group>
          <Title order={1} size="h2">
            {card.title}
          </Title>
          <Badge variant="default">{texts.play.state[card.state]}</Badge>
        </Group>
        <Button component={Link} to={`/playground/${card.id}`}>
          {texts.models.tryIt}
        </Button>
      </Group>
      <Text>{card.description}</Text>
      <Facts
        title={texts.models.price}
        rows={Object.entries(card.prices).map(([unit, { nanos, per }]) => [
          readable(unit),
          `${exact(ofNanos(BigInt(nanos)))} ${texts.models.per(per, readable(unit).toLowerCase())}`,
        ])}
      />
      <Facts title={texts.models.licence} rows={Object.entries(card.licence)} />
      <Facts
        title={texts.models.limits}
        rows={Object.entries(card.limits).map(([name, most]) => [
          readable(name),
          most.toLocaleString("en"),
        ])}
      />
      <Parameters schema={card.input_schema as Schema} />
      {example && <AsCode model={card.id} input={example as Input} />}
    </Stack>
  );
}

function Facts({ title, rows }: { title: string; rows: [string, string][] }) {
  return (
    <Card withBorder>
      <Title order={2} size="h5">
        {title}
      </Title>
      <Table>
        <Table.Tbody>
          {rows.map(([name, told]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row">{readable(name)}</Table.Th>
              <Table.Td>{told}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function Parameters({ schema }: { schema: Schema }) {
  return (
    <Card withBorder>
      <Title order={2} size="h5">
        {texts.models.parameters}
      </Title>
      <Table.ScrollContainer
        minWidth={500}
        scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
      >
        <Table>
          <Table.Thead>
            <Table.Tr>
              {[texts.models.parameter, texts.models.type, texts.models.default, texts.models.meaning].map(
                (head) => (
                  <Table.Th key={head}>{head}</Table.Th>
                ),
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {Object.entries(schema.properties ?? {}).map(([name, given]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row">{name}</Table.Th>
                <Table.Td>{typeOf(given)}</Table.Td>
                <Table.Td>
                  {schema.required?.includes(name)
                    ? texts.models.required
                    : given.default === undefined
                      ? ""
                      : JSON.stringify(given.default)}
                </Table.Td>
                <Table.Td>{given.description}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}

/** `integer, 1 to 50`, `mp3 | wav`. */
function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" | ");
  if (schema["x-sluice-file"]) return schema["x-sluice-file"].content_types.join(" | ");
  const range =
    schema.maximum === undefined
      ? ""
      : `, ${schema.minimum ?? schema.exclusiveMinimum ?? ""} to ${schema.maximum}`;
  return `${schema.type ?? ""}${schema.type === "array" ? ` of ${schema.items?.type ?? ""}` : ""}${range}`;
}
