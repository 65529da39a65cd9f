// Mistakes that neither the formatter nor the types find.

import js from "@eslint/js";

const browser = [
  "AbortController",
  "addEventListener",
  "Blob",
  "CSS",
  "cancelAnimationFrame",
  "ClipboardItem",
  "clearInterval",
  "clearTimeout",
  "console",
  "devicePixelRatio",
  "document",
  "Event",
  "EventSource",
  "fetch",
  "getComputedStyle",
  "history",
  "HTMLElement",
  "Image",
  "localStorage",
  "location",
  "matchMedia",
  "navigator",
  "performance",
  "requestAnimationFrame",
  "ResizeObserver",
  "Response",
  "setInterval",
  "setTimeout",
  "TextDecoder",
  "TextEncoder",
  "URL",
  "URLSearchParams",
];
const globals = (names) => Object.fromEntries(names.map((name) => [name, "readonly"]));

export default [
  { ignores: ["**/vendor/", "node_modules/", ".venv*/", "docs/", "**/*.d.ts"] },
  js.configs.recommended,
  {
    files: ["src/nbtwin/web/static/**/*.js"],
    languageOptions: { globals: globals(browser) },
  },
  {
    files: ["tests/web/js/**/*.js"],
    languageOptions: { globals: globals([...browser, "EventTarget", "MessageEvent"]) },
  },
  {
    files: ["tests/web/page_checks.js"],
    languageOptions: { globals: globals([...browser, "innerWidth", "NodeFilter"]) },
  },
  {
    rules: {
      "array-callback-return": "error",
      "consistent-return": "error",
      eqeqeq: "error",
      "max-len": ["error", { code: 120, ignorePattern: '^ +"?[a-z_.]+"?: "' }], // words and shapes stand on a line each
      "no-constructor-return": "error",
      "no-eval": "error",
      "no-implicit-coercion": ["error", { boolean: false, number: false }],
      "no-implied-eval": "error",
      "no-self-compare": "error",
      "no-template-curly-in-string": "error",
      "no-unmodified-loop-condition": "error",
      "no-unused-vars": ["error", { args: "after-used", argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
];
