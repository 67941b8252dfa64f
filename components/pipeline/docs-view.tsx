"use client"
import Markdown, { type Components } from "react-markdown"
import remarkGfm from "remark-gfm"

/** An author's Markdown. HTML in it stays text and addresses with other schemes lose their link: docs cannot run code. */
export default function DocsView({ text }: { text: string }) {
  return (
    <div className="max-w-[760px] px-6 py-5 text-14 leading-6 max-sm:px-4 [&_a]:text-accent-t [&_a]:underline [&_blockquote]:border-line-strong [&_blockquote]:border-l-2 [&_blockquote]:pl-3 [&_blockquote]:text-t2 [&_h2]:mt-5 [&_h2]:mb-2 [&_h2]:text-16 [&_h2]:first:mt-0 [&_h3]:mt-4 [&_h3]:mb-1.5 [&_h3]:text-14 [&_li]:my-0.5 [&_ol]:my-2 [&_ol]:list-decimal [&_ol]:pl-6 [&_p]:my-2 [&_pre]:my-3 [&_pre]:overflow-auto [&_pre]:rounded-2 [&_pre]:bg-canvas [&_pre]:p-3 [&_table]:my-3 [&_td]:border-grid [&_td]:border-b [&_td]:py-1 [&_td]:pr-6 [&_th]:border-line [&_th]:border-b [&_th]:py-1 [&_th]:pr-6 [&_th]:text-left [&_ul]:my-2 [&_ul]:list-disc [&_ul]:pl-6">
      <Markdown remarkPlugins={[remarkGfm]} components={COMPONENTS}>
        {text}
      </Markdown>
    </div>
  )
}

/** The page has its own first heading: an author's go one level down. */
const COMPONENTS: Components = {
  h1: ({ children }) => <h2>{children}</h2>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h4 className="mt-3 font-strong">{children}</h4>,
  a: ({ children, href }) => (
    <a href={href} rel="noreferrer noopener" {...(href?.startsWith("http") ? { target: "_blank" } : {})}>
      {children}
    </a>
  ),
}
