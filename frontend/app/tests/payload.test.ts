import { describe, expect, it } from "vitest";
import { addressOf, payloadOf } from "../worker/payload.ts";

const HERE = "https://carillon.example";
const PAYLOAD = { id: "1", title: "Tea", text: "", link: "", tag: "t", level: "info", language: "en", unread: 1 };

describe("what is pushed", () => {
  it("is taken with all its fields, and with more", () => {
    expect(payloadOf(PAYLOAD)).toEqual(PAYLOAD);
    expect(payloadOf({ ...PAYLOAD, colour: "blue" })?.title).toBe("Tea");
  });

  it("is not taken with fields missing or of another kind", () => {
    for (const data of [null, "Tea", 7, [], {}, { ...PAYLOAD, title: 7 }, { ...PAYLOAD, unread: "1" }]) expect(payloadOf(data)).toBeNull();
  });
});

describe("a click", () => {
  it("opens a page of this site", () => {
    expect(addressOf("/rooms/7", HERE)).toBe(`${HERE}/rooms/7`);
    expect(addressOf(`${HERE}/rooms/7?a=1#b`, HERE)).toBe(`${HERE}/rooms/7?a=1#b`);
  });

  it("opens no other site", () => {
    const others = ["", undefined, "https://evil.example/", "//evil.example/", "https://carillon.example.evil.example/", "javascript:alert(1)", "http://carillon.example/", "https://[", "data:text/html,hi"];
    for (const link of others) expect(addressOf(link, HERE)).toBe(`${HERE}/`);
  });
});
