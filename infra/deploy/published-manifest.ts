// The manifest of an emitted package: emitted files instead of sources, versions instead of
// references to the workspace.

export interface SourceManifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Exact versions: of workspace packages by name, and of the catalog by name. */
export interface Versions {
  readonly workspace: ReadonlyMap<string, string>;
  readonly catalog: ReadonlyMap<string, string>;
}

/**
 * The manifest that users get. Fields that only a workspace understands are left out.
 * @throws {Error} when a dependency has no exact version, or an export is no source file.
 */
export function publishedManifest(source: SourceManifest, versions: Versions): object {
  const { private: _private, devDependencies: _dev, scripts: _scripts, ...kept } = source;
  return {
    ...kept,
    exports: mapValues(source.exports, (path) => emittedExport(source.name, path)),
    files: ['dist', 'README.md', 'LICENSE'],
    dependencies: mapEntries(source.dependencies ?? {}, (name, range) =>
      exactVersion(source.name, name, range, versions),
    ),
  };
}

/** `./src/index.ts` → its declaration and its JavaScript under `./dist`. */
function emittedExport(packageName: string, path: string): { types: string; default: string } {
  const stem = /^\.\/(src\/.+)\.ts$/.exec(path)?.[1];
  if (stem === undefined) {
    throw new Error(`${packageName} exports ${path}; only ./src/*.ts can be published`);
  }
  return { types: `./dist/${stem}.d.ts`, default: `./dist/${stem}.js` };
}

function exactVersion(user: string, name: string, range: string, versions: Versions): string {
  if (range === 'workspace:*') {
    return found(versions.workspace.get(name), user, name, 'is not published; add it to the list');
  }
  if (range === 'catalog:') {
    return found(versions.catalog.get(name), user, name, 'is not in the catalog; add its version');
  }
  throw new Error(`${user} depends on ${name} by "${range}"; use "workspace:*" or "catalog:"`);
}

function found(version: string | undefined, user: string, name: string, advice: string): string {
  if (version === undefined) throw new Error(`${user} depends on ${name}, which ${advice}`);
  return version;
}

function mapValues<T, R>(record: Readonly<Record<string, T>>, map: (value: T) => R) {
  return mapEntries(record, (_, value) => map(value));
}

function mapEntries<T, R>(
  record: Readonly<Record<string, T>>,
  map: (key: string, value: T) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(key, value)]));
}
