import { Select } from "./input.tsx"

/** One filter of a list as a choice of the values that occur; "Any …" clears it. */
export function Facet({
  label,
  value,
  values,
  onPick,
}: {
  label: string
  value: string | null
  values: readonly string[]
  onPick: (value: string | null) => void
}) {
  return (
    <Select
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => onPick(event.target.value || null)}
      className="max-w-40"
    >
      <option value="">Any {label.toLowerCase()}</option>
      {values.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </Select>
  )
}
