import { type ClassNameValue, extendTailwindMerge } from "tailwind-merge"

const merge = extendTailwindMerge({
  extend: {
    theme: {
      text: ["10", "11", "12", "13", "14", "16", "20", "28"],
      radius: ["1", "2", "3", "full"],
      shadow: ["1", "2"],
      "font-weight": ["body", "med", "strong"],
    },
  },
})

/** Joins class names; of two Tailwind classes for the same property the later wins. */
export function cn(...classes: ClassNameValue[]): string {
  return merge(classes)
}
