import { Alert, Anchor, Button, Code, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { api, must, type Schemas } from "../api/client";
import { ENDED, policy } from "../api/queries";
import { exact } from "../money";
import { texts } from "../texts";

type Job = Schemas["JobBody"];
interface Result {
  images?: { url: string; width: number; height: number; seed?: number }[];
  audio?: { url: string; duration_ms: number };
  text?: string;
  choices?: { text?: string; message?: { content: string } }[];
  data?: { embedding: number[] }[];
}

/** What came of a job, however it ended. */
export function Outcome({ job }: { job: Job }) {
  return (
    <Stack>
      {job.status === "blocked" && <Blocked job={job} />}
      {job.error && job.status !== "blocked" && (
        <Alert color="red" title={texts.play.failedTitle} role="alert">
          {job.error.message}
        </Alert>
      )}
      {job.status === "canceled" && <Text>{texts.play.canceled}</Text>}
      {job.result && <Shown result={job.result as Result} />}
      {ENDED.has(job.status) && <Facts job={job} />}
    </Stack>
  );
}

function Facts({ job }: { job: Job }) {
  const took = job.ended_at ? (Date.parse(job.ended_at) - Date.parse(job.created_at)) / 1000 : null;
  const charged = job.price.charged;
  return (
    <Text size="sm" c="dimmed" data-testid="facts">
      {[
        took !== null && texts.play.took(took.toFixed(1)),
        charged && charged.nanos !== "0"
          ? texts.play.charged(exact(charged))
          : texts.play.notCharged,
      ]
        .filter(Boolean)
        .join(" · ")}{" "}
      · <Link to={`/jobs/${job.id}`}>{texts.play.openJob}</Link>
    </Text>
  );
}

function Shown({ result }: { result: Result }) {
  if (result.images)
    return (
      <SimpleGrid cols={result.images.length > 1 ? 2 : 1}>
        {result.images.map((image) => (
          <figure key={image.url} style={{ margin: 0 }}>
            <img
              className="picture"
              src={local(image.url)}
              width={image.width}
              height={image.height}
              alt={texts.play.result}
            />
            <Group component="figcaption" justify="space-between" mt={4}>
              <Text size="sm">
                {image.seed === undefined ? "" : `${texts.play.seed} ${image.seed}`}
              </Text>
              <Anchor size="sm" href={local(image.url)} download>
                {texts.play.download}
              </Anchor>
            </Group>
          </figure>
        ))}
      </SimpleGrid>
    );
  if (result.audio)
    return (
      <Stack>
        {/* eslint-disable-next-line jsx-a11y/media-has-caption -- its words are the input itself */}
        <audio controls src={local(result.audio.url)} />
        <Button component="a" href={local(result.audio.url)} download variant="default" w="fit-content">
          {texts.play.download}
        </Button>
      </Stack>
    );
  const said = result.text ?? result.choices?.[0]?.message?.content ?? result.choices?.[0]?.text;
  if (said !== undefined) return <Text className="plain">{said}</Text>;
  if (result.data)
    return <Text>{result.data.map((one) => texts.play.numbers(one.embedding.length)).join(", ")}</Text>;
  return <Code block>{JSON.stringify(result, null, 2)}</Code>;
}

/** Result links are ours: they are asked for at the origin that the page came from. */
function local(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

function Blocked({ job }: { job: Job }) {
  const named = useQuery(policy);
  const verdicts = useQuery({
    queryKey: ["verdicts", job.id],
    queryFn: () => must(api.GET("/v1/content/verdicts", { params: { query: { limit: 20 } } })),
    // A verdict is written from a stream, a moment after its job ended.
    refetchInterval: ({ state }) =>
      state.dataUpdateCount < 5 && !state.data?.data.some((one) => one.job === job.id) && 1_500,
  });
  const found = verdicts.data?.data.filter((one) => one.job === job.id) ?? [];
  const categories = new Set(found.flatMap((one) => one.findings.map((each) => each.category)));
  const titles = [...categories].map(
    (category) =>
      named.data?.categories.find((each) => each.category === category)?.title ?? category,
  );
  return (
    <Alert color="orange" title={texts.play.blockedTitle} role="alert">
      <Stack gap="xs">
        <Text size="sm">
          {titles.length > 0 ? texts.play.blockedBy(titles.join(", ")) : job.error?.message}{" "}
          {texts.play.blockedCharge}
        </Text>
        <Text size="sm">{texts.play.appeal(job.id)}</Text>
      </Stack>
    </Alert>
  );
}
