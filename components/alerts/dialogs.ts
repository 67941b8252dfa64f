"use client"
import dynamic from "next/dynamic"

/** Dialogs come when they are first opened: the page does without forms and their checks until then. */
export const RuleDialog = dynamic(() => import("./rule-dialog.tsx").then((file) => file.RuleDialog), { ssr: false })
export const RouteDialog = dynamic(() => import("./route-dialog.tsx").then((file) => file.RouteDialog), { ssr: false })
export const ChannelDialog = dynamic(() => import("./channel-dialog.tsx").then((file) => file.ChannelDialog), {
  ssr: false,
})
export const MaintenanceDialog = dynamic(
  () => import("./maintenance-dialog.tsx").then((file) => file.MaintenanceDialog),
  {
    ssr: false,
  },
)
