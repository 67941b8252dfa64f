/** `schema.name` means the warehouse's table. */
export function datasetId(name: string): string {
  return name.split(".").length === 2 ? `warehouse.${name}` : name
}
