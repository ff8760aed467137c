import { ActionIcon, AppShell, Burger, Button, Group, NavLink, Text, useComputedColorScheme,
  useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconMoonStars } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Suspense } from "react";
import { Link, Navigate, Outlet, useLocation, useNavigate } from "react-router";

import { api, must } from "../api/client";
import { actFor } from "../api/account";
import { balance, whoami } from "../api/queries";
import { rough } from "../money";
import { texts } from "../texts";
import { Acting, Due } from "./Standing";
import { Coming, Told } from "./Told";

const PAGES = ["playground", "models", "keys", "credit", "jobs", "webhooks", "team", "audit", "settings"] as const;

export function Shell() {
  const [opened, { toggle, close }] = useDisclosure();
  const { data: user } = useQuery(whoami);
  const { pathname } = useLocation();
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 200, breakpoint: "md", collapsed: { mobile: !opened, desktop: !user } }}
      padding="md"
    >
      <AppShell.Header>
        <a className="skip" href="#main">
          {texts.skip}
        </a>
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          {user && (
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="md"
              size="sm"
              aria-label={texts.nav.menu}
            />
          )}
          <Text component={Link} to="/" fw={700} size="lg" c="var(--mantine-color-text)" td="none">
            {texts.name}
          </Text>
          <Group ml="auto" gap="sm" wrap="nowrap">
            {user ? <Credit /> : <Doors />}
            <Theme />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={texts.nav.menu}>
        {user && <Acting />}
        {PAGES.map((page) => (
          <NavLink
            key={page}
            component={Link}
            to={`/${page}`}
            label={texts.nav[page]}
            active={pathname.startsWith(`/${page}`)}
            onClick={close}
          />
        ))}
        <SignOut />
      </AppShell.Navbar>
      <AppShell.Main id="main">
        <Due />
        <Suspense fallback={<Coming />}>
          <Outlet />
        </Suspense>
      </AppShell.Main>
    </AppShell>
  );
}

function Theme() {
  const { setColorScheme } = useMantineColorScheme();
  const shown = useComputedColorScheme("light");
  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={texts.nav.theme}
      onClick={() => {
        setColorScheme(shown === "light" ? "dark" : "light");
      }}
    >
      <IconMoonStars size={18} />
    </ActionIcon>
  );
}

function Credit() {
  const { data } = useQuery(balance);
  return data ? (
    <Text component={Link} to="/credit" size="sm" c="var(--mantine-color-text)">
      {rough(data.available)} {texts.nav.available}
    </Text>
  ) : null;
}

function Doors() {
  return (
    <>
      <Button component={Link} to="/sign-in" variant="subtle">
        {texts.nav.signIn}
      </Button>
      <Button component={Link} to="/sign-up" visibleFrom="xs">
        {texts.nav.signUp}
      </Button>
    </>
  );
}

function SignOut() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const left = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/sign-out")),
    onSuccess: async () => {
      actFor(null);
      sessionStorage.clear();
      queries.clear();
      await navigate("/sign-in");
    },
  });
  return (
    <>
      <NavLink
        component="button"
        label={texts.nav.signOut}
        mt="auto"
        onClick={() => {
          left.mutate();
        }}
      />
      <Told error={left.error} />
    </>
  );
}

/** Pages for who is signed in; others sign in first, and come back. */
export function Inside() {
  const { data, error, isPending, refetch } = useQuery(whoami);
  const { pathname, search } = useLocation();
  if (isPending) return <Coming />;
  if (error) return <Told error={error} again={() => void refetch()} />;
  if (!data)
    return <Navigate to={`/sign-in?return_to=${encodeURIComponent(pathname + search)}`} replace />;
  return <Outlet />;
}
