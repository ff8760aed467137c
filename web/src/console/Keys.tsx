import { Alert, Badge, Button, Card, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, must, pressed, type Schemas } from "../api/client";
import { Copied } from "../playground/AsCode";
import { texts } from "../texts";
import { Coming, say, Told } from "../ui/Told";
import { KeyChange } from "./KeyChange";
import { budgetText } from "./Limits";
import { NewKey } from "./NewKey";

type Key = Schemas["Key"];
const KEYS = ["keys"];
const OVERLAP_S = 24 * 3600;

export default function Keys() {
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const queries = useQueryClient();
  const listed = useQuery({
    queryKey: KEYS,
    queryFn: () => must(api.GET("/v1/auth/keys", { params: { query: { limit: 100 } } })),
  });
  return (
    <Stack maw={1000} mx="auto">
      <Group justify="space-between">
        <Title order={1} size="h2">
          {texts.keys.title}
        </Title>
        <Button onClick={() => { setMaking(true); }}>{texts.keys.make}</Button>
      </Group>
      {listed.isPending && <Coming />}
      <Told error={listed.error} again={() => void listed.refetch()} />
      {listed.data?.data.length === 0 && <Text>{texts.keys.empty}</Text>}
      {listed.data?.data.map((key) => <One key={key.id} it={key} shown={setSecret} />)}
      <NewKey
        opened={making}
        close={() => { setMaking(false); }}
        made={(shown) => {
          setSecret(shown);
          return queries.invalidateQueries({ queryKey: KEYS });
        }}
      />
      <Modal
        opened={secret !== null}
        onClose={() => { setSecret(null); }}
        closeOnClickOutside={false}
        title={texts.keys.once}
      >
        <Stack>
          <Alert color="yellow">{texts.keys.onceText}</Alert>
          <Copied text={secret ?? ""} label={texts.keys.title} />
          <Button onClick={() => { setSecret(null); }}>{texts.keys.kept}</Button>
        </Stack>
      </Modal>
    </Stack>
  );
}

function One({ it, shown }: { it: Key; shown: (secret: string | null) => void }) {
  const [asked, setAsked] = useState<"change" | "revoke" | "rotate" | null>(null);
  const queries = useQueryClient();
  const path = { key: it.id };
  const done = async () => {
    setAsked(null);
    await queries.invalidateQueries({ queryKey: KEYS });
  };
  const revoked = useMutation({
    mutationFn: () => must(api.DELETE("/v1/auth/keys/{key}", { params: { path } })),
    onSuccess: async () => {
      say(texts.keys.revoked);
      await done();
    },
  });
  const rotated = useMutation({
    mutationFn: (header: ReturnType<typeof pressed>) =>
      must(
        api.POST("/v1/auth/keys/{key}/rotate", {
          params: { path, header },
          body: { overlap_s: OVERLAP_S },
        }),
      ),
    onSuccess: async ({ secret }) => {
      await done();
      shown(secret);
    },
  });
  const rotating = asked === "rotate";
  return (
    <Card withBorder>
      <Group justify="space-between">
        <Stack gap={2}>
          <Text fw={600}>{it.name}</Text>
          <Text size="sm" c="dimmed">
            {texts.keys.prefix} {it.prefix} · {texts.keys.madeAt}{" "}
            {new Date(it.created_at).toLocaleDateString("en")} · {it.scopes.join(", ")}
            {it.budget && ` · ${budgetText(it.budget)}`}
            {it.rate_per_minute && ` · ${it.rate_per_minute} / min`}
          </Text>
        </Stack>
        <Group>
          <Badge variant="default">{it.state}</Badge>
          {it.state === "active" && (
            <>
              <Button size="xs" variant="default" onClick={() => { setAsked("change"); }}>
                {texts.keys.change}
              </Button>
              <Button size="xs" variant="default" onClick={() => { setAsked("rotate"); }}>
                {texts.keys.rotate}
              </Button>
              <Button size="xs" variant="default" onClick={() => { setAsked("revoke"); }}>
                {texts.keys.revoke}
              </Button>
            </>
          )}
        </Group>
      </Group>
      {asked === "change" && (
        <KeyChange it={it} close={() => { setAsked(null); }} changed={done} />
      )}
      <Modal
        opened={asked === "rotate" || asked === "revoke"}
        onClose={() => { setAsked(null); }}
        title={rotating ? texts.keys.rotateTitle : texts.keys.revokeTitle}
      >
        <Stack>
          <Text>{rotating ? texts.keys.rotateText : texts.keys.revokeText}</Text>
          <Told error={rotated.error ?? revoked.error} />
          <Button
            color={rotating ? undefined : "red"}
            loading={rotated.isPending || revoked.isPending}
            onClick={() => {
              if (rotating) rotated.mutate(pressed());
              else revoked.mutate();
            }}
          >
            {rotating ? texts.keys.rotate : texts.keys.revoke}
          </Button>
        </Stack>
      </Modal>
    </Card>
  );
}
