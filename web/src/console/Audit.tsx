import { Stack, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import { api, must } from "../api/client";
import { texts } from "../texts";
import { More } from "../ui/More";
import { Coming, Told } from "../ui/Told";

const PAGE = 50;

export default function Audit() {
  const pages = useInfiniteQuery({
    queryKey: ["audit"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) =>
      must(api.GET("/v1/auth/audit", { params: { query: { limit: PAGE, cursor } } })),
    getNextPageParam: (last) => last.cursor ?? undefined,
  });
  const heads = [texts.common.when, texts.audit.action, texts.audit.target, texts.audit.address];
  return (
    <Stack maw={1000} mx="auto">
      <Title order={1} size="h2">
        {texts.audit.title}
      </Title>
      {pages.isPending && <Coming />}
      <Told error={pages.error} again={() => void pages.refetch()} />
      {pages.data && (
        <Table.ScrollContainer minWidth={640} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table aria-label={texts.audit.title}>
            <Table.Thead>
              <Table.Tr>
                {heads.map((head) => (
                  <Table.Th key={head}>{head}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {pages.data.pages
                .flatMap((page) => page.data)
                .map((entry) => (
                  <Table.Tr key={entry.id}>
                    <Table.Td>{new Date(entry.at).toLocaleString("en")}</Table.Td>
                    <Table.Td>{entry.action}</Table.Td>
                    <Table.Td>
                      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                        {entry.target}
                      </Text>
                    </Table.Td>
                    <Table.Td>{entry.address}</Table.Td>
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
