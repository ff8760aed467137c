import { createTheme, type CSSVariablesResolver } from "@mantine/core";

import { texts } from "./texts";

/** The darkest shade carries white text in light and in dark. */
export const theme = createTheme({
  primaryColor: "cyan",
  primaryShade: 9,
  autoContrast: true,
  defaultRadius: "md",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    CloseButton: { defaultProps: { "aria-label": texts.common.close } },
  },
});

/** Greys that keep WCAG AA's contrast of 4.5 on every ground that they stand on; and a
 * hover that, unlike Mantine's, is not too light for the white text on it. */
export const greys: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-primary-color-light-color": "#094e5b",
    "--mantine-color-cyan-light-color": "#094e5b",
    "--mantine-primary-color-filled-hover": "#095c6b",
    "--mantine-color-dimmed": "#555c63",
    "--mantine-color-placeholder": "#666d74",
    "--mantine-color-error": "#c92a2a",
  },
  dark: {
    "--mantine-primary-color-filled-hover": "#095c6b",
    "--mantine-color-dimmed": "#a9afb5",
    "--mantine-color-placeholder": "#9aa0a6",
    "--mantine-color-error": "#ff8787",
  },
});
