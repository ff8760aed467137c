import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, must, type Schemas } from "../api/client";
import { makePasskey } from "../auth/passkeys";
import { Copied } from "../playground/AsCode";
import { texts } from "../texts";
import { Confirmed } from "../ui/Confirmed";
import { Part } from "../ui/Part";
import { Coming, Told } from "../ui/Told";

export function Factors() {
  const queries = useQueryClient();
  const [seed, setSeed] = useState<Schemas["Seed"] | null>(null);
  const [code, setCode] = useState("");
  const [codes, setCodes] = useState<string[]>([]);
  const listed = useQuery({ queryKey: ["factors"], queryFn: () => must(api.GET("/v1/auth/factors")) });
  const again = () => queries.invalidateQueries({ queryKey: ["factors"] });
  const begun = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/factors/totp")),
    onSuccess: setSeed,
  });
  const added = useMutation({
    mutationFn: () =>
      must(api.POST("/v1/auth/factors/totp/confirm", { body: { code: code.trim() } })),
    onSuccess: (made) => {
      setSeed(null);
      setCode("");
      setCodes(made.recovery_codes);
      return again();
    },
  });
  const keyed = useMutation({
    mutationFn: async () => {
      const begun = await must(api.POST("/v1/auth/factors/passkeys/options"));
      const body = { ...(await makePasskey(begun)), name: texts.settings.factor.passkey ?? "" };
      return must(api.POST("/v1/auth/factors/passkeys", { body }));
    },
    onSuccess: (made) => {
      setCodes(made.recovery_codes);
      return again();
    },
  });
  const removed = useMutation({
    mutationFn: (factor: string) =>
      must(api.DELETE("/v1/auth/factors/{factor}", { params: { path: { factor } } })),
    onSuccess: again,
  });
  const renewed = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/factors/recovery-codes")),
    onSuccess: (made) => {
      setCodes(made.recovery_codes);
      return again();
    },
  });
  const has = listed.data?.data ?? [];
  return (
    <Part title={texts.settings.factors}>
      {listed.isPending && <Coming lines={1} />}
      <Told error={listed.error ?? begun.error ?? renewed.error ?? keyed.error} />
      {has.map((each) => (
        <Group key={each.id} justify="space-between">
          <Text>{each.name || texts.settings.factor[each.kind]}</Text>
          <Confirmed
            label={texts.common.remove}
            title={texts.settings.removeFactor}
            act={() => removed.mutateAsync(each.id)}
          />
        </Group>
      ))}
      <Group>
        {!has.some((each) => each.kind === "totp") && (
          <Button
            variant="default"
            loading={begun.isPending}
            onClick={() => {
              begun.mutate();
            }}
          >
            {texts.settings.addTotp}
          </Button>
        )}
        <Button variant="default" loading={keyed.isPending} onClick={() => { keyed.mutate(); }}>
          {texts.settings.addPasskey}
        </Button>
        {has.length > 0 && (
          <Button
            variant="default"
            loading={renewed.isPending}
            onClick={() => {
              renewed.mutate();
            }}
          >
            {texts.settings.newCodes}
          </Button>
        )}
        {listed.data && has.length > 0 && (
          <Text size="sm">{texts.settings.recoveryLeft(listed.data.recovery_codes_left)}</Text>
        )}
      </Group>
      <Modal
        opened={seed !== null}
        onClose={() => {
          setSeed(null);
        }}
        title={texts.settings.addTotp}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            added.mutate();
          }}
        >
          <Stack>
            <Text>{texts.settings.totpText}</Text>
            <Copied text={seed?.secret ?? ""} label={texts.settings.secret} />
            <TextInput
              label={texts.auth.code}
              required
              inputMode="numeric"
              autoComplete="one-time-code"
              value={code}
              onChange={(event) => {
                setCode(event.currentTarget.value);
              }}
            />
            <Told error={added.error} />
            <Button type="submit" loading={added.isPending}>
              {texts.auth.verify}
            </Button>
          </Stack>
        </form>
      </Modal>
      <Modal
        opened={codes.length > 0}
        closeOnClickOutside={false}
        onClose={() => {
          setCodes([]);
        }}
        title={texts.settings.recoveryTitle}
      >
        <Stack>
          <Text>{texts.settings.recoveryText}</Text>
          <Copied text={codes.join("\n")} label={texts.settings.recoveryTitle} />
        </Stack>
      </Modal>
    </Part>
  );
}
