import { Button, Card, Group, Modal, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { actFor } from "../api/account";
import { api, must, type Schemas } from "../api/client";
import { accounts } from "../api/queries";
import { texts } from "../texts";
import { Confirmed } from "../ui/Confirmed";
import { Coming, say, Told } from "../ui/Told";
import { allowanceOf, BudgetFields, budgetOf, budgetText } from "./Limits";

type Role = NonNullable<Schemas["MemberChange"]["role"]>;
const ROLES: Role[] = ["admin", "developer", "billing", "viewer"];

export default function Team() {
  const account = useQuery({ queryKey: ["account"], queryFn: () => must(api.GET("/v1/auth/account")) });
  return (
    <Stack maw={900} mx="auto">
      <Title order={1} size="h2">
        {texts.team.title}
      </Title>
      {account.isPending && <Coming />}
      <Told error={account.error} />
      {account.data?.kind === "organization" && <Members />}
      {account.data?.kind === "personal" && <Text>{texts.team.own}</Text>}
      <Joining />
    </Stack>
  );
}

function Members() {
  const queries = useQueryClient();
  const members = useQuery({ queryKey: ["members"], queryFn: () => must(api.GET("/v1/auth/members")) });
  const open = useQuery({
    queryKey: ["invitations"],
    queryFn: () => must(api.GET("/v1/auth/invitations")),
  });
  const again = () => queries.invalidateQueries();
  const moved = useMutation({
    mutationFn: ({ user, role }: { user: string; role: Role }) =>
      must(api.PATCH("/v1/auth/members/{user}", { params: { path: { user } }, body: { role } })),
    onSuccess: again,
  });
  const gone = useMutation({
    mutationFn: (user: string) =>
      must(api.DELETE("/v1/auth/members/{user}", { params: { path: { user } } })),
    onSuccess: again,
  });
  const left = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/members/leave")),
    onSuccess: () => {
      actFor(null);
      window.location.assign("/playground");
    },
  });
  const handed = useMutation({
    mutationFn: (user: string) =>
      must(api.POST("/v1/auth/members/{user}/ownership", { params: { path: { user } } })),
    onSuccess: again,
  });
  const withdrawn = useMutation({
    mutationFn: (invitation: string) =>
      must(
        api.DELETE("/v1/auth/invitations/{invitation}", { params: { path: { invitation } } }),
      ),
    onSuccess: again,
  });
  return (
    <>
      <Told error={members.error ?? open.error ?? moved.error} />
      {members.data?.data.map((each) => (
        <Card key={each.user} withBorder>
          <Group justify="space-between">
            <Text>
              {each.email}
              {each.budget && ` · ${budgetText(each.budget)}`}
            </Text>
            {each.role === "owner" ? (
              <Text>{each.role}</Text>
            ) : (
              <Group>
                <Select
                  aria-label={texts.team.role}
                  data={ROLES}
                  allowDeselect={false}
                  value={each.role}
                  onChange={(role) => {
                    moved.mutate({ user: each.user, role: role as Role });
                  }}
                />
                <MemberBudget it={each} changed={again} />
                <Confirmed
                  label={texts.team.handOver}
                  title={texts.team.handOver}
                  text={texts.team.handOverText}
                  act={() => handed.mutateAsync(each.user)}
                />
                <Confirmed
                  label={texts.common.remove}
                  title={texts.team.removeTitle}
                  act={() => gone.mutateAsync(each.user)}
                />
              </Group>
            )}
          </Group>
        </Card>
      ))}
      <Inviting />
      <Group>
        <Confirmed
          label={texts.team.leave}
          title={texts.team.leaveTitle}
          act={() => left.mutateAsync()}
        />
      </Group>
      {open.data && open.data.data.length > 0 && (
        <Title order={2} size="h4">
          {texts.team.open}
        </Title>
      )}
      {open.data?.data.map((each) => (
        <Group key={each.id} justify="space-between">
          <Text>
            {each.email} · {each.role}
          </Text>
          <Confirmed
            label={texts.team.withdraw}
            title={texts.team.withdraw}
            act={() => withdrawn.mutateAsync(each.id)}
          />
        </Group>
      ))}
    </>
  );
}

function MemberBudget({ it, changed }: {
  it: Schemas["Member"];
  changed: () => Promise<unknown>;
}) {
  const [opened, { open, close }] = useDisclosure(false);
  const [budget, setBudget] = useState(allowanceOf(it.budget));
  const sent = useMutation({
    mutationFn: () =>
      must(
        api.PATCH("/v1/auth/members/{user}", {
          params: { path: { user: it.user } },
          body: { budget: budgetOf(budget) },
        }),
      ),
    onSuccess: () => {
      close();
      return changed();
    },
  });
  return (
    <>
      <Button size="xs" variant="default" onClick={open}>
        {texts.team.budget}
      </Button>
      <Modal opened={opened} onClose={close} title={it.email}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            sent.mutate();
          }}
        >
          <Stack>
            <Text>{texts.team.budgetText}</Text>
            <BudgetFields value={budget} change={setBudget} />
            <Told error={sent.error} />
            <Button type="submit" loading={sent.isPending}>
              {texts.common.save}
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

function Inviting() {
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("developer");
  const invited = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/invitations", { body: { email, role } })),
    onSuccess: () => {
      setEmail("");
      say(texts.team.invited);
      return queries.invalidateQueries({ queryKey: ["invitations"] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        invited.mutate();
      }}
    >
      <Group align="end">
        <TextInput
          label={texts.auth.email}
          type="email"
          required
          value={email}
          onChange={(event) => {
            setEmail(event.currentTarget.value);
          }}
        />
        <Select
          label={texts.team.role}
          data={ROLES}
          allowDeselect={false}
          value={role}
          onChange={(chosen) => {
            setRole(chosen as Role);
          }}
        />
        <Button type="submit" loading={invited.isPending}>
          {texts.team.invite}
        </Button>
      </Group>
      <Told error={invited.error} />
    </form>
  );
}

/** Make an organization, or become a member of one. */
function Joining() {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [token, setToken] = useState("");
  const again = () => queries.invalidateQueries({ queryKey: accounts.queryKey });
  const made = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/organizations", { body: { name, from_own_account: false } })),
    onSuccess: () => {
      setName("");
      say(texts.team.made);
      return again();
    },
  });
  const joined = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/invitations/accept", { body: { token: token.trim() } })),
    onSuccess: () => {
      setToken("");
      say(texts.team.joined);
      return again();
    },
  });
  return (
    <Stack>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          made.mutate();
        }}
      >
        <Group align="end">
          <TextInput
            label={texts.team.organizationName}
            required
            value={name}
            onChange={(event) => {
              setName(event.currentTarget.value);
            }}
          />
          <Button type="submit" variant="default" loading={made.isPending}>
            {texts.team.makeOrganization}
          </Button>
        </Group>
      </form>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          joined.mutate();
        }}
      >
        <Group align="end">
          <TextInput
            label={texts.team.token}
            required
            value={token}
            onChange={(event) => {
              setToken(event.currentTarget.value);
            }}
          />
          <Button type="submit" variant="default" loading={joined.isPending}>
            {texts.team.join}
          </Button>
        </Group>
      </form>
      <Told error={made.error ?? joined.error} />
    </Stack>
  );
}
