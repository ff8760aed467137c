import { Alert, Button, Group, Select } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { actFor, actingFor } from "../api/account";
import { api, must } from "../api/client";
import { accounts, documents, whoami } from "../api/queries";
import { texts } from "../texts";
import { Told } from "./Told";

/** For which account one acts, where there is a choice. */
export function Acting() {
  const queries = useQueryClient();
  const { data } = useQuery(accounts);
  const [chosen, setChosen] = useState(actingFor());
  if (!data || data.data.length < 2) return null;
  const own = data.data.find((each) => each.own)?.id ?? null;
  return (
    <Select
      label={texts.nav.account}
      size="xs"
      mb="xs"
      allowDeselect={false}
      value={chosen ?? own}
      data={data.data.map((each) => ({
        value: each.id,
        label: each.name ?? (each.own ? texts.nav.ownAccount : each.id),
      }))}
      onChange={(id) => {
        const next = id === own ? null : id;
        actFor(next);
        setChosen(next);
        void queries.resetQueries();
      }}
    />
  );
}

/** New terms, until they are accepted. */
export function Due() {
  const queries = useQueryClient();
  const { data: user } = useQuery(whoami);
  const due = user?.documents_due ?? [];
  const current = useQuery({ ...documents, enabled: due.length > 0 });
  const version = (name: string) =>
    current.data?.data.find((each) => each.document === name)?.version ?? "";
  const accepted = useMutation({
    mutationFn: () =>
      must(
        api.POST("/v1/auth/documents/accept", {
          body: { terms: version("terms"), privacy: version("privacy") },
        }),
      ),
    onSuccess: () => queries.invalidateQueries(),
  });
  if (due.length === 0) return null;
  return (
    <Alert color="yellow" mb="md">
      {texts.auth.documentsDue}
      <Group mt="xs">
        {due.map(({ document }) => (
          <Link key={document} to={`/documents/${document}`}>
            {texts.auth.document[document] ?? document}
          </Link>
        ))}
        <Button
          size="xs"
          disabled={!current.data}
          loading={accepted.isPending}
          onClick={() => {
            accepted.mutate();
          }}
        >
          {texts.auth.documentsAccept}
        </Button>
      </Group>
      <Told error={accepted.error} />
    </Alert>
  );
}
