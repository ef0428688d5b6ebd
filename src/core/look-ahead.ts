/** Work ahead of whoever takes its results. */

/**
 * What `source` yields, with the next value in the making while the last one is looked at.
 *
 * One value ahead, never more, so memory is bounded. An error of the source comes after all that it yielded before it.
 * When the consumer leaves early, the value in the making is waited for and dropped and the source is closed: nothing
 * goes on behind the consumer's back.
 */
export async function* lookAhead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = settled(source);
  try {
    for (;;) {
      const { result, failure } = await next;
      if (failure) throw failure.error;
      if (result.done === true) return;
      next = settled(source);
      yield result.value;
    }
  } finally {
    await next;
    await source.return(undefined);
  }
}

type Outcome<T> =
  | { readonly result: IteratorResult<T>; readonly failure?: undefined }
  | { readonly result?: undefined; readonly failure: { readonly error: unknown } };

/** The next value or what went wrong: kept until it is asked for, where a rejected promise would end the process. */
async function settled<T>(source: AsyncGenerator<T>): Promise<Outcome<T>> {
  try {
    return { result: await source.next() };
  } catch (error) {
    return { failure: { error } };
  }
}
