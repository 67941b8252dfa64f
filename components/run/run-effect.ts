"use client"
import { queryOptions } from "@tanstack/react-query"
import type { RunDetail, RunEffect } from "#lib/contracts/api/runs.ts"
import { sendJson } from "../queries/client.ts"
import { type ActionOptions, actionRequest, cancelEffect, type RunAction } from "./run-action.ts"

/**
 * What an action would do now, worked out by the code that does it. Changes nothing. Never served from the cache: between
 * two looks the run may have moved on.
 */
export const runEffectQuery = (run: RunDetail, action: RunAction, options: ActionOptions) =>
  queryOptions({
    queryKey: ["run-effect", run.id, action, options, run.state, run.tasks] as const,
    queryFn: async (): Promise<RunEffect> => {
      if (action.kind === "cancel") return cancelEffect(run)
      const { path, body } = actionRequest(run.id, action, { ...options, dryRun: true })
      return sendJson<RunEffect>("POST", path, body)
    },
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
