import js from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import globals from "globals";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["dist", "src/api/schema.ts"] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...ts.configs.stylistic,
  a11y.flatConfigs.strict,
  hooks.configs.flat.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      "max-lines": ["error", 320],
      "no-console": "error",
      // A list of unions reads better beside its neighbours as a type.
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
    },
  },
  { files: ["budget.js"], rules: { "no-console": "off" } }, // it speaks to a person
  { files: ["src/texts.ts"], rules: { "max-lines": "off" } }, // all sentences in one place
);
