import { didYouMean } from "../../domain/closest.ts"
import { columnsOfVersion } from "./columns.ts"
import { type GenericTest, readGenericTest, type TestTarget } from "./generic-test.ts"
import type { Package } from "./load-project.ts"
import { asList } from "./merge-config.ts"
import { fqnPrefix } from "./names.ts"
import type { MacroNode, TestNode } from "./node.ts"
import { addNode, parseNode } from "./parse-node.ts"
import { listSourceTables } from "./parse-sources.ts"
import type { ParseState, Rendering } from "./parse-state.ts"
import { type PropertiesFile, placeOf } from "./patches.ts"
import { ProjectError, withPlace } from "./project-error.ts"
import type { ColumnProperties, ModelProperties } from "./properties-schema.ts"
import type { Entry } from "./read-properties.ts"
import type { YamlMap, YamlPath } from "./read-yaml.ts"
import { recallTests } from "./recall-nodes.ts"

/** Makes the nodes of all generic tests that properties files ask for. Nodes and sources have to be there already. */
export function parseGenericTests(state: ParseState, files: readonly PropertiesFile[]): void {
  for (const file of files) {
    for (const kind of ["models", "seeds", "snapshots"] as const) {
      for (const [index, entry] of (file.content[kind] as Entry<ModelProperties>[]).entries()) {
        const key = `tests ${file.of.name} ${file.path} ${kind} ${index}`
        recallTests(state, key, [entry, file.relativePath], (within) => testsOfNode(within, file, kind, entry))
      }
    }
  }
  for (const { file, entry, source, table } of listSourceTables(files)) {
    const index = (entry.value.tables ?? []).findIndex(({ name }) => name === table.name)
    const make = (within: ParseState) =>
      testsOf(within, {
        file,
        path: [...entry.path, "tables", index],
        fileKey: `sources.${source.name}`,
        attached: null,
        tags: [...asList(source.tags), ...asList(table.tags)].map(String),
        target: {
          call: `source('${source.name}', '${table.name}')`,
          name: `${source.name}_${table.name}`,
          isSource: true,
          version: null,
          columnName: null,
        },
        tests: [...(table.tests ?? []), ...(table.data_tests ?? [])],
        columns: table.columns ?? [],
      })
    const key = `tests ${file.of.name} ${file.path} ${source.name}.${table.name}`
    recallTests(state, key, [source, table, entry, file.relativePath], make)
  }
}

interface TestsAt {
  file: PropertiesFile
  path: YamlPath
  fileKey: string
  /** The node that they stand at. */
  attached: string | null
  tags: string[]
  target: TestTarget
  tests: readonly unknown[]
  columns: readonly ColumnProperties[]
}

function testsOfNode(
  state: ParseState,
  file: PropertiesFile,
  kind: "models" | "seeds" | "snapshots",
  entry: Entry<ModelProperties>,
): void {
  const { value, path } = entry
  const { name, versions } = value
  const common = { file, path, fileKey: `${kind}.${name}`, tags: [] }
  const uniqueId = `${kind.slice(0, -1)}.${file.of.name}.${name}`
  if (kind !== "models" || !versions?.length) {
    testsOf(state, {
      ...common,
      attached: uniqueId,
      target: { call: `ref('${name}')`, name, isSource: false, version: null, columnName: null },
      tests: [...(value.tests ?? []), ...(value.data_tests ?? [])],
      columns: value.columns ?? [],
    })
    return
  }
  for (const version of versions) {
    const own = version.data_tests ?? version.tests
    testsOf(state, {
      ...common,
      attached: `${uniqueId}.v${version.v}`,
      target: {
        call: `ref('${name}', version='${version.v}')`,
        name: `${name}_v${version.v}`,
        isSource: false,
        version: version.v,
        columnName: null,
      },
      tests: own ?? [...(value.tests ?? []), ...(value.data_tests ?? [])],
      columns: columnsOfVersion(value, version),
    })
  }
}

function testsOf(state: ParseState, at: TestsAt): void {
  for (const column of at.columns) {
    const columnName = column.quote ? `"${column.name}"` : column.name
    for (const test of [...(column.tests ?? []), ...(column.data_tests ?? [])]) {
      const tags = [...at.tags, ...asList(column.tags).map(String)]
      parseGenericTest(state, { ...at, tags, target: { ...at.target, columnName } }, test, column.name)
    }
  }
  for (const test of at.tests) parseGenericTest(state, at, test, null)
}

function parseGenericTest(state: ParseState, at: TestsAt, entry: unknown, column: string | null): void {
  const { file, target } = at
  const { of } = file
  const place = () => placeOfTest(at, entry, column)
  let test: GenericTest
  try {
    const source = { file: file.path, line: 1 }
    test = readGenericTest(entry, target, (value) => state.renderer.renderValue(value, of.name, source))
  } catch (error) {
    const message = error instanceof ProjectError ? error.problems[0]!.message : (error as Error).message
    throw new ProjectError({ ...place(), message }, { cause: error })
  }
  const macro = findTestMacro(state, of, test)
  if (!macro) {
    const { name, namespace } = test.metadata
    const full = namespace ? `${namespace}.${name}` : name
    throw new ProjectError({
      ...place(),
      message: `there is no test "${full}"${didYouMean(full, knownTests(state, of))}`,
    })
  }
  const folder = fqnPrefix(of.name, file.relativePath)
  const node = parseNode(state, {
    type: "test",
    of,
    name: test.name,
    uniqueId: `test.${of.name}.${test.name}.${test.hash}`,
    fqn: [...folder, test.name],
    path: `${test.shortName}.sql`,
    originalFilePath: file.path,
    rawCode: test.rawCode,
    startLine: 1,
    checksum: { name: "none", checksum: "" },
    description: test.description,
    properties: [test.config],
    extra: {
      test_metadata: test.metadata,
      column_name: target.columnName,
      file_key_name: at.fileKey,
      attached_node: at.attached,
    } satisfies Partial<TestNode>,
    read: isReadable(macro)
      ? (_, _source) => callsOfTest(macro, at)
      : (draft, source) => {
          const rendering = withPlace(file.path, place, () => state.renderer.renderGenericTest(draft, source))
          return { ...rendering, macros: [...new Set([macro.unique_id, ...rendering.macros])] }
        },
  })
  node.tags = [...new Set([...at.tags, ...node.tags])]
  const other = state.manifest.nodes.get(node.unique_id)
  if (other && node.config.enabled) {
    const message = `the test "${node.name}" is asked for twice with the same arguments; remove one, or give it a name.`
    throw new ProjectError({ ...place(), message })
  }
  addNode(state, node)
}

/** What `unique` and `not_null` do while parsing is known: they read their model. Everything else is rendered. */
function isReadable({ unique_id }: MacroNode): boolean {
  return unique_id === "macro.dbt.test_unique" || unique_id === "macro.dbt.test_not_null"
}

function callsOfTest({ unique_id }: MacroNode, { target }: TestsAt): Rendering {
  const { isSource, version, call } = target
  const [first = "", second = ""] = [...call.matchAll(/'([^']*)'/g)].map((match) => match[1]!)
  return {
    refs: isSource ? [] : [{ name: first, package: null, version }],
    sources: isSource ? [[first, second]] : [],
    metrics: [],
    configs: [],
    macros: [unique_id],
  }
}

function findTestMacro({ macros }: ParseState, of: Package, { metadata }: GenericTest): MacroNode | null {
  const name = `test_${metadata.name}`
  if (metadata.namespace === null) return macros.find(name, of.name)
  return macros.inPackage(metadata.namespace)?.get(name) ?? null
}

function knownTests({ macros, root }: ParseState, of: Package): string[] {
  const names: string[] = []
  for (const { name, package_name } of macros.all()) {
    if (!name.startsWith("test_")) continue
    const bare = name.slice("test_".length)
    if ([of.name, root.name, "dbt"].includes(package_name)) names.push(bare)
    names.push(`${package_name}.${bare}`)
  }
  return names
}

function placeOfTest({ file, path }: TestsAt, entry: unknown, column: string | null) {
  const { yaml } = file.content
  const found = locate(yaml.value as YamlMap, path)
  const columns = (found?.columns ?? []) as YamlMap[]
  const columnIndex = columns.findIndex((each) => each?.name === column)
  const holder = column === null ? found : columns[columnIndex]
  const base = column === null ? path : [...path, "columns", columnIndex]
  for (const key of ["tests", "data_tests"]) {
    const list = holder?.[key]
    const index = Array.isArray(list) ? list.findIndex((each) => JSON.stringify(each) === JSON.stringify(entry)) : -1
    if (index >= 0) return { file: file.path, ...yaml.at([...base, key, index]) }
  }
  return placeOf(file, { path: base })
}

function locate(value: YamlMap, path: YamlPath): YamlMap | null {
  let at: unknown = value
  for (const key of path) at = (at as Record<string | number, unknown> | null)?.[key]
  return (at ?? null) as YamlMap | null
}
