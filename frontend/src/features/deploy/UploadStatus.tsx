import type { UploadProgress } from "@/api/transport";
import { Button } from "@/components/Button";
import { ProgressBar } from "@/components/ProgressBar";
import { formatBytes } from "@/format/bytes";

export function UploadStatus({ progress, onStop }: { progress: UploadProgress; onStop: () => void }) {
  const { sent, total } = progress;
  return (
    <div className="flex items-center gap-4">
      <div className="min-w-0 flex-1">
        <p className="tabular mb-1.5 flex justify-between text-muted text-xs">
          <span>{sent < total ? "Uploading" : "Checking the archive"}</span>
          <span>
            {formatBytes(sent)} of {formatBytes(total)}
          </span>
        </p>
        <ProgressBar value={sent} max={total} label="Upload" />
      </div>
      <Button size="sm" onClick={onStop}>
        Stop
      </Button>
    </div>
  );
}
