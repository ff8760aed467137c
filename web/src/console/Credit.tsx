import { Alert, Button, Card, Group, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { api, must, type Schemas } from "../api/client";
import { balance } from "../api/queries";
import { exact } from "../money";
import { texts } from "../texts";
import { More } from "../ui/More";
import { Coming, Told } from "../ui/Told";
import { csv, save } from "./csv";

type Line = Schemas["LineBody"];
const PAGE = 25;

export default function Credit() {
  const asked = useQuery(balance);
  const held = asked.data;
  return (
    <Stack maw={1000} mx="auto">
      <Title order={1} size="h2">
        {texts.credit.title}
      </Title>
      {asked.isPending && <Coming />}
      <Told error={asked.error} again={() => void asked.refetch()} />
      {held?.frozen && <Alert color="red">{texts.credit.frozen}</Alert>}
      {held && (
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <Sum title={texts.credit.available} money={held.available} />
          <Sum title={texts.credit.held} money={held.held} />
          <Sum title={texts.credit.bought} money={held.bought} />
        </SimpleGrid>
      )}
      {held && held.grants.length > 0 && (
        <Card withBorder>
          <Title order={2} size="h5">
            {texts.credit.grants}
          </Title>
          {held.grants.map((grant) => (
            <Text key={grant.id} size="sm">
              {texts.credit.reason(grant.reason)}: {exact(grant.available)} / {exact(grant.given)},{" "}
              {texts.credit.expires(new Date(grant.expires_at).toLocaleDateString("en"))}
            </Text>
          ))}
        </Card>
      )}
      <Lines />
    </Stack>
  );
}

function Sum({ title, money }: { title: string; money: Schemas["Money"] }) {
  return (
    <Card withBorder>
      <Text size="sm" c="dimmed">
        {title}
      </Text>
      <Text fw={600} size="lg">
        {exact(money)}
      </Text>
    </Card>
  );
}

function Lines() {
  const pages = useInfiniteQuery({
    queryKey: ["lines"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      must(
        api.GET("/v1/billing/lines", { params: { query: { limit: PAGE, cursor: pageParam } } }),
      ),
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });
  const lines = pages.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={2} size="h4">
          {texts.credit.lines}
        </Title>
        <Button
          variant="default"
          size="xs"
          disabled={lines.length === 0}
          onClick={() => {
            save("entries.csv", asCsv(lines));
          }}
        >
          {texts.credit.csv}
        </Button>
      </Group>
      {pages.isPending && <Coming />}
      <Told error={pages.error} again={() => void pages.refetch()} />
      {pages.isSuccess && lines.length === 0 && <Text>{texts.credit.empty}</Text>}
      {lines.length > 0 && (
        <Table.ScrollContainer minWidth={520} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table aria-label={texts.credit.lines}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{texts.common.when}</Table.Th>
                <Table.Th>{texts.credit.what}</Table.Th>
                <Table.Th>{texts.credit.amount}</Table.Th>
                <Table.Th>{texts.credit.heldBefore}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {lines.map((line) => (
                <Table.Tr key={`${line.cause} ${line.grant ?? ""}`}>
                  <Table.Td>{new Date(line.ended_at).toLocaleString("en")}</Table.Td>
                  <Table.Td>
                    {line.job ? <Link to={`/jobs/${line.job}`}>{nameOf(line)}</Link> : nameOf(line)}
                  </Table.Td>
                  <Table.Td>
                    {line.state === "released" ? texts.credit.released : exact(line.amount)}
                  </Table.Td>
                  <Table.Td>{exact(line.held)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <More of={pages} />
    </Stack>
  );
}

function nameOf(line: Line): string {
  const model = line.price?.model;
  return typeof model === "string" ? model : texts.credit.reason(line.reason ?? line.kind);
}

function asCsv(lines: Line[]): string {
  return csv([
    ["ended_at", "kind", "state", "what", "cause", "amount_usd", "held_usd"],
    ...lines.map((line) => [
      line.ended_at, line.kind, line.state, nameOf(line), line.cause, line.amount.usd, line.held.usd,
    ]),
  ]);
}
