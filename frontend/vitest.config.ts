import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["sdk/tests/**/*.test.ts", "app/tests/**/*.test.ts"],
    environment: "node",
  },
});
