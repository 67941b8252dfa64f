"use client"
import type { ReactFlowInstance } from "@xyflow/react"
import { Button } from "../ui/button.tsx"
import { motionMs } from "./viewport.ts"

/** Out, in, and the whole graph; at the lower left of its pane. */
export function ZoomButtons({ flow, onFit }: { flow: ReactFlowInstance | null; onFit: () => void }) {
  const zoom = (factor: number) => flow && void flow.zoomTo(flow.getZoom() * factor, { duration: motionMs() })
  return (
    <div className="absolute bottom-4 left-6 z-[5] flex rounded-2 bg-raised shadow-1">
      <Button variant="ghost" icon="minus" aria-label="Zoom out" title="Zoom out" onClick={() => zoom(1 / 1.3)} />
      <Button variant="ghost" icon="plus" aria-label="Zoom in" title="Zoom in" onClick={() => zoom(1.3)} />
      <Button
        variant="ghost"
        icon="fit"
        aria-label="Show the whole graph"
        title="Show the whole graph"
        onClick={onFit}
      />
    </div>
  )
}
