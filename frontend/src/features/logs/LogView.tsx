"use client";

import { useEffect, useRef, useState } from "react";
import { logTextUrl } from "@/api/logs";
import { ErrorState } from "@/components/ErrorState";
import { LogToolbar } from "./LogToolbar";
import { LogViewport } from "./LogViewport";
import { lineOfHash, useLineHash } from "./useLineHash";
import { useLog } from "./useLog";
import { useLogSearch } from "./useLogSearch";
import { useLogWindow } from "./useLogWindow";

const NARROW = "(max-width: 40rem)";

export interface LogViewProps {
  id: string;
  /** Whether the deployment has ended, so that an empty log stays empty. */
  finished: boolean;
}

/** The log: live, searched, windowed. */
export function LogView({ id, finished }: LogViewProps) {
  const { store, version } = useLog(id);
  const [wrap, setWrap] = useState(() => window.matchMedia(NARROW).matches);
  const [times, setTimes] = useState(false);
  const linked = useLineHash();
  const count = store.lines.length;
  const view = useLogWindow({
    count,
    version,
    wrap,
    startFollowing: lineOfHash(window.location.hash) === 0,
  });
  const search = useLogSearch(store, version, view.show);
  const shownLink = useRef(0);
  useEffect(() => {
    const place = linked > 0 && linked !== shownLink.current ? store.indexOf(linked) : -1;
    // The store may have lines that are not laid out yet.
    if (place < 0 || place >= count) return;
    shownLink.current = linked;
    view.show(place);
  }, [linked, count, store, view.show]);
  return (
    <section aria-label="Log" className="overflow-hidden rounded-lg border border-line bg-raised">
      <LogToolbar
        search={search}
        state={store.state}
        lineCount={count}
        wrap={wrap}
        onWrap={() => setWrap(!wrap)}
        times={times}
        onTimes={() => setTimes(!times)}
        downloadUrl={logTextUrl(id)}
        downloadName={`${id}.log`}
      />
      {store.error && store.lines.length === 0 ? (
        <div className="p-4">
          <ErrorState error={store.error} />
        </div>
      ) : (
        <LogViewport
          store={store}
          view={view}
          search={search}
          linked={linked}
          wrap={wrap}
          times={times}
          finished={finished}
        />
      )}
    </section>
  );
}
