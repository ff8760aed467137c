import { Button, Container, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy } from "react";
import { createBrowserRouter, Link, Navigate, useParams, useRouteError } from "react-router";

import { api, must } from "./api/client";
import { whoami } from "./api/queries";
import SignIn from "./auth/SignIn";
import SignUp, { Complete } from "./auth/SignUp";
import { texts } from "./texts";
import { Inside, Shell } from "./ui/Shell";
import { Coming, Told } from "./ui/Told";

const Playground = lazy(() => import("./playground/Playground"));
const Models = lazy(() => import("./models/Models"));
const Model = lazy(() => import("./models/Model"));
const Keys = lazy(() => import("./console/Keys"));
const Credit = lazy(() => import("./console/Credit"));
const Jobs = lazy(() => import("./console/Jobs"));
const Webhooks = lazy(() => import("./console/Webhooks"));
const Team = lazy(() => import("./console/Team"));
const Audit = lazy(() => import("./console/Audit"));
const Settings = lazy(() => import("./console/Settings"));
const Returned = lazy(() => import("./auth/Returned"));
const Reset = lazy(() => import("./auth/Reset"));

function Home() {
  const { data } = useQuery(whoami);
  if (data) return <Navigate to="/playground" replace />;
  return (
    <Container size="sm" py={64}>
      <Stack gap="lg">
        <Title order={1}>{texts.home.title}</Title>
        <Text size="lg">{texts.home.text}</Text>
        <Group>
          <Button component={Link} to="/sign-up" size="md">
            {texts.home.start}
          </Button>
          <Button component={Link} to="/sign-in" size="md" variant="default">
            {texts.home.browse}
          </Button>
        </Group>
      </Stack>
    </Container>
  );
}

function Document() {
  const { name = "" } = useParams();
  const text = useQuery({
    queryKey: ["document", name],
    queryFn: async () => {
      const path = { document: name as "terms" };
      const asked = api.GET("/v1/auth/documents/{document}", { params: { path }, parseAs: "text" });
      return String(await must<unknown>(asked));
    },
  });
  if (text.isPending) return <Coming lines={12} />;
  if (text.error) return <Told error={text.error} again={() => void text.refetch()} />;
  return (
    <Container size="md">
      <Text className="plain">{text.data}</Text>
    </Container>
  );
}

function Broken() {
  return (
    <Container py="xl">
      <Title order={1}>{texts.common.crashed}</Title>
      <Told
        error={useRouteError()}
        again={() => {
          window.location.reload();
        }}
      />
    </Container>
  );
}

export const router = createBrowserRouter([
  {
    element: <Shell />,
    errorElement: <Broken />,
    children: [
      { path: "/", element: <Home /> },
      { path: "/sign-in", element: <SignIn /> },
      { path: "/sign-up", element: <SignUp /> },
      { path: "/sign-up/complete", element: <Complete /> },
      { path: "/reset", element: <Reset /> },
      { path: "/step-up", element: <Returned /> },
      { path: "/documents/:name", element: <Document /> },
      {
        element: <Inside />,
        children: [
          { path: "/playground/:model?", element: <Playground /> },
          { path: "/models", element: <Models /> },
          { path: "/models/:id", element: <Model /> },
          { path: "/keys", element: <Keys /> },
          { path: "/credit", element: <Credit /> },
          { path: "/webhooks", element: <Webhooks /> },
          { path: "/team", element: <Team /> },
          { path: "/audit", element: <Audit /> },
          { path: "/settings", element: <Settings /> },
          { path: "/jobs/:id?", element: <Jobs /> },
        ],
      },
      { path: "*", element: <Title order={1}>{texts.common.notFound}</Title> },
    ],
  },
]);
