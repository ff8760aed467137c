import { Badge, Card, Group, Select, SimpleGrid, Stack, Switch, Text, TextInput, Title,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";

import { models } from "../api/queries";
import { readable } from "../forms/schema";
import { texts } from "../texts";
import { Coming, Told } from "../ui/Told";

/** What is searched for stands in the address, so that it can be shared and gone back to. */
export default function Models() {
  const listed = useQuery(models);
  const [search, setSearch] = useSearchParams();
  const [wanted, task, here] = [search.get("q") ?? "", search.get("task"), search.has("here")];
  const all = [...(listed.data?.data ?? [])].sort((a, b) => Number(b.served) - Number(a.served));
  const put = (name: string, value: string | null) => {
    const next = new URLSearchParams(search);
    if (value) next.set(name, value);
    else next.delete(name);
    setSearch(next, { replace: true });
  };
  const shown = all.filter(
    (each) =>
      (!task || each.task === task) &&
      (!here || each.served) &&
      `${each.id} ${each.title} ${each.description}`.toLowerCase().includes(wanted.toLowerCase()),
  );
  return (
    <Stack maw={1200} mx="auto">
      <Title order={1} size="h2">
        {texts.models.title}
      </Title>
      <Group align="end">
        <TextInput
          label={texts.models.search}
          type="search"
          value={wanted}
          onChange={(event) => {
            put("q", event.currentTarget.value);
          }}
        />
        <Select
          label={texts.models.task}
          placeholder={texts.common.all}
          clearable
          clearButtonProps={{ "aria-label": texts.common.all }}
          data={[...new Set(all.map((each) => each.task))].map((value) => ({
            value,
            label: readable(value),
          }))}
          value={task}
          onChange={(value) => {
            put("task", value);
          }}
        />
        <Switch
          label={texts.models.served}
          checked={here}
          onChange={(event) => {
            put("here", event.currentTarget.checked ? "1" : null);
          }}
        />
      </Group>
      {listed.isPending && <Coming />}
      <Told error={listed.error} again={() => void listed.refetch()} />
      {listed.isSuccess && shown.length === 0 && <Text>{texts.models.none}</Text>}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {shown.map((each) => (
          <Card key={each.id} withBorder>
            <Stack gap="xs">
              <Group justify="space-between">
                <Title order={2} size="h5">
                  <Link to={`/models/${each.id}`}>{each.title}</Link>
                </Title>
                <Badge variant="default">
                  {each.served ? texts.models.here : texts.models.notHere}
                </Badge>
              </Group>
              <Text size="sm" c="dimmed">
                {readable(each.task)} · {each.licence.model}
              </Text>
              <Text size="sm" lineClamp={3}>
                {each.description}
              </Text>
            </Stack>
          </Card>
        ))}
      </SimpleGrid>
    </Stack>
  );
}
