import { Badge, Button, Card, Group, Modal, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { api, must, pressed, type Schemas } from "../api/client";
import { Copied } from "../playground/AsCode";
import { texts } from "../texts";
import { More } from "../ui/More";
import { Confirmed } from "../ui/Confirmed";
import { Coming, say, Told } from "../ui/Told";

const LIST = ["webhooks"];
const PAGE = 25;
const EVENTS: Schemas["EventType"][] = [
  "job.succeeded",
  "job.failed",
  "job.canceled",
  "job.expired",
  "job.blocked",
];
type Press = ReturnType<typeof pressed>;

export default function Webhooks() {
  const queries = useQueryClient();
  const [url, setUrl] = useState("");
  const [secret, setSecret] = useState<string | null>(null);
  const listed = useQuery({ queryKey: LIST, queryFn: () => must(api.GET("/v1/inference/webhooks")) });
  const added = useMutation({
    mutationFn: (header: Press) =>
      must(
        api.POST("/v1/inference/webhooks", {
          params: { header },
          body: { url, events: EVENTS, description: "" },
        }),
      ),
    onSuccess: (made) => {
      setUrl("");
      setSecret(made.secret);
      return queries.invalidateQueries({ queryKey: LIST });
    },
  });
  return (
    <Stack maw={1000} mx="auto">
      <Title order={1} size="h2">
        {texts.webhooks.title}
      </Title>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          added.mutate(pressed());
        }}
      >
        <Group align="end">
          <TextInput
            label={texts.webhooks.url}
            type="url"
            required
            value={url}
            onChange={(event) => {
              setUrl(event.currentTarget.value);
            }}
          />
          <Button type="submit" loading={added.isPending}>
            {texts.webhooks.add}
          </Button>
        </Group>
      </form>
      <Told error={added.error ?? listed.error} />
      {listed.isPending && <Coming />}
      {listed.data?.data.length === 0 && <Text>{texts.webhooks.empty}</Text>}
      {listed.data?.data.map((each) => <One key={each.id} it={each} />)}
      <Deliveries />
      <Modal
        opened={secret !== null}
        closeOnClickOutside={false}
        onClose={() => {
          setSecret(null);
        }}
        title={texts.webhooks.secretTitle}
      >
        <Stack>
          <Text>{texts.keys.onceText}</Text>
          <Copied text={secret ?? ""} label={texts.webhooks.secretTitle} />
        </Stack>
      </Modal>
    </Stack>
  );
}

function One({ it }: { it: Schemas["WebhookBody"] }) {
  const queries = useQueryClient();
  const path = { webhook_id: it.id };
  const again = () => queries.invalidateQueries({ queryKey: LIST });
  const tested = useMutation({
    mutationFn: (header: Press) =>
      must(api.POST("/v1/inference/webhooks/{webhook_id}/test", { params: { path, header } })),
    onSuccess: () => {
      say(texts.webhooks.tested);
      return queries.invalidateQueries({ queryKey: ["deliveries"] });
    },
  });
  const switched = useMutation({
    mutationFn: () =>
      must(
        api.PATCH("/v1/inference/webhooks/{webhook_id}", {
          params: { path },
          body: { enabled: !it.enabled },
        }),
      ),
    onSuccess: again,
  });
  const removed = useMutation({
    mutationFn: () => must(api.DELETE("/v1/inference/webhooks/{webhook_id}", { params: { path } })),
    onSuccess: again,
  });
  return (
    <Card withBorder>
      <Group justify="space-between">
        <div>
          <Text style={{ overflowWrap: "anywhere" }}>{it.url}</Text>
          <Text size="sm" c="dimmed">
            {it.events.join(", ")} {it.disabled_reason}
          </Text>
        </div>
        <Group>
          <Badge variant="default">
            {it.enabled ? texts.webhooks.enabled : texts.webhooks.disabled}
          </Badge>
          <Button
            size="xs"
            variant="default"
            loading={tested.isPending}
            onClick={() => {
              tested.mutate(pressed());
            }}
          >
            {texts.webhooks.test}
          </Button>
          <Button
            size="xs"
            variant="default"
            loading={switched.isPending}
            onClick={() => {
              switched.mutate();
            }}
          >
            {it.enabled ? texts.webhooks.disable : texts.webhooks.enable}
          </Button>
          <Confirmed
            label={texts.common.remove}
            title={texts.webhooks.removeTitle}
            act={() => removed.mutateAsync()}
          />
        </Group>
      </Group>
      <Told error={tested.error ?? switched.error} />
    </Card>
  );
}

function Deliveries() {
  const queries = useQueryClient();
  const pages = useInfiniteQuery({
    queryKey: ["deliveries"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) =>
      must(api.GET("/v1/inference/deliveries", { params: { query: { limit: PAGE, cursor } } })),
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });
  const repeated = useMutation({
    mutationFn: ({ id, header }: { id: string; header: Press }) =>
      must(
        api.POST("/v1/inference/deliveries/{delivery_id}/redeliver", {
          params: { path: { delivery_id: id }, header },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["deliveries"] }),
  });
  const all = pages.data?.pages.flatMap((page) => page.data) ?? [];
  const heads = [texts.common.when, texts.webhooks.event, texts.common.status, texts.webhooks.attempts];
  return (
    <Stack>
      <Title order={2} size="h4">
        {texts.webhooks.deliveries}
      </Title>
      <Told error={pages.error ?? repeated.error} />
      {pages.isSuccess && all.length === 0 && <Text>{texts.webhooks.noDeliveries}</Text>}
      {all.length > 0 && (
        <Table.ScrollContainer minWidth={640} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table aria-label={texts.webhooks.deliveries}>
            <Table.Thead>
              <Table.Tr>
                {heads.map((head) => (
                  <Table.Th key={head}>{head}</Table.Th>
                ))}
                <Table.Th>{texts.webhooks.again}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map((each) => (
                <Table.Tr key={each.id}>
                  <Table.Td>{new Date(each.happened_at).toLocaleString("en")}</Table.Td>
                  <Table.Td>
                    {each.job ? <Link to={`/jobs/${each.job}`}>{each.event}</Link> : each.event}
                  </Table.Td>
                  <Table.Td>
                    {each.state} {each.reason}
                  </Table.Td>
                  <Table.Td>
                    {each.attempts.map((one) => one.status ?? one.error ?? "").join(", ")}
                  </Table.Td>
                  <Table.Td>
                    {each.state !== "pending" && (
                      <Button
                        size="compact-xs"
                        variant="default"
                        loading={repeated.isPending && repeated.variables.id === each.id}
                        onClick={() => {
                          repeated.mutate({ id: each.id, header: pressed() });
                        }}
                      >
                        {texts.webhooks.again}
                      </Button>
                    )}
                  </Table.Td>
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
