"use client";

import { useEffect, useState } from "react";
import { apiBase } from "@/api/base";
import { CopyButton } from "@/components/CopyButton";
import { Panel } from "@/components/Panel";

/** The same from a terminal or a script. */
export function OtherWays() {
  const [api, setApi] = useState("http://localhost:3002");
  useEffect(() => setApi(apiBase()), []);
  const ways = [
    { title: "The folder you are in", text: "shipstack deploy . --follow" },
    { title: "A finished site", text: "shipstack deploy dist --prebuilt" },
    {
      title: "From a script",
      text: `curl --json '{"git":{"url":"https://…"}}' ${api}/v1/deployments`,
    },
  ];
  return (
    <Panel title="From a terminal">
      <dl className="flex flex-col gap-4">
        {ways.map(({ title, text }) => (
          <div key={title}>
            <dt className="flex items-center justify-between text-muted text-xs">
              {title}
              <CopyButton text={text} label={`Copy: ${title}`} className="-my-1.5" />
            </dt>
            <dd className="mt-1 rounded-md border border-line bg-canvas px-3 py-2">
              <code className="block break-words font-mono text-xs leading-5">{text}</code>
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
