/** Flags of Node about the heap's size that this process was started with: those that it starts get the same ones, and no others. */
export const heapFlags: readonly string[] = process.execArgv.filter((flag) =>
  /^--max[-_](semi|old)[-_]space[-_]size=/.test(flag),
);
