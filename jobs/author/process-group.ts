import { type ChildProcess, type SpawnOptions, type StdioOptions, spawn } from "node:child_process"
import { accessSync, constants } from "node:fs"

/**
 * Starts a command as the leader of a process group of its own, which `killGroup` ends with all its descendants. Where
 * this process dies, even by SIGKILL, the group is killed too: at once by Linux for the leader (`setpriv --pdeathsig`,
 * where it is installed), and by a small watcher for whatever else is in the group.
 */
export function spawnGroup(
  command: string,
  args: readonly string[],
  options: Omit<SpawnOptions, "stdio"> & { stdio: StdioOptions & unknown[] },
): ChildProcess {
  const { stdin: watch } = startWatcher()
  const announce = ANNOUNCE.replaceAll("FD", String(options.stdio.length))
  const [program, ...rest] = [...DEATH_SIGNAL, "/bin/sh", "-c", announce, "sh", command, ...args] as [
    string,
    ...string[],
  ]
  const child = spawn(program, rest, { ...options, stdio: [...options.stdio, watch] as StdioOptions, detached: true })
  child.once("exit", () => watch?.write(`del ${child.pid}\n`))
  return child
}

/**
 * The leader tells the watcher of itself before it becomes the command: told by us, there would be a moment in which the
 * command runs unwatched. In a subshell, because a broken pipe kills the shell that writes.
 */
const ANNOUNCE = '(echo "add $$" >&FD) 2>/dev/null; exec FD>&-; unset PWD OLDPWD; exec "$@"'

/** Signals every process of a group that `spawnGroup` started; one that is gone is fine. */
export function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // Nothing of it is left.
  }
}

/** setpriv executes the command in its own place, so the pid stays the one that was spawned. */
const DEATH_SIGNAL = findSetpriv()

function findSetpriv(): string[] {
  for (const path of ["/usr/bin/setpriv", "/bin/setpriv"]) {
    try {
      accessSync(path, constants.X_OK)
      return process.platform === "linux" ? [path, "--pdeathsig", "KILL"] : []
    } catch {
      // Not here.
    }
  }
  return []
}

/**
 * Reads `add <group>` and `del <group>`, and kills what is left when its input ends, which happens however this process
 * dies. A shell, because it takes 1 MB where another Node takes 40.
 */
const WATCHER = `
trap '' INT TERM HUP
groups=' '
while read -r verb id; do
  case $verb in
    add) groups="$groups$id " ;;
    del) case $groups in *" $id "*) groups="\${groups%%" $id "*} \${groups#*" $id "}" ;; esac ;;
  esac
done
for id in $groups; do kill -s KILL -- "-$id" 2>/dev/null; done
`
let watcher: ChildProcess | null = null

function startWatcher(): ChildProcess {
  if (watcher !== null && watcher.exitCode === null && watcher.signalCode === null) return watcher
  const started = spawn("/bin/sh", ["-c", WATCHER], {
    detached: true,
    env: {} as never,
    stdio: ["pipe", "ignore", "ignore"],
  })
  // Without a shell there is still the death signal; neither may keep this process alive.
  started.on("error", () => {})
  started.stdin.on("error", () => {})
  started.unref()
  const input = started.stdin as unknown as { unref?(): void }
  input.unref?.()
  watcher = started
  return started
}
