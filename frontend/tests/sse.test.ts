import { expect, it } from "vitest";
import { EventParser } from "@/api/sse";

const TEXT =
  'id: 1\nevent: line\ndata: {"seq":1}\n\n: a comment\n\nid: 2\r\nevent: line\r\ndata: a\r\ndata: b\r\n\r\nevent: end\n\n';

it("reads the same events however the text is cut", () => {
  const whole = new EventParser().push(TEXT);
  expect(whole).toEqual([
    { id: "1", event: "line", data: '{"seq":1}' },
    { id: "2", event: "line", data: "a\nb" },
    { id: "2", event: "end", data: "" },
  ]);
  for (let size = 1; size < TEXT.length; size += 1) {
    const parser = new EventParser();
    const events = [];
    for (let at = 0; at < TEXT.length; at += size) events.push(...parser.push(TEXT.slice(at, at + size)));
    expect(events, `pieces of ${size}`).toEqual(whole);
  }
});

it("dispatches nothing before its empty line", () => {
  expect(new EventParser().push("id: 1\ndata: x\n")).toEqual([]);
});
