import { Badge, Button, Card, Group, Modal, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { api, must, type Schemas } from "../api/client";
import { ENDED, job as jobQuery } from "../api/queries";
import { texts } from "../texts";
import { Coming, say, Told } from "../ui/Told";

type Job = Schemas["JobBody"];
const SHOWN = 8;

export function History() {
  const listed = useQuery({
    queryKey: ["jobs", "latest"],
    queryFn: () => must(api.GET("/v1/inference/jobs", { params: { query: { limit: SHOWN } } })),
  });
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {texts.play.history}
      </Title>
      <Text size="sm" c="dimmed">
        {texts.play.historyNote}
      </Text>
      {listed.isPending && <Coming />}
      <Told error={listed.error} again={() => void listed.refetch()} />
      {listed.data?.data.length === 0 && <Text>{texts.common.none}</Text>}
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 4 }}>
        {listed.data?.data.map((job) => <Kept key={job.id} job={job} />)}
      </SimpleGrid>
    </Stack>
  );
}

function Kept({ job }: { job: Job }) {
  const pictures = job.status === "succeeded" && /image|inpaint|upscale/.test(job.task);
  const whole = useQuery({ ...jobQuery(job.id), enabled: pictures && !job.deleted });
  const images = (whole.data?.result as { images?: { url: string }[] } | null)?.images;
  const first = images?.[0] && new URL(images[0].url);
  return (
    <Card withBorder padding="sm">
      <Stack gap={6}>
        {first && (
          <img className="picture" src={first.pathname + first.search} alt={job.task} loading="lazy" />
        )}
        <Group gap={6} justify="space-between">
          <Link to={`/jobs/${job.id}`}>{job.model}</Link>
          <Badge variant="light" color="gray" autoContrast>
            {job.status}
          </Badge>
        </Group>
        <Text size="xs">{new Date(job.created_at).toLocaleString("en")}</Text>
        {ENDED.has(job.status) && !job.deleted && <Deletion id={job.id} />}
      </Stack>
    </Card>
  );
}

export function Deletion({ id }: { id: string }) {
  const [asked, setAsked] = useState(false);
  const queries = useQueryClient();
  const removed = useMutation({
    mutationFn: () =>
      must(api.DELETE("/v1/inference/jobs/{job_id}", { params: { path: { job_id: id } } })),
    onSuccess: async () => {
      setAsked(false);
      say(texts.play.deleted);
      await queries.invalidateQueries({ queryKey: ["jobs"] });
      await queries.invalidateQueries({ queryKey: ["job", id] });
    },
  });
  return (
    <>
      <Button size="compact-xs" variant="default" w="fit-content" onClick={() => { setAsked(true); }}>
        {texts.common.remove}
      </Button>
      <Modal
        opened={asked}
        onClose={() => { setAsked(false); }}
        title={texts.play.deleteTitle}
      >
        <Stack>
          <Text>{texts.play.deleteText}</Text>
          <Told error={removed.error} />
          <Button color="red" loading={removed.isPending} onClick={() => { removed.mutate(); }}>
            {texts.common.remove}
          </Button>
        </Stack>
      </Modal>
    </>
  );
}
