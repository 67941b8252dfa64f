"use client"
import { type KeyboardEvent, useRef, useState } from "react"
import { cn } from "../ui/cn.ts"
import { SearchInput } from "../ui/input.tsx"

const MOST = 8

/**
 * Finds a task, or another `noun` with an id, by part of its name, and brings it into view; `/` from anywhere, Enter takes the
 * first, arrows choose.
 */
export function TaskSearch({
  tasks,
  onFind,
  noun = "task",
  className = "w-[150px]",
}: {
  tasks: readonly { id: string }[]
  onFind: (taskId: string) => void
  noun?: string
  className?: string
}) {
  const [text, setText] = useState("")
  const list = useRef<HTMLUListElement>(null)
  const found = text === "" ? [] : matching(tasks, text)
  const take = (taskId: string) => {
    setText("")
    onFind(taskId)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === "Escape") setText("")
    if (event.key === "Enter" && event.target instanceof HTMLInputElement && found[0]) take(found[0])
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return
    event.preventDefault()
    const options = [...(list.current?.querySelectorAll("button") ?? [])]
    const at = options.indexOf(document.activeElement as HTMLButtonElement)
    options[Math.max(0, Math.min(options.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))]?.focus()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the field and the buttons inside
    <div className="relative" onKeyDown={onKeyDown}>
      <SearchInput
        label={`Find a ${noun}`}
        value={text}
        onValueChange={setText}
        className={cn("h-6 text-12", className)}
      />
      {text !== "" && (
        <ul
          ref={list}
          aria-label="Found"
          className="absolute top-8 right-0 z-30 w-64 animate-rise rounded-3 bg-raised p-1 shadow-2"
        >
          {found.map((id) => (
            <li key={id}>
              <button
                type="button"
                className="flex h-7 w-full items-center rounded-2 px-2 text-left hover:bg-hover focus:bg-hover"
                onClick={() => take(id)}
              >
                <span className="truncate">{id}</span>
              </button>
            </li>
          ))}
          {found.length === 0 && <li className="px-2 py-1 text-t2">No {noun} has this in its name.</li>}
        </ul>
      )}
    </div>
  )
}

/** Names that begin with the text stand before names that only hold it. */
function matching(tasks: readonly { id: string }[], text: string): string[] {
  const wanted = text.trim().toLowerCase()
  return tasks
    .map((task) => ({ id: task.id, at: task.id.toLowerCase().indexOf(wanted) }))
    .filter(({ at }) => at !== -1)
    .toSorted((a, b) => Math.min(a.at, 1) - Math.min(b.at, 1) || (a.id < b.id ? -1 : 1))
    .slice(0, MOST)
    .map(({ id }) => id)
}
