/** What a heap asks of its items: room for their place in it, so that they can be moved and removed in O(log n). */
export interface HeapItem {
  /** Owned by the heap that holds the item; -1 while none does. An item is in one heap at a time. */
  heapIndex: number;
}

/** A binary min-heap whose items can leave from the middle. `before` is a strict total order. */
export class Heap<T extends HeapItem> {
  #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    // The first item's array has room for one: most heaps never hold more, and a push would make room for 17.
    if (this.#items.length === 0) this.#items = [item];
    else this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  holds(item: T): boolean {
    return item.heapIndex !== -1 && this.#items[item.heapIndex] === item;
  }

  /** The item must be in this heap. What orders it may have changed meanwhile. */
  remove(item: T): void {
    const index = item.heapIndex;
    const last = this.#items.pop();
    item.heapIndex = -1;
    if (last === undefined || last === item) return;
    this.#rise(last, index);
    this.#sink(last, last.heapIndex);
  }

  clear(): void {
    for (const item of this.#items) item.heapIndex = -1;
    this.#items = [];
  }

  values(): Iterable<T> {
    return this.#items;
  }

  #rise(item: T, from: number): void {
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#items[parentIndex] as T;
      if (!this.#before(item, parent)) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(item, index);
  }

  #sink(item: T, from: number): void {
    let index = from;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= this.#items.length) break;
      const right = left + 1;
      const leftItem = this.#items[left] as T;
      const rightItem = this.#items[right];
      const smaller = rightItem !== undefined && this.#before(rightItem, leftItem) ? right : left;
      const child = this.#items[smaller] as T;
      if (!this.#before(child, item)) break;
      this.#place(child, index);
      index = smaller;
    }
    this.#place(item, index);
  }

  #place(item: T, index: number): void {
    this.#items[index] = item;
    item.heapIndex = index;
  }
}
