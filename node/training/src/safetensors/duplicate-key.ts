// JSON.parse keeps the last of two equal keys in silence; a file that says two things about one tensor
// must not be read by either.

/** A key that stands twice in one object of valid JSON; `undefined` without one. */
export function duplicateKey(json: string): string | undefined {
  const objects: Set<string>[] = [];
  for (const token of json.matchAll(/[{}]|"(?:[^"\\]|\\.)*"(\s*:)?/g)) {
    const [text, colon] = token;
    if (text === '{') objects.push(new Set());
    else if (text === '}') objects.pop();
    else if (colon !== undefined) {
      const key: string = JSON.parse(text.slice(0, -colon.length));
      const keys = objects.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return undefined;
}
