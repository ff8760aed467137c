import { Badge, Button, Code, Group, PasswordInput, Stack, Table, Text, Title,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, must, type Schemas } from "../api/client";
import { texts } from "../texts";
import { Confirmed } from "../ui/Confirmed";
import { Part } from "../ui/Part";
import { Coming, say, Told } from "../ui/Told";
import { Factors } from "./Factors";
import { Email, Identities } from "./Identity";

export default function Settings() {
  return (
    <Stack maw={900} mx="auto">
      <Title order={1} size="h2">
        {texts.settings.title}
      </Title>
      <Sessions />
      <Factors />
      <Password />
      <Email />
      <Identities />
      <Accepted />
      <Ending />
    </Stack>
  );
}

const at = (time: string) => new Date(time).toLocaleString("en");

function Sessions() {
  const queries = useQueryClient();
  const listed = useQuery({
    queryKey: ["sessions"],
    queryFn: () => must(api.GET("/v1/auth/sessions")),
  });
  const ended = useMutation({
    mutationFn: async (session: string | null) => {
      if (session) await must(api.DELETE("/v1/auth/sessions/{session}", { params: { path: { session } } }));
      else await must(api.DELETE("/v1/auth/sessions"));
    },
    onSuccess: () => {
      say(texts.settings.ended);
      return queries.invalidateQueries({ queryKey: ["sessions"] });
    },
  });
  const others = listed.data?.data.some((each) => !each.current);
  return (
    <Part title={texts.settings.sessions}>
      {listed.isPending && <Coming />}
      <Told error={listed.error ?? ended.error} />
      {listed.data?.data.map((each) => (
        <Group key={each.id} justify="space-between">
          <div>
            <Text>
              {each.device} {each.current && <Badge variant="default">{texts.settings.thisOne}</Badge>}
            </Text>
            <Text size="sm" c="dimmed">
              {each.network} · {texts.settings.used} {at(each.used_at)}
            </Text>
          </div>
          {!each.current && (
            <Button
              size="xs"
              variant="default"
              loading={ended.isPending && ended.variables === each.id}
              onClick={() => {
                ended.mutate(each.id);
              }}
            >
              {texts.settings.endSession}
            </Button>
          )}
        </Group>
      ))}
      {others && (
        <Button
          w="fit-content"
          variant="default"
          onClick={() => {
            ended.mutate(null);
          }}
        >
          {texts.settings.endOthers}
        </Button>
      )}
    </Part>
  );
}

function Password() {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const changed = useMutation({
    mutationFn: () =>
      must(api.POST("/v1/auth/password", { body: { current_password: current, password } })),
    onSuccess: () => {
      setCurrent("");
      setPassword("");
      say(texts.settings.changed);
    },
  });
  return (
    <Part title={texts.settings.password}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          changed.mutate();
        }}
      >
        <Stack maw={400}>
          <PasswordInput
            label={texts.settings.current}
            required
            autoComplete="current-password"
            value={current}
            onChange={(event) => {
              setCurrent(event.currentTarget.value);
            }}
          />
          <PasswordInput
            label={texts.auth.newPassword}
            description={texts.auth.passwordHint}
            required
            minLength={8}
            autoComplete="new-password"
            value={password}
            onChange={(event) => {
              setPassword(event.currentTarget.value);
            }}
          />
          <Told error={changed.error} />
          <Button type="submit" w="fit-content" loading={changed.isPending}>
            {texts.settings.change}
          </Button>
        </Stack>
      </form>
    </Part>
  );
}

function Accepted() {
  const listed = useQuery({
    queryKey: ["accepted"],
    queryFn: () => must(api.GET("/v1/auth/documents/accepted")),
  });
  return (
    <Part title={texts.settings.documents}>
      <Told error={listed.error} />
      <Table>
        <Table.Tbody>
          {listed.data?.data.map((each) => (
            <Table.Tr key={each.document + each.version}>
              <Table.Th scope="row">{texts.auth.document[each.document] ?? each.document}</Table.Th>
              <Table.Td>{each.version}</Table.Td>
              <Table.Td>{at(each.accepted_at)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Part>
  );
}

/** Closing, and what to do when somebody else got in. */
function Ending() {
  const queries = useQueryClient();
  const stands = useQuery({ queryKey: ["closing"], queryFn: () => must(api.GET("/v1/auth/closing")) });
  const again = (closing: Schemas["Closing"]) => {
    queries.setQueryData(["closing"], closing);
  };
  const asked = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/closing")),
    onSuccess: again,
  });
  const kept = useMutation({
    mutationFn: () => must(api.DELETE("/v1/auth/closing")),
    onSuccess: again,
  });
  const secured = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/compromised")),
    onSuccess: () => {
      window.location.assign("/reset");
    },
  });
  const closes = stands.data?.closes_at;
  return (
    <Part title={texts.settings.account}>
      <Told error={stands.error ?? kept.error} />
      {closes && (
        <Group>
          <Text>{texts.settings.closingAsked(new Date(closes).toLocaleDateString("en"))}</Text>
          <Button
            variant="default"
            loading={kept.isPending}
            onClick={() => {
              kept.mutate();
            }}
          >
            {texts.settings.keep}
          </Button>
        </Group>
      )}
      <Group>
        <Confirmed
          label={texts.settings.compromised}
          title={texts.settings.compromised}
          text={texts.settings.compromisedText}
          act={() => secured.mutateAsync()}
        />
        {!closes && (
          <Confirmed
            label={texts.settings.closing}
            title={texts.settings.closing}
            text={texts.settings.closingText}
            act={() => asked.mutateAsync()}
          />
        )}
      </Group>
      {stands.data && <Code>{stands.data.account}</Code>}
    </Part>
  );
}
