import { expect, test } from "vitest";
import { backoffMs } from "../src/backoff.ts";
import { seeded } from "./support.ts";

test("the ceiling doubles to two seconds, rests while a server restarts, and goes on to twenty", () => {
  const ceilings = Array.from({ length: 14 }, (_, attempt) => backoffMs(attempt, () => 1));
  expect(ceilings.slice(0, 9)).toEqual([250, 500, 1000, 2000, 2000, 2000, 2000, 2000, 2000]);
  expect(ceilings.slice(9)).toEqual([4000, 8000, 16_000, 20_000, 20_000]);
  expect(backoffMs(1000, () => 1)).toBe(20_000);
});

test("after a restart of a second, nearly everybody is back within three", () => {
  const random = seeded(2);
  const gaps = Array.from({ length: 2000 }, () => {
    let sinceMs = 0;
    for (let attempt = 0; sinceMs < 1000; attempt += 1) sinceMs += backoffMs(attempt, random);
    return sinceMs;
  }).sort((a, b) => a - b);
  expect(gaps[Math.floor(gaps.length * 0.95)]).toBeLessThan(3000);
});

test("the jitter is full: anything from nothing to the ceiling", () => {
  const random = seeded(1);
  const delays = Array.from({ length: 2000 }, () => backoffMs(3, random));
  expect(Math.min(...delays)).toBeLessThan(20);
  expect(Math.max(...delays)).toBeGreaterThan(1980);
  expect(delays.reduce((a, b) => a + b) / delays.length).toBeCloseTo(1000, -2);
});
