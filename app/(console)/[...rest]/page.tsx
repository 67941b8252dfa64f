import { notFound } from "next/navigation"

/** Any other address inside the console: says so within the shell. */
export default function UnknownPage(): never {
  notFound()
}
