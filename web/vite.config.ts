import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `npm run dev` finds the API: a platform that runs. */
const platform = process.env.SLUICE_URL ?? "http://localhost:8400";
const proxied = ["/v1", "/openai", "/v3", "/_local"];

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // everything has an address of its own, as the policy wants it
    manifest: true,
  },
  server: { proxy: Object.fromEntries(proxied.map((path) => [path, platform])) },
});
