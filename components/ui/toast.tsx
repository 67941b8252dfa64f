"use client"
import { toast as sonner } from "sonner"
import { StateIcon } from "./icon.tsx"

interface ToastOptions {
  /** A second sentence. */
  description?: string
  /** Undo, or the way to what was made. */
  action?: { label: string; onClick: () => void }
}

/** Says in one sentence what happened. Success needs no answer; an error says what to do next. */
export const toast = {
  success: (message: string, options?: ToastOptions) =>
    sonner(message, { ...options, icon: <StateIcon name="success" size={16} /> }),
  error: (message: string, options?: ToastOptions) =>
    sonner(message, { ...options, icon: <StateIcon name="failed" size={16} />, duration: 12_000 }),
}
