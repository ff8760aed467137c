import { Badge, Card, Group, Select, Stack, Table, Text, Timeline, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearchParams } from "react-router";

import { api, must, type Schemas } from "../api/client";
import { ENDED, job as jobQuery, models } from "../api/queries";
import { exact } from "../money";
import { Deletion } from "../playground/History";
import { Outcome } from "../playground/Result";
import { texts } from "../texts";
import { More } from "../ui/More";
import { Coming, Told } from "../ui/Told";

const STATUSES = ["accepted", "queued", ...ENDED];
const PAGE = 25;

export default function Jobs() {
  const { id } = useParams();
  return id ? <One id={id} /> : <List />;
}

function List() {
  const [search, setSearch] = useSearchParams();
  const known = useQuery(models);
  const filter = {
    status: (search.get("status") ?? undefined) as Schemas["Status"] | undefined,
    model: search.get("model") ?? undefined,
  };
  const pages = useInfiniteQuery({
    queryKey: ["jobs", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) =>
      must(
        api.GET("/v1/inference/jobs", { params: { query: { limit: PAGE, cursor, ...filter } } }),
      ),
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });
  const jobs = pages.data?.pages.flatMap((page) => page.data) ?? [];
  const choice = (name: "status" | "model", label: string, data: string[]) => (
    <Select
      label={label}
      placeholder={texts.common.all}
      clearable
      clearButtonProps={{ "aria-label": texts.common.all }}
      data={data}
      value={filter[name] ?? null}
      onChange={(value) => {
        const next = new URLSearchParams(search);
        if (value) next.set(name, value);
        else next.delete(name);
        setSearch(next, { replace: true });
      }}
    />
  );
  return (
    <Stack maw={1000} mx="auto">
      <Title order={1} size="h2">
        {texts.jobs.title}
      </Title>
      <Group>
        {choice("status", texts.common.status, STATUSES)}
        {choice("model", texts.jobs.model, known.data?.data.map((each) => each.id) ?? [])}
      </Group>
      {pages.isPending && <Coming />}
      <Told error={pages.error} again={() => void pages.refetch()} />
      {pages.isSuccess && jobs.length === 0 && <Text>{texts.jobs.empty}</Text>}
      {jobs.length > 0 && (
        <Table.ScrollContainer minWidth={520} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table aria-label={texts.jobs.title}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{texts.jobs.began}</Table.Th>
                <Table.Th>{texts.jobs.model}</Table.Th>
                <Table.Th>{texts.common.status}</Table.Th>
                <Table.Th>{texts.jobs.charged}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {jobs.map((job) => (
                <Table.Tr key={job.id}>
                  <Table.Td>
                    <Link to={`/jobs/${job.id}`}>{new Date(job.created_at).toLocaleString("en")}</Link>
                  </Table.Td>
                  <Table.Td>{job.model}</Table.Td>
                  <Table.Td>{job.status}</Table.Td>
                  <Table.Td>{job.price.charged ? exact(job.price.charged) : ""}</Table.Td>
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

function One({ id }: { id: string }) {
  const asked = useQuery(jobQuery(id));
  const ended = asked.data && ENDED.has(asked.data.status);
  const events = useQuery({
    queryKey: ["job", id, "timeline"],
    queryFn: () =>
      must(
        api.GET("/v1/inference/jobs/{job_id}/timeline", { params: { path: { job_id: id } } }),
      ),
    refetchInterval: ended ? false : 2_000,
  });
  if (asked.isPending) return <Coming lines={6} />;
  if (asked.error) return <Told error={asked.error} again={() => void asked.refetch()} />;
  const job = asked.data;
  return (
    <Stack maw={800} mx="auto">
      <Link to="/jobs">{texts.jobs.title}</Link>
      <Group justify="space-between">
        <Title order={1} size="h3" style={{ overflowWrap: "anywhere" }}>
          {job.id}
        </Title>
        <Group>
          <Badge variant="default">{job.status}</Badge>
          {ended && !job.deleted && <Deletion id={id} />}
        </Group>
      </Group>
      <Text>
        <Link to={`/models/${job.model}`}>{job.model}</Link>
        {job.usage &&
          ` · ${texts.jobs.usage}: ${Object.entries(job.usage)
            .map(([unit, count]) => `${count.toLocaleString("en")} ${unit}`)
            .join(", ")}`}
      </Text>
      {job.deleted ? <Text>{texts.jobs.deletedNote}</Text> : <Outcome job={job} />}
      <Card withBorder>
        <Title order={2} size="h5" mb="sm">
          {texts.jobs.timeline}
        </Title>
        <Told error={events.error} again={() => void events.refetch()} />
        <Timeline active={events.data?.data.length ?? 0} bulletSize={14}>
          {events.data?.data.map((event) => (
            <Timeline.Item
              key={`${event.event} ${event.at} ${event.delivery?.id ?? ""}`}
              title={texts.jobs.event[event.event] ?? event.event}
            >
              <Text size="sm">
                {new Date(event.at).toLocaleString("en")}
                {event.charged && ` · ${exact(event.charged)}`}
              </Text>
            </Timeline.Item>
          ))}
        </Timeline>
      </Card>
    </Stack>
  );
}
