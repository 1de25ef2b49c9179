import { Clock3, Download, WrapText } from "lucide-react";
import { IconButton } from "@/components/IconButton";
import { LogSearchBox } from "./LogSearchBox";
import type { FeedState } from "./log-store";
import type { LogSearch } from "./useLogSearch";

export interface LogToolbarProps {
  search: LogSearch;
  state: FeedState;
  lineCount: number;
  wrap: boolean;
  onWrap: () => void;
  times: boolean;
  onTimes: () => void;
  downloadUrl: string;
  downloadName: string;
}

const STATES: Record<FeedState, string> = {
  connecting: "Connecting",
  live: "Live",
  polling: "Polling",
  reconnecting: "Reconnecting",
  ended: "Complete",
};

export function LogToolbar(props: LogToolbarProps) {
  const { search, state, lineCount, wrap, onWrap, times, onTimes, downloadUrl, downloadName } = props;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-line border-b px-3 py-2">
      <LogSearchBox search={search} />
      <div className="ml-auto flex items-center gap-1">
        <span className="tabular mr-2 whitespace-nowrap text-muted text-xs">
          {STATES[state]}, {lineCount.toLocaleString("en")} {lineCount === 1 ? "line" : "lines"}
        </span>
        <IconButton label="Timestamps" pressed={times} onClick={onTimes}>
          <Clock3 aria-hidden className="size-4" />
        </IconButton>
        <IconButton label="Wrap long lines" pressed={wrap} onClick={onWrap}>
          <WrapText aria-hidden className="size-4" />
        </IconButton>
        <a
          href={downloadUrl}
          download={downloadName}
          title="Download the log"
          className="inline-flex size-8 items-center justify-center rounded-md text-muted hover:bg-sunken hover:text-ink"
        >
          <Download aria-hidden className="size-4" />
          <span className="sr-only">Download the log</span>
        </a>
      </div>
    </div>
  );
}
