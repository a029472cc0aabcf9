import { expect, test } from "vitest";
import { backoffMs } from "../src/backoff.ts";
import { seeded } from "./support.ts";

test("the ceiling doubles from a quarter of a second to twenty seconds", () => {
  const ceilings = [0, 1, 2, 3, 4, 5, 6, 7, 100].map((attempt) => backoffMs(attempt, () => 1));
  expect(ceilings).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]);
});

test("the jitter is full: anything from nothing to the ceiling", () => {
  const random = seeded(1);
  const delays = Array.from({ length: 2000 }, () => backoffMs(3, random));
  expect(Math.min(...delays)).toBeLessThan(20);
  expect(Math.max(...delays)).toBeGreaterThan(1980);
  expect(delays.reduce((a, b) => a + b) / delays.length).toBeCloseTo(1000, -2);
});
