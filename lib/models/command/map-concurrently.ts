/** Works on each of a list, so many at a time; the results stand in the order of the list. */
export async function mapConcurrently<In, Out>(
  list: readonly In[],
  concurrency: number,
  work: (each: In, worker: number) => Promise<Out>,
): Promise<Out[]> {
  const results = new Array<Out>(list.length)
  let next = 0
  const runWorker = async (worker: number): Promise<void> => {
    for (let place = next++; place < list.length; place = next++) results[place] = await work(list[place]!, worker)
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, list.length) }, (_, worker) => runWorker(worker)))
  return results
}
