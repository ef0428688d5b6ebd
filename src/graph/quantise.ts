/** Weights as 8-bit integers with a scale for each output channel. */

/** The largest magnitude of a signed 8-bit integer that has its negative. */
const LARGEST = 127;

/** Below it float32 has fewer digits, and engines may take a number for 0. */
const SMALLEST_SCALE = 2 ** -126;

/**
 * A matrix [O, I] as integers [I, O], transposed as integer products take it, and a scale for each of O:
 * weight[o][i] is about values[i][o] scales[o].
 *
 * Symmetric: 0 stays 0. A row of zeros has scale 1, and so has one whose scale float32 does not hold, which becomes zeros.
 */
export function quantiseRows(
  weight: Float32Array,
  outputs: number,
  inputs: number,
): { values: Int8Array; scales: Float32Array } {
  const values = new Int8Array(weight.length);
  const scales = new Float32Array(outputs);
  for (let o = 0; o < outputs; o++) {
    const row = weight.subarray(o * inputs, (o + 1) * inputs);
    let largest = 0;
    for (let i = 0; i < inputs; i++) largest = Math.max(largest, Math.abs(row[i] as number));
    const finest = Math.fround(largest / LARGEST);
    const scale = finest < SMALLEST_SCALE ? 1 : finest;
    scales[o] = scale;
    for (let i = 0; i < inputs; i++) values[i * outputs + o] = Math.round((row[i] as number) / scale);
  }
  return { values, scales };
}
