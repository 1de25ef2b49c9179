import { describe, expect, it } from "vitest";
import { ApiError } from "@/api/errors";
import { fieldOf } from "@/features/deploy/field-errors";
import { buildOptions, EMPTY_FORM, variables } from "@/features/deploy/form-values";
import { shownName } from "@/features/deploy/shown-name";
import { tarOf } from "@/features/deploy/tar";

const refusal = (code: string, detail = "") => new ApiError({ status: 400, code, title: code, detail });

describe("the form", () => {
  it("sends only what was filled in", () => {
    const values = { ...EMPTY_FORM, command: " npm run build ", env: "A=1\n# no\n\nB=x=y" };
    expect(buildOptions(values)).toEqual({ command: "npm run build", env: { A: "1", B: "x=y" } });
    expect(buildOptions(EMPTY_FORM)).toEqual({});
  });

  it("leaves it to the server to refuse a variable", () => {
    expect(variables("1A")).toEqual({ "1A": "" });
  });

  it("places a refusal at its field by its code", () => {
    expect(fieldOf(refusal("address_not_allowed"))).toBe("url");
    expect(fieldOf(refusal("invalid_ref"))).toBe("ref");
    expect(fieldOf(refusal("invalid_option", "A build option is not acceptable: build.output: must …"))).toBe(
      "output",
    );
    expect(fieldOf(refusal("invalid_option", "A build option is not acceptable: build.env.1A: …"))).toBe(
      "env",
    );
    expect(fieldOf(refusal("overloaded"))).toBeUndefined();
    expect(fieldOf(new Error("x"))).toBeUndefined();
  });
});

it("calls an upload by as much of its name as can be shown", () => {
  expect(shownName("my-site")).toBe("my-site");
  expect(shownName(" a\u202e\u0007b\n")).toBe("ab");
  expect(shownName("😀".repeat(101))).toBe("😀".repeat(100));
  expect(shownName("\u200b ")).toBeUndefined();
});

describe("the archive", () => {
  it("is what tar reads, long and foreign names included", async () => {
    const { execFileSync } = await import("node:child_process");
    const long = `${"folder/".repeat(30)}file.txt`;
    const blob = tarOf([
      { path: "index.html", content: new Blob(["<h1>hi</h1>"]) },
      { path: long, content: new Blob(["a".repeat(513)]) },
      { path: "grüße/ß.txt", content: new Blob([""]) },
    ]);
    const bytes = Buffer.from(await blob.arrayBuffer());
    const listed = execFileSync("tar", ["--quoting-style=literal", "-tf", "-"], {
      input: bytes,
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
    expect(listed.toString().trim().split("\n")).toEqual(["index.html", long, "grüße/ß.txt"]);
    const content = execFileSync("tar", ["-xOf", "-", long], { input: bytes });
    expect(content.length).toBe(513);
  });
});
