"use client"
import { usePathname } from "next/navigation"
import { Fragment } from "react"
import { Link } from "../ui/link.tsx"
import { crumbsOf } from "./crumbs-of.ts"

/** Where this page stands, from its address: `Pipelines / daily_etl`. */
export function Crumbs() {
  const path = usePathname()
  const parts = crumbsOf(path)
  return (
    <nav aria-label="Breadcrumb" className="min-w-0 flex-1">
      <ol className="flex min-w-0 gap-1.5 overflow-hidden whitespace-nowrap text-t3">
        {parts.map((part, index) => {
          const isLast = index === parts.length - 1
          return (
            <Fragment key={part.href}>
              {index > 0 && (
                <li aria-hidden="true" className="text-line-strong">
                  /
                </li>
              )}
              <li className={isLast ? "truncate font-[560] text-t1" : ""}>
                {isLast ? (
                  <span aria-current="page">{part.label}</span>
                ) : (
                  <Link href={part.href} className="hover:text-t1">
                    {part.label}
                  </Link>
                )}
              </li>
            </Fragment>
          )
        })}
      </ol>
    </nav>
  )
}
