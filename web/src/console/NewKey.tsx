import { Button, Collapse, Modal, MultiSelect, Stack, TagsInput, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, must, pressed, type Schemas } from "../api/client";
import { models } from "../api/queries";
import { texts } from "../texts";
import { Told } from "../ui/Told";
import { BudgetFields, budgetOf, NO_BUDGET, RateField } from "./Limits";

type Scope = Schemas["KeyScope"];
const SCOPES: Scope[] = ["inference", "inference:read", "billing:read", "content:read"];
const NOTHING = {
  name: "",
  budget: NO_BUDGET,
  rate: "" as number | string,
  scopes: [] as string[],
  models: [] as string[],
  networks: [] as string[],
  until: "",
};

/** What was left open is left out, and the API's own defaults count. */
function asked(wish: typeof NOTHING): Schemas["NewKey"] {
  const given = <T,>(some: T[]) => (some.length ? some : null);
  return {
    name: wish.name,
    budget: budgetOf(wish.budget),
    rate_per_minute: wish.rate === "" ? null : Number(wish.rate),
    scopes: given(wish.scopes as Scope[]),
    models: given(wish.models),
    networks: given(wish.networks),
    expires_at: wish.until ? new Date(`${wish.until}T23:59:59`).toISOString() : null,
  };
}

export function NewKey({ opened, close, made }: {
  opened: boolean;
  close: () => void;
  made: (secret: string | null) => Promise<unknown>;
}) {
  const [wish, setWish] = useState(NOTHING);
  const [narrow, { toggle }] = useDisclosure(false);
  const known = useQuery({ ...models, enabled: narrow });
  const put = (part: Partial<typeof NOTHING>) => { setWish({ ...wish, ...part }); };
  const sent = useMutation({
    mutationFn: (header: ReturnType<typeof pressed>) =>
      must(api.POST("/v1/auth/keys", { params: { header }, body: asked(wish) })),
    onSuccess: ({ secret }) => {
      close();
      setWish(NOTHING);
      return made(secret);
    },
  });
  return (
    <Modal opened={opened} onClose={close} title={texts.keys.make}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          sent.mutate(pressed());
        }}
      >
        <Stack>
          <TextInput
            label={texts.keys.name}
            required
            value={wish.name}
            onChange={(event) => { put({ name: event.currentTarget.value }); }}
          />
          <BudgetFields value={wish.budget} change={(budget) => { put({ budget }); }} />
          <Button variant="subtle" size="compact-md" onClick={toggle} aria-expanded={narrow}>
            {texts.keys.narrow}
          </Button>
          <Collapse expanded={narrow}>
            <Stack>
              <RateField value={wish.rate} change={(rate) => { put({ rate }); }} />
              <MultiSelect
                label={texts.keys.scopes}
                description={texts.keys.scopesHint}
                data={SCOPES.map((value) => ({ value, label: texts.keys.scope[value] }))}
                value={wish.scopes}
                onChange={(scopes) => { put({ scopes }); }}
              />
              <MultiSelect
                label={texts.keys.models}
                description={texts.keys.modelsHint}
                data={(known.data?.data ?? []).map(({ id, title }) => ({ value: id, label: title }))}
                value={wish.models}
                onChange={(chosen) => { put({ models: chosen }); }}
              />
              <TagsInput
                label={texts.keys.networks}
                description={texts.keys.networksHint}
                value={wish.networks}
                onChange={(networks) => { put({ networks }); }}
              />
              <TextInput
                label={texts.keys.until}
                description={texts.keys.untilHint}
                type="date"
                value={wish.until}
                onChange={(event) => { put({ until: event.currentTarget.value }); }}
              />
            </Stack>
          </Collapse>
          <Told error={sent.error} />
          <Button type="submit" loading={sent.isPending}>
            {texts.keys.create}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
