"use client"
import { Button } from "../ui/button.tsx"
import { Menu, MenuLabel, MenuRadioGroup } from "../ui/menu.tsx"
import { setTheme, type Theme, useTheme } from "./theme.ts"

const OPTIONS = [
  { value: "system", label: "Like the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
] as const

/** Light, dark, or what the system says. */
export function ThemeMenu() {
  const theme = useTheme()
  return (
    <Menu trigger={<Button variant="ghost" icon="theme" aria-label="Theme" title="Theme" />}>
      <MenuLabel>Theme</MenuLabel>
      <MenuRadioGroup value={theme} onValueChange={(value) => setTheme(value as Theme)} options={OPTIONS} />
    </Menu>
  )
}
