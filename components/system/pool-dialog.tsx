"use client"
import { useForm } from "react-hook-form"
import type { SlotLimit } from "#lib/contracts/api/queue.ts"
import { POOL_NAME } from "#lib/domain/admission.ts"
import { useSetPool } from "../queries/queue.ts"
import { Button } from "../ui/button.tsx"
import { Dialog } from "../ui/dialog.tsx"
import { Field, Input } from "../ui/input.tsx"

/** Changes a pool's capacity, or makes a pool. */
export function PoolDialog({ pool, onClose }: { pool: SlotLimit | null; onClose: () => void }) {
  const setPool = useSetPool()
  const form = useForm({
    defaultValues: {
      name: pool?.name ?? "",
      capacity: String(pool?.capacity ?? 8),
      description: pool?.description ?? "",
    },
  })
  const { errors } = form.formState
  const save = form.handleSubmit(async ({ name, capacity, description }) => {
    // The mutation says what went wrong; the dialog stays, with what was typed.
    const isSaved = await setPool.mutateAsync({ name, capacity: Number(capacity), description }).then(
      () => true,
      () => false,
    )
    if (isSaved) onClose()
  })
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={pool ? `Change pool ${pool.name}` : "New pool"}
      description={
        pool
          ? `${pool.used} of its slots are in use, ${pool.waiting} tasks wait. More slots let waiting tasks go at once; with fewer, what runs goes on.`
          : "Tasks that name it share its slots across all pipelines and workers."
      }
      footer={
        <>
          <Button onClick={onClose}>Change nothing</Button>
          <Button variant="primary" type="submit" form="pool" disabled={setPool.isPending}>
            {pool ? "Save" : "Make the pool"}
          </Button>
        </>
      }
    >
      <form id="pool" onSubmit={save} noValidate className="flex flex-col gap-3">
        {!pool && (
          <Field label="Name" error={errors.name?.message}>
            <Input
              autoComplete="off"
              {...form.register("name", {
                validate: (text) => POOL_NAME.test(text) || "Use letters, digits, and . _ : - between them.",
              })}
            />
          </Field>
        )}
        <Field label="Slots" hint="0 closes it: nothing more of it starts." error={errors.capacity?.message}>
          <Input
            inputMode="numeric"
            autoComplete="off"
            {...form.register("capacity", {
              validate: (text) =>
                /^\d{1,7}$/.test(text) && Number(text) <= 1_000_000 ? true : "A whole number up to 1,000,000.",
            })}
          />
        </Field>
        <Field label="What it protects (optional)">
          <Input maxLength={1_000} {...form.register("description")} />
        </Field>
      </form>
    </Dialog>
  )
}
