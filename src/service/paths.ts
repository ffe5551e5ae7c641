// Where the package's own files are, in a checkout (src/*.ts) as in the compiled package (dist/*.js).

/** The package's root folder. */
export const packageRoot = new URL('../../', import.meta.url);

/** A module of ours, beside `from` by the given path without ending, as source or compiled. */
export function moduleUrl(path: string, from: string): URL {
  return new URL(`${path}${from.endsWith('.ts') ? '.ts' : '.js'}`, from);
}
