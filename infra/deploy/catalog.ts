// The catalog of pnpm-workspace.yaml: the exact version of every third-party package.

/**
 * Reads the flat `catalog:` block (`name: version` lines indented by two blanks).
 * @throws {Error} when there is no such block, or a line of it reads differently.
 */
export function parseCatalog(workspaceYaml: string): Map<string, string> {
  const lines = workspaceYaml.split('\n');
  const start = lines.indexOf('catalog:');
  if (start === -1) throw new Error('pnpm-workspace.yaml has no catalog: block; add one');
  const catalog = new Map<string, string>();
  for (const [offset, line] of lines.slice(start + 1).entries()) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    if (!line.startsWith(' ')) break;
    const entry = /^ {2}"?([^":]+)"?: "?([^"#\s]+)"?\s*(#.*)?$/.exec(line);
    if (entry?.[1] === undefined || entry[2] === undefined) {
      const at = start + offset + 2;
      throw new Error(`pnpm-workspace.yaml:${at}: expected "  name: version", read "${line}"`);
    }
    catalog.set(entry[1], entry[2]);
  }
  return catalog;
}
