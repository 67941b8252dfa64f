import assert from "node:assert/strict"
import { once } from "node:events"
import http from "node:http"
import type { AddressInfo } from "node:net"
import { after, before, beforeEach, describe, it } from "node:test"
import { SMTPServer } from "smtp-server"
import { notifyOptionsSchema } from "#lib/contracts/operators/notify.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import type { AppError } from "#lib/domain/errors.ts"
import { connectionsTo, type LogLines, makeOperatorContext } from "#test/operator-context.ts"
import { notifyOperator } from "./notify.ts"

let status = 200
let posts: { url: string; body: Record<string, unknown> }[] = []
const web = http.createServer(async (request, response) => {
  let body = ""
  for await (const chunk of request) body += chunk
  posts.push({ url: request.url ?? "", body: JSON.parse(body) })
  response.writeHead(status).end()
})

let refusal: Error | null = null
let mails: { from: string; to: string[]; text: string }[] = []
const smtp = new SMTPServer({
  disabledCommands: ["STARTTLS"],
  authOptional: true,
  allowInsecureAuth: true,
  onAuth: (auth, _session, done) =>
    auth.password === "right" ? done(null, { user: auth.username }) : done(new Error("Invalid")),
  onData: async (stream, session, done) => {
    let text = ""
    for await (const chunk of stream) text += chunk
    if (refusal) return done(refusal)
    const { mailFrom, rcptTo } = session.envelope
    mails.push({ from: mailFrom ? mailFrom.address : "", to: rcptTo.map(({ address }) => address), text })
    done()
  },
})
smtp.on("error", () => {})

let webUrl: string
let smtpPort: number
before(async () => {
  await Promise.all([once(web.listen(0, "127.0.0.1"), "listening"), once(smtp.listen(0, "127.0.0.1"), "listening")])
  webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
  smtpPort = (smtp.server.address() as AddressInfo).port
})
after(() => {
  web.close()
  web.closeAllConnections()
  smtp.close()
})
beforeEach(() => {
  posts = []
  mails = []
  status = 200
  refusal = null
})

function notify(options: object, url: string | null, lines?: LogLines): Promise<TaskResultInput> {
  const message = {
    channel: "team",
    subject: "{{pipelineId}} failed",
    text: "Run {{runId}}: {{values.what}}",
    ...options,
  }
  return notifyOperator.run(
    makeOperatorContext({
      options: notifyOptionsSchema.parse(message),
      connections: connectionsTo({ notify: url === null ? {} : { team: url } }),
      task: { id: "tell" },
      attemptNumber: 2,
      ...(lines && { lines }),
    }),
  )
}

function mailUrl(login = ""): string {
  return `smtp://${login}127.0.0.1:${smtpPort}?from=headrace@example.org&to=a@example.org,b@example.org`
}

describe("notify", () => {
  it("keeps the message in Headrace where the channel has no URL", async () => {
    const lines: LogLines = []
    const result = await notify({ values: { what: "all <fine>" } }, null, lines)
    assert.deepEqual(result.notifications, [
      { channel: "console", target: "console", subject: "demo failed", state: "sent", tries: 2, error: null },
    ])
    assert.equal(lines[0]!.message, "demo failed: Run 1: all <fine>")
  })

  it("posts to Slack with its control characters escaped in values", async () => {
    const url = `${webUrl.replace("http", "slack+http")}/services/s3cret`
    const result = await notify({ values: { what: "<!channel> & co" } }, url)
    assert.deepEqual(posts, [
      { url: "/services/s3cret", body: { text: "*demo failed*\nRun 1: &lt;!channel&gt; &amp; co" } },
    ])
    assert.equal(result.notifications![0]!.channel, "slack")
    assert.doesNotMatch(JSON.stringify(result), /s3cret/)
  })

  it("posts subject, text and the run to a webhook", async () => {
    await notify({ values: { what: '"quoted"\n' } }, `${webUrl}/hook`)
    const { subject, text, pipelineId, taskId } = posts[0]!.body
    assert.deepEqual([subject, text, pipelineId, taskId], ["demo failed", 'Run 1: "quoted"\n', "demo", "tell"])
  })

  it("sends a plain text mail to every address", async () => {
    const result = await notify({ values: { what: "<b>bold</b>" } }, mailUrl())
    assert.equal(mails[0]!.from, "headrace@example.org")
    assert.deepEqual(mails[0]!.to, ["a@example.org", "b@example.org"])
    assert.match(mails[0]!.text, /^Subject: demo failed\r$/m)
    assert.match(mails[0]!.text, /^Content-Type: text\/plain/m)
    assert.match(mails[0]!.text, /Run 1: <b>bold<\/b>/)
    assert.equal(result.notifications![0]!.target, "a@example.org, b@example.org")
  })

  it("refuses a mail whose subject would hold another header", async () => {
    const options = { subject: "{{values.what}}", values: { what: "hello\r\nBcc: everyone@example.org" } }
    await assert.rejects(notify(options, mailUrl()), (error: AppError) => {
      return error.code === "notify.failed" && error.retry === "never"
    })
    assert.equal(mails.length, 0)
  })

  it("records a failed delivery without secrets, and asks for another try", async () => {
    status = 503
    await assert.rejects(notify({}, `${webUrl}/s3cret`), (error: AppError) => {
      assert.equal(error.code, "notify.failed")
      assert.equal(error.retry, "later")
      const [record] = (error.details.taskResult as TaskResultInput).notifications!
      assert.equal(record!.state, "failed")
      assert.match(record!.error!, /^127\.0\.0\.1:\d+ answered 503\.$/)
      assert.doesNotMatch(error.message + JSON.stringify(record), /s3cret/)
      return true
    })
  })

  it("does not try again what the other side refuses for good", async () => {
    status = 404
    await assert.rejects(notify({}, webUrl), (error: AppError) => error.retry === "never")
    refusal = Object.assign(new Error("no such user"), { responseCode: 550 })
    await assert.rejects(notify({}, mailUrl()), (error: AppError) => error.retry === "never")
    await assert.rejects(notify({}, mailUrl("me:wrong@")), (error: AppError) => {
      return (
        error.retry === "never" && /refused the user or password/.test(error.message) && !/wrong/.test(error.message)
      )
    })
  })

  it("tries again where the mail server is busy or away", async () => {
    refusal = Object.assign(new Error("busy"), { responseCode: 451 })
    await assert.rejects(notify({}, mailUrl()), (error: AppError) => error.retry === "later")
    await assert.rejects(
      notify({}, "smtp://127.0.0.1:1?to=a@example.org"),
      (error: AppError) => error.retry === "later",
    )
  })

  it("logs in where the channel's URL says so", async () => {
    await notify({}, mailUrl("me%40example.org:right@"))
    assert.equal(mails.length, 1)
  })

  it("names what is wrong with a channel's URL, never the URL", async () => {
    for (const url of ["s3cret", "ftp://s3cret", "smtp://s3cret@host", "smtp://host?to=a@b,s3cret%0Ax"]) {
      await assert.rejects(notify({}, url), (error: AppError) => {
        return /HEADRACE_NOTIFY_TEAM/.test(error.message) && !/s3cret/.test(error.message)
      })
    }
  })

  it("says when a template cannot be read", async () => {
    await assert.rejects(notify({ text: "{{#open}}" }, null), { code: "pipeline.invalid" })
  })
})
